//! Everything that lasts: the event log, people, sign-ins and keys. The only crate that holds SQL.
//!
//! Private payloads are sealed before they reach the database (`seal`). One text of SQL serves
//! SQLite and PostgreSQL. No HTTP, no clock and no environment of its own: the server and the binary call it.

mod audit;
mod backup;
mod database;
mod donation;
mod error;
mod key;
mod link;
mod log;
mod master;
mod migrate;
mod people;
mod recovery;
mod row;
mod seal;
mod setting;
mod sign_in;
mod store;
mod token;
mod write;

pub use audit::AuditLine;
pub use backup::{DumpReport, LoadReport};
pub use database::{Database, Engine};
pub use donation::{Donation, Item, Verdict};
pub use error::StoreError;
pub use link::{Accepted, Link, LinkKind, RESET_LINK_MS};
pub use log::{CallEntry, CallList};
pub use master::MasterKey;
pub use people::{LOGIN_CHARS_MAX, NAME_CHARS_MAX, NewPerson, Person, ResetNotice, Role};
pub use recovery::RecoveryCode;
pub use row::{event_from_json, event_to_json};
pub use sign_in::{SignIn, SignInId, SignedIn};
pub use store::{Health, Store};
pub use token::Token;
