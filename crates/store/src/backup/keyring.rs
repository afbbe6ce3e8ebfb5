//! The keyring: all wrapped data keys, in one file beside the master key.
//!
//! There is one, not one per backup: a key destroyed here and in the database is gone from every backup.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::backup::file::{read_whole, write_whole};
use crate::backup::table::{Cell, KEYS};
use crate::error::StoreError;
use crate::token::hex;

const FORMAT: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Keyring {
    format: u32,
    instance: String,
    sha256: String,
    keys: Vec<String>,
}

/// The keyring of another installation is not overwritten.
pub(super) fn check_instance(path: &Path, instance: &str) -> Result<(), StoreError> {
    if !path.try_exists().map_err(|error| StoreError::file(path, error))? {
        return Ok(());
    }
    let keyring: Keyring = read_whole(path)?;
    same_instance(path, &keyring, instance)
}

fn same_instance(path: &Path, keyring: &Keyring, instance: &str) -> Result<(), StoreError> {
    if keyring.instance == instance {
        return Ok(());
    }
    Err(StoreError::refused(
        format!("the keyring {} belongs to another installation", path.display()),
        "name the keyring that lies beside this installation's master key",
    ))
}

pub(super) fn write(path: &Path, instance: &str, keys: Vec<Vec<Cell>>) -> Result<(), StoreError> {
    let keys: Vec<String> = keys.iter().map(|cells| KEYS.to_line(cells)).collect();
    let sha256 = digest(&keys);
    write_whole(path, &Keyring { format: FORMAT, instance: instance.to_owned(), sha256, keys })
}

pub(super) fn read(path: &Path, instance: &str) -> Result<Vec<Vec<Cell>>, StoreError> {
    let keyring: Keyring = read_whole(path)?;
    let damaged = |what: String| StoreError::corrupt(path.display().to_string(), what);
    if keyring.format != FORMAT {
        return Err(damaged(format!("it has format {}, not {FORMAT}", keyring.format)));
    }
    same_instance(path, &keyring, instance)?;
    if digest(&keyring.keys) != keyring.sha256 {
        return Err(damaged("its keys are not those that were written".to_owned()));
    }
    keyring.keys.iter().map(|line| KEYS.parse_line(line).map_err(damaged)).collect()
}

fn digest(keys: &[String]) -> String {
    hex(&Sha256::digest(keys.join("\n").as_bytes()))
}
