//! What a practised call must always do. One binary for all of it; `cargo nextest run -p call`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]

#[path = "all/affect_model.rs"]
mod affect_model;
#[path = "all/cast.rs"]
mod cast;
#[path = "all/played.rs"]
mod played;
#[path = "all/safety_law.rs"]
mod safety_law;
