//! The practice site: pages, live calls, accounts. What the browser sees and nothing below it.
//!
//! Decides nothing about a call (`call`), a code (`coder`) or what is kept (`store`). The binary calls `serve`.

pub mod assets;
pub mod config;
pub mod form;
mod http1;
mod known;
pub mod live;
pub mod pages;
mod password;
mod picture;
pub mod problem;
mod rate;
pub mod resources;
pub mod routes;
mod security;
mod serve;
pub mod site;
mod tls;
mod when;
mod who;
mod wire;

pub use config::{Config, Fault, Listen, Patience, RawConfig};
pub use pages::demo::DEMO_SECRET;
pub use problem::Problem;
pub use rate::{Allowance, LimitsConfig};
pub use resources::Resources;
pub use serve::{ServeError, first_admin_link, router, serve, walled};
pub use site::{Content, Notice, Shared, Shell, Site, Who};
pub use who::{Admin, MaybeSignedIn, SignedIn};
