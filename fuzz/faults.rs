//! What every answer of the scenario checker must hold, and the one coder of a fuzz process.
//!
//! Not a target. The targets `scenario` and `plan` include it.
#![allow(dead_code)]

use std::sync::LazyLock;

use coder::Coder;
use scenario::{Diagnostic, Severity};

static CODER: LazyLock<Coder> = LazyLock::new(|| Coder::embedded().expect("the shipped lexicons read"));

pub fn coder() -> &'static Coder {
    &CODER
}

/// Something came of it, or an error says why not; each diagnostic has a code, a place in the file and a remedy.
pub fn hold(text: &str, is_there: bool, diagnostics: &[Diagnostic]) {
    let has_errors = diagnostics.iter().any(|d| d.severity == Severity::Error);
    assert_ne!(is_there, has_errors, "there is a result, or an error says why not");
    let n_lines = text.split('\n').count() + 1;
    for d in diagnostics {
        assert!(!d.code.is_empty() && !d.message.is_empty() && !d.remedy.is_empty(), "{d}");
        assert!(d.line >= 1 && d.column >= 1, "{d}");
        assert!(usize::try_from(d.line).is_ok_and(|line| line <= n_lines), "{d}: beyond the file");
        assert!(!d.to_string().contains('\0'), "{d:?}: shows a control character");
    }
}
