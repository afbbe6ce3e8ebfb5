//! Fuzz target: any text as a frame of a live call, in the server's own reader.
//!
//! Not the socket (its limits are tested in `server`). `fuzz/run` builds and runs it.
#![no_main]
#![allow(dead_code)]

#[path = "../../crates/server/src/wire.rs"]
mod wire;

use libfuzzer_sys::fuzz_target;
use wire::Ask;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let written = match wire::read(&text) {
        None => return,
        Some(Ask::End) => serde_json::json!({"end": true}),
        Some(Ask::Resume { have }) => serde_json::json!({"resume": {"have": have}}),
        Some(Ask::Say { turn, text, key }) => {
            serde_json::json!({"said": text, "turn": turn, "key": key})
        }
    };
    assert_eq!(wire::read(&written.to_string()), wire::read(&text), "a frame written again is the same frame");
});
