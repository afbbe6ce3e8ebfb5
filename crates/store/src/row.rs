//! rows
use crate::StoreError;
use talk::Event;
pub fn event_to_json(event: &Event) -> Result<String, StoreError> {
    let _ = event;
    Err(StoreError::NotFound)
}
pub fn event_from_json(text: &str, place: &str) -> Result<Event, StoreError> {
    let _ = (text, place);
    Err(StoreError::NotFound)
}
