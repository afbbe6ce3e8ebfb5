//! People: who has an account, in which role, and whether it is active.
//!
//! Not how they prove who they are: see `link` (invitations, resets, recovery) and `sign_in`.

use talk::{Instant, PersonId};

use crate::error::StoreError;
use crate::store::Store;

pub const LOGIN_CHARS_MAX: usize = 100;
pub const NAME_CHARS_MAX: usize = 120;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Agent,
    Trainer,
    Lead,
    Admin,
}

/// Somebody to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    pub login: String,
    pub name: String,
    pub role: Role,
}

/// A reset that the owner has not yet put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetNotice {
    pub at: Instant,
    pub by_name: String,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub created_at: Instant,
    pub deactivated_at: Option<Instant>,
    pub has_password: bool,
    pub reset: Option<ResetNotice>,
    /// Generations of this person's key that wait for a recovery code.
    pub n_locked_keys: u64,
}

macro_rules! face {
    ($(pub async fn $name:ident(&self $(, $arg:ident: $ty:ty)*) -> $out:ty;)*) => {
        impl Store { $(
            pub async fn $name(&self $(, $arg: $ty)*) -> Result<$out, StoreError> {
                $(let _ = $arg;)*
                Err(StoreError::NotFound)
            }
        )* }
    };
}
pub(crate) use face;

face! {
    pub async fn add_person(&self, new: &NewPerson, by: Option<PersonId>, at: Instant) -> PersonId;
    pub async fn add_people(&self, new: &[NewPerson], by: Option<PersonId>, at: Instant) -> Vec<PersonId>;
    pub async fn person(&self, person: PersonId) -> Person;
    pub async fn person_by_login(&self, login: &str) -> Option<Person>;
    pub async fn people(&self) -> Vec<Person>;
    pub async fn rename(&self, person: PersonId, name: &str, by: Option<PersonId>, at: Instant) -> ();
    pub async fn set_role(&self, person: PersonId, role: Role, by: Option<PersonId>, at: Instant) -> ();
    pub async fn deactivate(&self, person: PersonId, by: Option<PersonId>, at: Instant) -> ();
    pub async fn reactivate(&self, person: PersonId, by: Option<PersonId>, at: Instant) -> ();
    pub async fn password_hash(&self, login: &str) -> Option<(PersonId, String)>;
    pub async fn set_password(&self, person: PersonId, password_hash: &str) -> ();
    pub async fn dismiss_reset_notice(&self, person: PersonId) -> ();
}
