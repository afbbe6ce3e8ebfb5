//! Random tokens for links and sign-ins: 32 bytes as base64url. Only their SHA-256 is ever stored.
//!
//! Not a session and not a cookie: those are the server's.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::seal::random;

const TOKEN_BYTES: usize = 32;

/// A secret that opens one link or one sign-in.
#[derive(Clone)]
pub struct Token(Zeroizing<[u8; TOKEN_BYTES]>);

impl Token {
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    /// Reads a token from a link or a cookie; `None` when it cannot be one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
        Some(Self(Zeroizing::new(bytes.try_into().ok()?)))
    }

    /// The token as text, for a link or a cookie.
    #[must_use]
    pub fn text(&self) -> String {
        URL_SAFE_NO_PAD.encode(*self.0)
    }

    /// What is stored in its place.
    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(*self.0))
    }

    /// A second secret from the first, for one purpose; the first cannot be found from it.
    pub(crate) fn derive(&self, purpose: &str) -> Result<String, StoreError> {
        let mut out = [0_u8; 32];
        Hkdf::<Sha256>::new(None, &*self.0)
            .expand(purpose.as_bytes(), &mut out)
            .map_err(|error| StoreError::corrupt("token", error))?;
        Ok(URL_SAFE_NO_PAD.encode(out))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(secret)")
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_never_shows_itself_in_debug() {
        let token = Token::new().unwrap();
        let again = Token::parse(&token.text()).unwrap();
        assert_eq!(token.hash(), again.hash());
        assert!(!format!("{token:?}").contains(&token.text()));
        assert!(Token::parse("short").is_none());
        assert!(Token::parse("").is_none());
    }
}
