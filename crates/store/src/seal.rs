//! Sealing: XChaCha20-Poly1305 under keys derived by HKDF-SHA256. What the database sees of a payload.
//!
//! Knows bytes, not events and not rows. Called by `key` (wrapping keys) and `log` (payloads).

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use sha2::Sha256;
use talk::{CallId, PersonId, Seq};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::master::MasterKey;

/// The first byte of everything sealed, and part of what is authenticated.
const FORMAT: u8 = 1;
const NONCE_BYTES: usize = 24;
const KEY_BYTES: usize = 32;

/// Bytes from the system's generator.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|error| {
        StoreError::refused(format!("the system gives no random bytes: {error}"), "restart it")
    })?;
    Ok(bytes)
}

/// A key that has been derived for one purpose.
struct Derived(Zeroizing<[u8; KEY_BYTES]>);

impl Derived {
    fn new(secret: &[u8], salt: &[u8], purpose: &[&[u8]]) -> Result<Self, StoreError> {
        let mut out = Zeroizing::new([0_u8; KEY_BYTES]);
        Hkdf::<Sha256>::new(Some(salt), secret)
            .expand_multi_info(purpose, out.as_mut())
            .map_err(|error| StoreError::corrupt("key derivation", error))?;
        Ok(Self(out))
    }

    /// `format ‖ nonce ‖ ciphertext`.
    fn seal(&self, plain: &[u8], context: &[u8]) -> Result<Vec<u8>, StoreError> {
        let nonce = random::<NONCE_BYTES>()?;
        let cipher = XChaCha20Poly1305::new(Key::from_slice(self.0.as_ref()));
        let sealed = cipher
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: plain, aad: context })
            .map_err(|_| StoreError::corrupt("sealing", "the payload is too long"))?;
        let mut out = Vec::with_capacity(1 + NONCE_BYTES + sealed.len());
        out.push(FORMAT);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// `None` when the key, the context or a byte is not the one it was sealed with.
    fn open(&self, sealed: &[u8], context: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (format, rest) = sealed.split_first()?;
        if *format != FORMAT || rest.len() < NONCE_BYTES {
            return None;
        }
        let (nonce, body) = rest.split_at(NONCE_BYTES);
        let cipher = XChaCha20Poly1305::new(Key::from_slice(self.0.as_ref()));
        let payload = Payload { msg: body, aad: context };
        cipher.decrypt(XNonce::from_slice(nonce), payload).ok().map(Zeroizing::new)
    }
}

/// One generation of one person's data key.
#[derive(Clone)]
pub(crate) struct DataKey {
    person: PersonId,
    pub(crate) generation: i64,
    secret: Zeroizing<[u8; KEY_BYTES]>,
}

impl DataKey {
    pub(crate) fn new(person: PersonId, generation: i64) -> Result<Self, StoreError> {
        Ok(Self { person, generation, secret: Zeroizing::new(random()?) })
    }

    fn from_plain(person: PersonId, generation: i64, plain: &[u8]) -> Option<Self> {
        let mut secret = Zeroizing::new([0_u8; KEY_BYTES]);
        if plain.len() != KEY_BYTES {
            return None;
        }
        secret.copy_from_slice(plain);
        Some(Self { person, generation, secret })
    }

    /// What a wrap is bound to: whose key it is, and which generation.
    fn context(person: PersonId, generation: i64) -> Vec<u8> {
        let mut context = vec![FORMAT];
        context.extend_from_slice(person.uuid().as_bytes());
        context.extend_from_slice(&generation.to_be_bytes());
        context
    }

    pub(crate) fn wrap_by_master(&self, master: &MasterKey) -> Result<Vec<u8>, StoreError> {
        let context = Self::context(self.person, self.generation);
        master_wrapper(master, &context)?.seal(self.secret.as_ref(), &context)
    }

    pub(crate) fn unwrap_by_master(
        master: &MasterKey,
        person: PersonId,
        generation: i64,
        wrap: &[u8],
    ) -> Result<Self, StoreError> {
        let context = Self::context(person, generation);
        master_wrapper(master, &context)?
            .open(wrap, &context)
            .and_then(|plain| Self::from_plain(person, generation, &plain))
            .ok_or_else(|| {
                StoreError::corrupt("a person's data key", "the master key does not open it")
            })
    }

    pub(crate) fn wrap_by_code(&self, code: &[u8]) -> Result<Vec<u8>, StoreError> {
        let context = Self::context(self.person, self.generation);
        code_wrapper(code, self.person)?.seal(self.secret.as_ref(), &context)
    }

    /// `None` when the code is not the right one.
    pub(crate) fn unwrap_by_code(
        code: &[u8],
        person: PersonId,
        generation: i64,
        wrap: &[u8],
    ) -> Result<Option<Self>, StoreError> {
        let context = Self::context(person, generation);
        let plain = code_wrapper(code, person)?.open(wrap, &context);
        Ok(plain.and_then(|plain| Self::from_plain(person, generation, &plain)))
    }

    /// Wraps an older key of the same person, so that whoever opens this one opens that one too.
    pub(crate) fn wrap_older(&self, older: &DataKey) -> Result<Vec<u8>, StoreError> {
        let context = Self::context(older.person, older.generation);
        self.chain_wrapper()?.seal(older.secret.as_ref(), &context)
    }

