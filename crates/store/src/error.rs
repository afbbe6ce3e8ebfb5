//! What can go wrong in the store, named by what its caller can do about it.
//!
//! Not for people's eyes as it stands: `server::problem` maps each to a page or an answer.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

/// Why the store did not do what it was asked.
#[derive(Clone, Debug, Error)]
pub enum StoreError {
    /// There is no such thing, or it is not the asker's: the two look the same on purpose.
    #[error("there is no such thing here")]
    NotFound,
    /// Somebody else changed it first: read again and decide again.
    #[error("somebody else changed this first; read it again")]
    Conflict,
    /// The person's key is locked since a reset: ask for the recovery code.
    #[error("this practice is locked until its owner enters the recovery code")]
    Locked,
    /// The login belongs to somebody already.
    #[error("the login `{login}` is taken; choose another")]
    Taken { login: String },
    /// The change would leave nobody who can look after the accounts.
    #[error("this is the last active admin; make somebody else an admin first")]
    LastAdmin,
    /// The recovery code is well formed and opens nothing.
    #[error(
        "this recovery code opens nothing; look for the code given when the password was first set"
    )]
    WrongCode,
    /// The request cannot be done as it stands.
    #[error("{what}; {remedy}")]
    Refused { what: String, remedy: String },
    /// The database cannot be reached or gave up. Trying again later may help.
    #[error("the database is not available: {0}")]
    Unavailable(Arc<sqlx::Error>),
    /// Stored data does not hold together.
    #[error("stored data is damaged at {place}: {what}")]
    Corrupt { place: String, what: String },
    /// A file could not be read or written.
    #[error("the file {path}: {what}")]
    File { path: PathBuf, what: String },
}

impl StoreError {
    pub(crate) fn refused(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        StoreError::Refused { what: what.into(), remedy: remedy.into() }
    }
    pub(crate) fn corrupt(place: impl Into<String>, what: impl ToString) -> Self {
        StoreError::Corrupt { place: place.into(), what: what.to_string() }
    }
    pub(crate) fn file(path: &Path, what: impl ToString) -> Self {
        StoreError::File { path: path.to_owned(), what: what.to_string() }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        StoreError::Unavailable(Arc::new(error))
    }
}
