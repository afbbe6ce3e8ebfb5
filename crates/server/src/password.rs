//! Passwords: what may be one, and hashing them with Argon2id away from the async threads, a bounded number at once.
//!
//! Not how often one may be tried (`rate`), and not where the hash is kept (`store`).

use std::sync::Arc;
use std::time::Duration;

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Characters of a password. NIST SP 800-63B asks for at least 8 and for no rules of composition; 10 is our decision.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_CHARS_MAX: usize = 200;

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Hashes computed at once: 4 × 19 MiB of memory.
const HASHES_AT_ONCE: usize = 4;
/// How long a request waits for its turn.
const WAIT_MS: u64 = 10_000;

/// Of the commonest passwords in published breaches, those long enough to pass otherwise.
const COMMON: [&str; 36] = [
    "1234567890",
    "0123456789",
    "12345678910",
    "123456789a",
    "1234567891",
    "0987654321",
    "1111111111",
    "0000000000",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "1qaz2wsx3edc",
    "q1w2e3r4t5",
    "qwertyuiop",
    "qwerty12345",
    "qwerty123456",
    "qwerty1234",
    "asdfghjkl;",
    "asdfghjkl1",
    "zxcvbnm123",
    "password12",
    "password123",
    "password1234",
    "password12345",
    "password2024",
    "password2025",
    "password2026",
    "passw0rd123",
    "p@ssw0rd123",
    "welcome123",
    "welcome1234",
    "letmein123",
    "changeme123",
    "administrator",
    "iloveyou123",
    "abcdefghij",
    "evenkeel123",
];

/// Why this cannot be a password; `None` when it can.
#[must_use]
pub fn fault(password: &str, login: &str) -> Option<String> {
    let n = password.chars().count();
    if n < PASSWORD_CHARS_MIN {
        return Some(format!(
            "Use at least {PASSWORD_CHARS_MIN} characters; this has {n}. A few words in a row work well."
        ));
    }
    if n > PASSWORD_CHARS_MAX {
        return Some(format!("Use at most {PASSWORD_CHARS_MAX} characters; this has {n}."));
    }
    let folded = password.to_lowercase();
    let mut letters = folded.chars();
    let first = letters.next();
    if letters.all(|c| Some(c) == first) || COMMON.contains(&folded.as_str()) {
        return Some(
            "This is one of the first passwords that anybody would guess. Choose another."
                .to_owned(),
        );
    }
    if !login.trim().is_empty() && folded.trim() == login.trim().to_lowercase() {
        return Some("The password is the same as the login. Choose another.".to_owned());
    }
    None
}

/// Hashes and checks, a few at a time.
pub struct Hasher {
    turns: Arc<Semaphore>,
}

impl Default for Hasher {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(HASHES_AT_ONCE)) }
    }
}

fn argon2() -> Result<Argon2<'static>, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Problem::Fault)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &str, salt: &[u8]) -> Result<String, Problem> {
    let salt = SaltString::encode_b64(salt).map_err(|_| Problem::Fault)?;
    let hash = argon2()?.hash_password(password.as_bytes(), &salt).map_err(|_| Problem::Fault)?;
    Ok(hash.to_string())
}

impl Hasher {
    /// The hash to store. `salt` is random.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub async fn hash(&self, password: String, salt: [u8; 32]) -> Result<String, Problem> {
        self.in_turn(move || hash(&password, &salt[..16])).await
    }

    /// Whether the password fits. Without a hash it takes as long and says no, so that the time tells nothing.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub async fn fits(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        self.in_turn(move || {
            let Some(stored) = stored else {
                hash(&password, &[0; 16])?;
                return Ok(false);
            };
            let stored = PasswordHash::new(&stored).map_err(|_| Problem::Fault)?;
            Ok(argon2()?.verify_password(password.as_bytes(), &stored).is_ok())
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(
            Duration::from_millis(WAIT_MS),
            Arc::clone(&self.turns).acquire_owned(),
        );
        let turn = turn.await.map_err(|_| Problem::Busy)?.map_err(|_| Problem::Fault)?;
        // The turn goes with the work: a request that goes away does not make room before its hash is done.
        let work = move || {
            let _turn = turn;
            work()
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| Problem::Fault)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_long_common_and_own_login_are_refused_and_nothing_else() {
        assert!(fault("123456789", "sam").is_some());
        assert!(fault(&"x1".repeat(101), "sam").is_some());
        assert!(fault("Password123", "sam").is_some());
        assert!(fault("aaaaaaaaaaaa", "sam").is_some());
        assert!(fault("Sam.Okafor@x", "sam.okafor@X").is_some());
        assert!(fault("ten little words", "sam").is_none());
        assert!(fault("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}abcde", "").is_none());
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_and_the_parameters_are_named_in_it() {
        let hasher = Hasher::default();
        let hash = hasher.hash("ten little words".to_owned(), [7; 32]).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert!(hasher.fits("ten little words".to_owned(), Some(hash.clone())).await.unwrap());
        assert!(!hasher.fits("ten little wordz".to_owned(), Some(hash)).await.unwrap());
        assert!(!hasher.fits("ten little words".to_owned(), None).await.unwrap());
    }
}
