//! links
use crate::people::{face, NewPerson, Person};
use crate::{RecoveryCode, Store, StoreError, Token};
use talk::{Instant, PersonId};

/// How long the link of a reset is good for: two days, over a weekend day off.
pub const RESET_LINK_MS: i64 = 48 * 60 * 60 * 1000;

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    FirstAdmin,
    Invite,
    Reset,
}

/// A link that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: LinkKind,
    /// `None` only for the first admin, who says who they are with `accept_first_admin`.
    pub person: Option<Person>,
    pub expires_at: Instant,
}

/// A link, or a recovery, that went through. The code is shown once.
#[derive(Debug)]
pub struct Accepted {
    pub person: PersonId,
    pub recovery_code: RecoveryCode,
}

face! {
    pub async fn make_link(&self, kind: LinkKind, person: Option<PersonId>, at: Instant, ttl_ms: i64) -> Token;
    pub async fn look_at_link(&self, token: &Token, at: Instant) -> Option<Link>;
    pub async fn accept_link(&self, token: &Token, password_hash: &str, at: Instant) -> Accepted;
    pub async fn accept_first_admin(&self, token: &Token, new: &NewPerson, password_hash: &str, at: Instant) -> Accepted;
    pub async fn start_reset(&self, person: PersonId, by: Option<PersonId>, at: Instant) -> Token;
    pub async fn unlock(&self, person: PersonId, recovery_code: &str, at: Instant) -> u64;
    pub async fn recover_with_code(&self, login: &str, recovery_code: &str, new_password_hash: &str, at: Instant) -> Accepted;
}
