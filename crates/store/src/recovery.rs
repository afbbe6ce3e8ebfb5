//! Recovery codes: 160 random bits that a person keeps on paper, in groups of five with a check character.
//!
//! Crockford's base 32 (no I, L, O or U), read leniently. What a code opens is `key`'s matter.

use std::fmt;

use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::seal::random;

const CODE_BYTES: usize = 20;
/// 160 bits make 32 characters; the check character is the 33rd.
const CODE_CHARS: usize = 32;
const GROUP_CHARS: usize = 5;
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Crockford's check symbol is the number modulo 37: five more symbols than digits.
const CHECKS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/// The code that opens a person's practice after a reset. Shown once, never stored.
pub struct RecoveryCode(Zeroizing<[u8; CODE_BYTES]>);

impl RecoveryCode {
    pub(crate) fn new() -> Result<Self, StoreError> {
        Ok(Self(Zeroizing::new(random()?)))
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// The code in groups of five, such as `7ZQ4K-…`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut symbols = Vec::with_capacity(CODE_CHARS + 1);
        let (mut held, mut bits) = (0_u32, 0_u32);
        for byte in self.0.iter() {
            held = (held << 8) | u32::from(*byte);
            bits += 8;
            while bits >= 5 {
                bits -= 5;
                symbols.push(DIGITS[(held >> bits) as usize & 31]);
            }
            held &= (1 << bits) - 1;
        }
        symbols.push(CHECKS[self.check()]);
        let groups = symbols.chunks(GROUP_CHARS).map(|group| String::from_utf8_lossy(group));
        groups.collect::<Vec<_>>().join("-")
    }

    /// Reads a code as people type it: any case, spaces or dashes anywhere, O for 0, I and L for 1.
    pub fn parse(typed: &str) -> Result<Self, StoreError> {
        let kept = typed.chars().filter(|c| !c.is_whitespace() && !is_dash(*c));
        let symbols: Vec<char> =
            kept.map(|c| c.to_ascii_uppercase()).take(CODE_CHARS + 2).collect();
        if symbols.len() != CODE_CHARS + 1 {
            let n = symbols.len();
            return Err(mistyped(format!(
                "a recovery code has 33 characters, this one {n}{}",
                if n > CODE_CHARS + 1 { " or more" } else { "" }
            )));
        }
        let mut bytes = Zeroizing::new([0_u8; CODE_BYTES]);
        let (mut held, mut bits, mut n_bytes) = (0_u32, 0_u32, 0);
        for (place, symbol) in symbols[..CODE_CHARS].iter().enumerate() {
            let digit = digit(*symbol).ok_or_else(|| {
                mistyped(format!("`{symbol}` at place {} is not used in recovery codes", place + 1))
            })?;
            held = (held << 5) | digit;
            bits += 5;
            if bits >= 8 {
                bits -= 8;
                bytes[n_bytes] = u8::try_from(held >> bits & 255).unwrap_or(0);
                n_bytes += 1;
                held &= (1 << bits) - 1;
            }
        }
        let code = Self(bytes);
        let check = match symbols[CODE_CHARS] {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        if check != char::from(CHECKS[code.check()]) {
            return Err(mistyped("its last character does not fit the rest".to_owned()));
        }
        Ok(code)
    }

    fn check(&self) -> usize {
        let rest = self.0.iter().fold(0_u32, |rest, byte| (rest * 256 + u32::from(*byte)) % 37);
        rest as usize
    }
}

fn digit(symbol: char) -> Option<u32> {
    let symbol = match symbol {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = DIGITS.iter().position(|d| char::from(*d) == symbol)?;
    u32::try_from(place).ok()
}

/// Hyphens and dashes that phones and word processors put in their place.
fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

fn mistyped(what: String) -> StoreError {
    StoreError::refused(what, "compare it with your note, character by character")
}

impl fmt::Display for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode(secret)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_recovery_code_reads_back_as_people_type_it(bytes: [u8; CODE_BYTES]) {
            let code = RecoveryCode(Zeroizing::new(bytes));
            let text = code.text();
            prop_assert_eq!(text.len(), 39);
            let sloppy = format!(" {} ", text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l"));
            for typed in [text.clone(), sloppy, text.replace('-', "\u{2013}")] {
                prop_assert_eq!(*RecoveryCode::parse(&typed).unwrap().0, bytes);
            }
        }

        #[test]
        fn one_wrong_character_is_always_noticed(bytes: [u8; CODE_BYTES], place in 0_usize..32, step in 1_usize..32) {
            let text = RecoveryCode(Zeroizing::new(bytes)).text().replace('-', "");
            let mut typed: Vec<u8> = text.into_bytes();
            let was = DIGITS.iter().position(|d| *d == typed[place]).unwrap();
            typed[place] = DIGITS[(was + step) % 32];
            prop_assert!(RecoveryCode::parse(std::str::from_utf8(&typed).unwrap()).is_err());
        }

        #[test]
        fn reading_a_code_never_panics(typed in "\\PC{0,60}") {
            let _ = RecoveryCode::parse(&typed);
        }
    }
}
