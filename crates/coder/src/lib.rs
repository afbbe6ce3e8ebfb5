//! A turn of text in, codes, signs and safety words out, with their places and how sure we are.

use talk::{Coded, CoderVersion, Context, Utterance};

pub struct Coder {}

impl Coder {
    #[must_use]
    pub fn code(&self, _utterance: &Utterance, _context: &Context) -> Coded {
        unimplemented!()
    }
    #[must_use]
    pub fn version(&self) -> &CoderVersion {
        unimplemented!()
    }
}
