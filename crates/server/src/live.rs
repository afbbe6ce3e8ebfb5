//! Live calls: the one task that owns each call (`session`), the pool that computes turns (`pool`), the socket.
//!
//! Not the rules of a call (`call`) and not the log (`store`). Pages and the socket come through `Calls` to change
//! a call and through `look` to read one: reading is always a fold of the owner's log.

mod calls;
mod pool;
mod session;
pub mod socket;
mod timing;
pub mod words;

use call::{FoldError, Refused, State};
use store::StoreError;
use talk::{CallId, PersonId};
use thiserror::Error;

pub use calls::{Calls, Disagreement};
pub use pool::Pool;
pub use session::{Said, Taken};

use crate::problem::{Problem, sentence};
use crate::site::Site;

/// Why a call could not be read or go on. Nothing has changed.
#[derive(Debug, Error)]
pub enum LiveError {
    #[error(transparent)]
    Refused(#[from] Refused),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Damaged(#[from] FoldError),
    #[error("many calls are going on just now; wait a moment and send it again")]
    Busy,
    #[error(
        "the scenario of this call is not on this site any more; ask whoever looks after the site"
    )]
    NoScenario,
}

/// A call as it stands in its owner's log; for anybody else it does not exist.
///
/// # Errors
/// When there is no such call of theirs, or its log cannot be read.
pub async fn look(site: &Site, call: CallId, owner: PersonId) -> Result<State, LiveError> {
    Ok(State::fold(&site.store.events(call, owner).await?)?)
}

impl From<LiveError> for Problem {
    fn from(error: LiveError) -> Self {
        match error {
            LiveError::Refused(refused) => Problem::refused(
                sentence(&refused.to_string()),
                "Go back to the call and look at how it stands.",
            ),
            LiveError::Store(error) => error.into(),
            LiveError::Damaged(error) => {
                tracing::error!(%error, "the log of a call is damaged");
                Problem::Fault
            }
            LiveError::Busy => Problem::Busy,
            LiveError::NoScenario => Problem::refused(
                "The scenario of this call is not on this site any more.",
                "Ask whoever looks after the site to bring it back.",
            ),
        }
    }
}
