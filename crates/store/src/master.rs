//! The master key: the one secret that lies outside the data folder and the database.
//!
//! It wraps the people's data keys and nothing else. The binary loads it and hands it to `Store::open`.

use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::StoreError;
use crate::seal::random;
use crate::token::hex;

const MASTER_KEY_BYTES: usize = 32;
/// A key file holds a comment and 44 characters; more is some other file.
const MASTER_FILE_BYTES_MAX: u64 = 4_096;
const COMMENT: &str =
    "# The master key of this evenkeel. Keep it apart from the data and from the backups.\n";

/// The key that wraps every person's data key.
pub struct MasterKey(pub(crate) Zeroizing<[u8; MASTER_KEY_BYTES]>);

impl MasterKey {
    #[must_use]
    pub fn from_bytes(bytes: [u8; MASTER_KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Reads the key file; makes it (mode 0600) when there is none. Two nodes may do so at once.
    pub fn load_or_create(path: &Path) -> Result<Self, StoreError> {
        if !path.try_exists().map_err(|error| StoreError::file(path, error))? {
            Self::create(path)?;
        }
        Self::load(path)
    }

    /// Reads the key file. Refuses one that others than its owner may read.
    pub fn load(path: &Path) -> Result<Self, StoreError> {
        let fault = |error: std::io::Error| StoreError::file(path, error);
        let file = std::fs::File::open(path).map_err(fault)?;
        let mode = file.metadata().map_err(fault)?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(StoreError::refused(
                format!(
                    "the master key {} may be read by others (mode {mode:03o})",
                    path.display()
                ),
                format!("run: chmod 600 {}", path.display()),
            ));
        }
        let mut text = Zeroizing::new(String::new());
        file.take(MASTER_FILE_BYTES_MAX).read_to_string(&mut text).map_err(fault)?;
        let lines = text.lines().map(str::trim);
        let mut keys = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let (Some(key), None) = (keys.next(), keys.next()) else {
            return Err(not_a_key(path, "it does not hold exactly one key line"));
        };
        let bytes = Zeroizing::new(
            STANDARD.decode(key).map_err(|_| not_a_key(path, "its key line is not base64"))?,
        );
        let bytes: [u8; MASTER_KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| {
            not_a_key(
                path,
                &format!("it holds {} bytes instead of {MASTER_KEY_BYTES}", bytes.len()),
            )
        })?;
        Ok(Self::from_bytes(bytes))
    }

    /// Writes a new key beside `path` and links it into place, so that a crash never leaves half a key.
    fn create(path: &Path) -> Result<(), StoreError> {
        let fault = |error: std::io::Error| StoreError::file(path, error);
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).map_err(fault)?;
        let draft = folder.join(format!(".master-{}", hex(&random::<8>()?)));
        let key = Zeroizing::new(random::<MASTER_KEY_BYTES>()?);
        let line = Zeroizing::new(STANDARD.encode(*key));
        let write = || -> std::io::Result<()> {
            let mut file = std::fs::OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&draft)?;
            file.write_all(COMMENT.as_bytes())?;
            file.write_all(line.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()?;
            match std::fs::hard_link(&draft, path) {
                Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => Err(error),
                Ok(()) | Err(_) => std::fs::File::open(folder)?.sync_all(),
            }
        };
        let written = write();
        let removed = std::fs::remove_file(&draft);
        written.and(removed).map_err(fault)
    }
}

fn not_a_key(path: &Path, what: &str) -> StoreError {
    StoreError::refused(
        format!("{} is not a master key: {what}", path.display()),
        "put the right file there, from where you keep its copy; without it nothing sealed can be read",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_master_key_is_made_once_and_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys/master.key");
        let first = MasterKey::load_or_create(&path).unwrap();
        let again = MasterKey::load_or_create(&path).unwrap();
        assert_eq!(*first.0, *again.0);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn a_master_key_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        MasterKey::load_or_create(&path).unwrap();
        for mode in [0o640, 0o604, 0o660] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let error = MasterKey::load(&path).err().unwrap();
            assert!(error.to_string().contains("chmod 600"), "{error}");
        }
    }

    #[test]
    fn a_file_that_is_no_master_key_is_refused_with_a_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("master.key");
        for text in ["", "# only a comment\n", "c2hvcnQ=\n", "no base64!\n", "YQ==\nYQ==\n"] {
            std::fs::write(&path, text).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let error = MasterKey::load(&path).err().unwrap();
            assert!(matches!(error, StoreError::Refused { .. }), "{text:?}: {error}");
        }
        assert!(matches!(
            MasterKey::load(&folder.path().join("none")),
            Err(StoreError::File { .. })
        ));
    }
}
