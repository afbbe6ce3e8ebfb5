//! The site as browsers see it: a real server on a loopback port over a real store, driven over HTTP.
//!
//! `all/site.rs` starts it, `all/browser.rs` drives it, `all/html.rs` reads pages; the other modules are the tests.

// What a test expects and does not find is a failure of the test.
#![allow(clippy::unwrap_used)]

#[path = "all/accounts.rs"]
mod accounts;
#[path = "all/browser.rs"]
mod browser;
#[path = "all/calls.rs"]
mod calls;
#[path = "all/donations.rs"]
mod donations;
#[path = "all/html.rs"]
mod html;
#[path = "all/people.rs"]
mod people;
#[path = "all/privacy.rs"]
mod privacy;
#[path = "all/site.rs"]
mod site;
#[path = "all/walls.rs"]
mod walls;
