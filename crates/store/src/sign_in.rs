//! sign-ins
use crate::people::{face, Person};
use crate::{Store, StoreError, Token};
use talk::{Instant, PersonId};

/// The id of a sign-in; not a secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SignInId(pub String);

/// Who holds a token just now.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub person: Person,
    pub sign_in: SignInId,
    /// Goes into forms; derived from the token, never stored.
    pub csrf: String,
    pub made_at: Instant,
}

/// One sign-in of a person, as its owner sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    pub id: SignInId,
    pub device: String,
    pub made_at: Instant,
    pub last_seen_at: Instant,
    pub expires_at: Instant,
}

face! {
    pub async fn sign_in(&self, person: PersonId, at: Instant, ttl_ms: i64, device: &str) -> Token;
    pub async fn who(&self, token: &Token, at: Instant) -> Option<SignedIn>;
    pub async fn sign_ins_of(&self, person: PersonId, at: Instant) -> Vec<SignIn>;
    pub async fn revoke(&self, person: PersonId, sign_in: &SignInId) -> ();
    pub async fn revoke_others(&self, person: PersonId, keep: &SignInId) -> u64;
}