    pub(crate) fn unwrap_older(
        &self,
        generation: i64,
        wrap: &[u8],
    ) -> Result<Option<Self>, StoreError> {
        let context = Self::context(self.person, generation);
        let plain = self.chain_wrapper()?.open(wrap, &context);
        Ok(plain.and_then(|plain| Self::from_plain(self.person, generation, &plain)))
    }

    fn chain_wrapper(&self) -> Result<Derived, StoreError> {
        Derived::new(self.secret.as_ref(), &[], &[b"evenkeel older key"])
    }

    pub(crate) fn sealer(&self) -> Result<Sealer, StoreError> {
        self.sealer_for(b"evenkeel event")
    }

    /// For items that were given away: what is sealed by it opens as no event, and the other way round.
    pub(crate) fn donation_sealer(&self) -> Result<Sealer, StoreError> {
        self.sealer_for(b"evenkeel donation")
    }

    fn sealer_for(&self, purpose: &[u8]) -> Result<Sealer, StoreError> {
        let key = Derived::new(self.secret.as_ref(), &[], &[purpose])?;
        Ok(Sealer { key, person: self.person, generation: self.generation })
    }
}

fn master_wrapper(master: &MasterKey, context: &[u8]) -> Result<Derived, StoreError> {
    Derived::new(master.0.as_ref(), &[], &[b"evenkeel person key", context])
}

fn code_wrapper(code: &[u8], person: PersonId) -> Result<Derived, StoreError> {
    Derived::new(code, person.uuid().as_bytes(), &[b"evenkeel recovery code"])
}

/// A mark by which a database knows its master key without giving anything of it away.
pub(crate) fn master_mark(master: &MasterKey, instance: &str) -> Result<String, StoreError> {
    let mark = Derived::new(master.0.as_ref(), &[], &[b"evenkeel mark", instance.as_bytes()])?;
    Ok(crate::token::hex(mark.0.as_ref()))
}

/// A mark that only this site can make, for a browser with which a person has signed in before.
pub(crate) fn browser_mark(
    master: &MasterKey,
    person: PersonId,
    browser: &str,
) -> Result<String, StoreError> {
    let person = person.uuid();
    let purpose = [b"evenkeel known browser".as_slice(), person.as_bytes(), browser.as_bytes()];
    Ok(crate::token::hex(Derived::new(master.0.as_ref(), &[], &purpose)?.0.as_ref()))
}

/// Seals and opens the payloads of one data key.
pub(crate) struct Sealer {
    key: Derived,
    person: PersonId,
    generation: i64,
}

impl Sealer {
    pub(crate) fn seal(&self, call: CallId, seq: Seq, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        self.key.seal(plain, &self.context(call, seq))
    }

    pub(crate) fn open(
        &self,
        call: CallId,
        seq: Seq,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, StoreError> {
        self.key.open(sealed, &self.context(call, seq)).ok_or_else(|| {
            StoreError::corrupt(format!("event {seq} of call {call}"), "its seal does not hold")
        })
    }

    /// A payload opens only in its own place: moved to another call, seq, person or generation it does not.
    fn context(&self, call: CallId, seq: Seq) -> Vec<u8> {
        let mut context = DataKey::context(self.person, self.generation);
        context.extend_from_slice(call.uuid().as_bytes());
        context.extend_from_slice(&seq.0.to_be_bytes());
        context
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(n: u8) -> PersonId {
        PersonId::from_random([n; 16])
    }

    #[test]
    fn a_payload_opens_only_in_its_own_place() {
        let key = DataKey::new(person(1), 1).unwrap();
        let sealer = key.sealer().unwrap();
        let (call, other) = (CallId::from_random([1; 16]), CallId::from_random([2; 16]));
        let sealed = sealer.seal(call, Seq(3), b"what was said").unwrap();
        assert_eq!(&**sealer.open(call, Seq(3), &sealed).unwrap(), b"what was said");
        assert!(sealer.open(call, Seq(4), &sealed).is_err());
        assert!(sealer.open(other, Seq(3), &sealed).is_err());
        for place in 0..sealed.len() {
            let mut bent = sealed.clone();
            bent[place] ^= 1;
            assert!(sealer.open(call, Seq(3), &bent).is_err(), "byte {place}");
        }
        assert!(sealer.open(call, Seq(3), &[]).is_err());
    }

    #[test]
    fn a_wrapped_key_opens_for_its_person_generation_and_master_only() {
        let master = MasterKey::from_bytes([7; 32]);
        let key = DataKey::new(person(1), 2).unwrap();
        let wrap = key.wrap_by_master(&master).unwrap();
        let again = DataKey::unwrap_by_master(&master, person(1), 2, &wrap).unwrap();
        assert_eq!(*again.secret, *key.secret);
        assert!(DataKey::unwrap_by_master(&master, person(2), 2, &wrap).is_err());
        assert!(DataKey::unwrap_by_master(&master, person(1), 1, &wrap).is_err());
        let stranger = MasterKey::from_bytes([8; 32]);
        assert!(DataKey::unwrap_by_master(&stranger, person(1), 2, &wrap).is_err());
    }
}
