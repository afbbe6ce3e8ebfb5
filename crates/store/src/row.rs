//! Events as they are stored: JSON with a version, `{"v":1,"kind":"said",…}`, and the way up from older versions.
//!
//! The row types (`row::form`) are apart from the domain's and converted by hand, so that a change of the one
//! never silently changes the other. Sealing is not done here. Called by `log`, and by the export of one's own data.

mod form;
mod from_row;
mod into_row;

use serde::Serialize;
use serde_json::Value;
use talk::Event;

use crate::error::StoreError;
use form::EventRow;

/// The version that is written.
const VERSION: u64 = 1;

/// `STEPS[n]` brings an event from version `n + 1` to `n + 2`. There are none yet.
const STEPS: &[Step] = &[];

/// One step of the upgrade chain, on the JSON as it was written then.
type Step = fn(Value) -> Result<Value, String>;

#[derive(Serialize)]
struct Envelope {
    v: u64,
    #[serde(flatten)]
    event: EventRow,
}

/// The stored form of an event.
pub fn event_to_json(event: &Event) -> Result<String, StoreError> {
    let refused = |what: String| {
        StoreError::refused(
            format!("an event `{}` cannot be stored: {what}", event.kind()),
            "this is a fault in the program; report it",
        )
    };
    let row = into_row::event(event).map_err(refused)?;
    serde_json::to_string(&Envelope { v: VERSION, event: row })
        .map_err(|error| refused(error.to_string()))
}

/// An event from its stored form, of this version or an older one. `place` goes into the error.
pub fn event_from_json(text: &str, place: &str) -> Result<Event, StoreError> {
    let corrupt = |what: String| StoreError::corrupt(place, what);
    let value: Value = serde_json::from_str(text).map_err(|error| corrupt(error.to_string()))?;
    let value = upgrade(value, VERSION, STEPS).map_err(corrupt)?;
    let row: EventRow =
        serde_json::from_value(value).map_err(|error| corrupt(error.to_string()))?;
    from_row::event(row).map_err(corrupt)
}

/// Takes the version off and climbs to `version`.
fn upgrade(mut value: Value, version: u64, steps: &[Step]) -> Result<Value, String> {
    let found = value.as_object_mut().and_then(|object| object.remove("v"));
    let found = found.as_ref().and_then(Value::as_u64).ok_or("it has no version `v`")?;
    if found == 0 || found > version {
        return Err(format!("it has version {found}; this program knows 1 to {version}"));
    }
    let done = usize::try_from(found - 1).unwrap_or(usize::MAX);
    steps.iter().skip(done).try_fold(value, |value, step| step(value))
}

#[cfg(test)]
mod tests;
