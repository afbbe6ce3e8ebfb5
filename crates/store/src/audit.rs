//! audit
use crate::people::face;
use crate::{Store, StoreError};
use talk::{Instant, PersonId};

/// One thing done to an account or with its data. Never contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditLine {
    pub at: Instant,
    /// `None` when it was done at the command line.
    pub actor: Option<PersonId>,
    pub actor_name: Option<String>,
    pub action: String,
    pub subject: Option<PersonId>,
    pub subject_name: Option<String>,
    pub detail: String,
}

face! {
    pub async fn audit(&self, at: Instant, actor: Option<PersonId>, action: &str, subject: Option<PersonId>, detail: &str) -> ();
    pub async fn audit_of(&self, person: PersonId) -> Vec<AuditLine>;
    pub async fn audit_all(&self) -> Vec<AuditLine>;
}
