//! settings
use crate::people::face;
use crate::{Store, StoreError};
face! {
    pub async fn setting(&self, key: &str) -> Option<String>;
    pub async fn set_setting(&self, key: &str, value: &str) -> ();
}
