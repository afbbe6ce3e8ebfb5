//! backup
use crate::people::face;
use crate::{Store, StoreError};
use std::path::Path;

/// What a dump wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DumpReport {
    /// Rows by table.
    pub n_rows: Vec<(String, u64)>,
    pub n_keys: u64,
}

/// What a load read in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadReport {
    pub n_rows: Vec<(String, u64)>,
    pub n_keys: u64,
}

face! {
    pub async fn dump(&self, dir: &Path, keyring: &Path) -> DumpReport;
    pub async fn load(&self, dir: &Path, keyring: &Path) -> LoadReport;
}
