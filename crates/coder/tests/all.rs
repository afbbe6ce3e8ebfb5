//! Tests of the coder against the codebook and sentences of our own. Not a measure of how good it is on unseen talk.
#[path = "all/codebook.rs"]
mod codebook;
