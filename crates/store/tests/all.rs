//! The store's tests, each on SQLite and, when `EVENKEEL_TEST_POSTGRES` gives a base URL, on PostgreSQL.
//!
//! Each test has a database of its own. The crash of a whole process is tested where the server is.

#![allow(clippy::unwrap_used)]

#[path = "all/accounts.rs"]
mod accounts;
#[path = "all/backups.rs"]
mod backups;
#[path = "all/calls.rs"]
mod calls;
#[path = "all/donations.rs"]
mod donations;
#[path = "all/place.rs"]
mod place;
#[path = "all/start.rs"]
mod start;
