//! Passwords: what may be one, and hashing them with Argon2id on two threads of their own.
//!
//! Not how often one may be tried (`rate`), and not where the hash is kept (`store`).

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::password_hash::{Output, ParamsString, PasswordHash, Salt, SaltString};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::problem::Problem;

/// Characters of a password. NIST SP 800-63B asks for at least 8 and for no rules of composition; 10 is our decision.
pub const PASSWORD_CHARS_MIN: usize = 10;
pub const PASSWORD_CHARS_MAX: usize = 200;

/// OWASP Password Storage Cheat Sheet: Argon2id with 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Threads that hash, each with its own 19 MiB, which it keeps: memory stays flat however many come at once.
const HASHERS: usize = 2;
/// Hashes that may wait. One takes some 50 ms: the last of them waits for 5 s.
const QUEUE_HASHES_MAX: usize = 200;
/// How long a request waits for its hash.
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

/// The working memory of one thread.
type Memory = Vec<Block>;
type Job = Box<dyn FnOnce(&mut Memory) + Send>;

/// Hashes and checks, on a few threads of its own. They end with it.
pub struct Hasher {
    jobs: SyncSender<Job>,
}

impl Default for Hasher {
    fn default() -> Self {
        let (jobs, waiting) = sync_channel(QUEUE_HASHES_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        for _ in 0..HASHERS {
            let waiting = Arc::clone(&waiting);
            let thread = std::thread::Builder::new().name("passwords".to_owned());
            if let Err(error) = thread.spawn(move || work_off(&waiting)) {
                tracing::error!(%error, "no thread for passwords");
            }
        }
        Self { jobs }
    }
}

fn work_off(waiting: &Mutex<Receiver<Job>>) {
    let mut memory = Memory::new();
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A fault in one job must not take the thread with it.
        if std::panic::catch_unwind(AssertUnwindSafe(|| job(&mut memory))).is_err() {
            tracing::error!("hashing a password failed");
        }
    }
}

fn compute(
    params: Params,
    password: &str,
    salt: &[u8],
    memory: &mut Memory,
) -> Result<Vec<u8>, Problem> {
    memory.resize(params.block_count(), Block::default());
    let mut out = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into_with_memory(password.as_bytes(), salt, &mut out, memory)
        .map_err(|_| Problem::Fault)?;
    Ok(out)
}

fn hash(password: &str, salt: &[u8], memory: &mut Memory) -> Result<String, Problem> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|_| Problem::Fault)?;
    let out = compute(params.clone(), password, salt, memory)?;
    let salt = SaltString::encode_b64(salt).map_err(|_| Problem::Fault)?;
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&params).map_err(|_| Problem::Fault)?,
        salt: Some(salt.as_salt()),
        hash: Some(Output::new(&out).map_err(|_| Problem::Fault)?),
    };
    Ok(hash.to_string())
}

fn fits(password: &str, stored: Option<&str>, memory: &mut Memory) -> Result<bool, Problem> {
    let Some(stored) = stored else {
        hash(password, &[0; 16], memory)?;
        return Ok(false);
    };
    let stored = PasswordHash::new(stored).map_err(|_| Problem::Fault)?;
    let ours = stored.algorithm == ARGON2ID_IDENT
        && stored.version.is_none_or(|version| version == u32::from(Version::V0x13));
    let (Some(salt), Some(expected), true) = (stored.salt, stored.hash, ours) else {
        return Err(Problem::Fault);
    };
    let params = Params::try_from(&stored).map_err(|_| Problem::Fault)?;
    let mut bytes = [0; Salt::MAX_LENGTH];
    let salt = salt.decode_b64(&mut bytes).map_err(|_| Problem::Fault)?;
    let out = compute(params, password, salt, memory)?;
    Ok(out.ct_eq(expected.as_bytes()).into())
}

impl Hasher {
    /// The hash to store. `salt` is random.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub async fn hash(&self, password: String, salt: [u8; 32]) -> Result<String, Problem> {
        self.in_turn(move |memory| hash(&password, &salt[..16], memory)).await
    }

    /// Whether the password fits. Without a hash it takes as long and says no, so that the time tells nothing.
    ///
    /// # Errors
    /// `Busy` when too many wait.
    pub async fn fits(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        self.in_turn(move |memory| fits(&password, stored.as_deref(), memory)).await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let (answer, done) = oneshot::channel();
        let job = move |memory: &mut Memory| {
            // Whoever asked may have gone meanwhile; then there is nothing to do.
            if !answer.is_closed() {
                let _ = answer.send(work(memory));
            }
        };
        self.jobs.try_send(Box::new(job)).map_err(|_| Problem::Busy)?;
        let done =
            timeout(Duration::from_millis(WAIT_MS), done).await.map_err(|_| Problem::Busy)?;
        done.map_err(|_| Problem::Fault)?
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

    #[test]
    fn a_thread_hashes_in_one_and_the_same_memory() {
        let mut memory = Memory::new();
        let hash_of = hash("ten little words", &[7; 16], &mut memory).unwrap();
        let place = (memory.as_ptr(), memory.capacity());
        for _ in 0..3 {
            assert!(fits("ten little words", Some(&hash_of), &mut memory).unwrap());
            assert!(!fits("another", None, &mut memory).unwrap());
            assert_eq!((memory.as_ptr(), memory.capacity()), place);
        }
        assert_eq!(memory.len() * Block::SIZE, 19 * 1024 * 1024);
    }

    #[test]
    fn a_hash_made_by_the_library_itself_fits_still() {
        use argon2::password_hash::PasswordHasher;
        let salt = SaltString::encode_b64(&[7; 16]).unwrap();
        let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let theirs = argon2.hash_password(b"ten little words", &salt).unwrap().to_string();
        let mut memory = Memory::new();
        assert_eq!(hash("ten little words", &[7; 16], &mut memory).unwrap(), theirs);
        assert!(fits("ten little words", Some(&theirs), &mut memory).unwrap());
    }

    #[tokio::test]
    async fn more_than_may_wait_are_told_so_at_once_and_take_no_memory() {
        let (jobs, _waiting) = sync_channel(1);
        let hasher = Hasher { jobs };
        let work = hasher.in_turn(|_| Ok(()));
        tokio::pin!(work);
        assert!(timeout(Duration::ZERO, &mut work).await.is_err(), "it waits");
        assert_eq!(hasher.in_turn(|_| Ok(())).await, Err(Problem::Busy));
    }
}
