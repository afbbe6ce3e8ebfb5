//! The files of a backup: written so that a crash leaves no half backup that looks whole, read with suspicion.
//!
//! Knows lines and hashes, not the database.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::backup::table::Table;
use crate::error::StoreError;
use crate::seal::random;
use crate::token::hex;

/// One file as the manifest names it.
#[derive(Serialize, Deserialize)]
pub(super) struct ManifestFile {
    pub(super) table: String,
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) sha256: String,
}

/// Makes the folder (its owner's only), or takes an empty one. The keyring must not lie in it.
pub(super) fn prepare_folder(dir: &Path, keyring: &Path) -> Result<(), StoreError> {
    let fault = |error| StoreError::file(dir, error);
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(fault)?;
    if std::fs::read_dir(dir).map_err(fault)?.next().is_some() {
        return Err(StoreError::refused(
            format!("the folder {} is not empty", dir.display()),
            "name a new one for each backup",
        ));
    }
    let home = std::fs::canonicalize(folder_of(keyring))
        .map_err(|error| StoreError::file(keyring, error))?;
    if home.starts_with(std::fs::canonicalize(dir).map_err(fault)?) {
        return Err(StoreError::refused(
            "the keyring lies in the backup's folder",
            "keep it beside the master key: there it can be destroyed for every backup at once",
        ));
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A table's file while it is written.
pub(super) struct Lines {
    path: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    report: ManifestFile,
}

impl Lines {
    pub(super) fn create(dir: &Path, table: &Table) -> Result<Self, StoreError> {
        let name = format!("{}.jsonl", table.name);
        let path = dir.join(&name);
        let file = private().create_new(true).open(&path);
        let file = BufWriter::new(file.map_err(|error| StoreError::file(&path, error))?);
        let sha256 = String::new();
        let report = ManifestFile { table: table.name.to_owned(), name, rows: 0, sha256 };
        Ok(Self { path, file, hash: Sha256::new(), report })
    }

    pub(super) fn write(&mut self, line: &str) -> Result<(), StoreError> {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.report.rows += 1;
        writeln!(self.file, "{line}").map_err(|error| StoreError::file(&self.path, error))
    }

    pub(super) fn finish(mut self) -> Result<ManifestFile, StoreError> {
        let fault = |error| StoreError::file(&self.path, error);
        self.file.flush().map_err(fault)?;
        self.file.get_ref().sync_all().map_err(fault)?;
        self.report.sha256 = hex(&self.hash.finalize());
        Ok(self.report)
    }
}

/// Checks count, hash and every line of a file before anything is loaded from it.
pub(super) fn verify(dir: &Path, expected: &ManifestFile, table: &Table) -> Result<(), StoreError> {
    if expected.name != format!("{}.jsonl", table.name) {
        return Err(StoreError::corrupt(
            "manifest.json",
            format!("the file name `{}`", expected.name),
        ));
    }
    let path = dir.join(&expected.name);
    let (mut hash, mut rows) = (Sha256::new(), 0_u64);
    for line in lines(&path)? {
        let line = line?;
        hash.update(line.as_bytes());
        hash.update(b"\n");
        rows += 1;
        table
            .parse_line(&line)
            .map_err(|what| StoreError::corrupt(format!("{} line {rows}", path.display()), what))?;
    }
    if rows != expected.rows || hex(&hash.finalize()) != expected.sha256 {
        return Err(StoreError::corrupt(
            path.display().to_string(),
            format!(
                "its {rows} rows are not the {} that were written; use another backup",
                expected.rows
            ),
        ));
    }
    Ok(())
}

/// Opens a plain file and nothing else: a pipe or a device may never end.
fn open_plain(path: &Path) -> Result<File, StoreError> {
    let kind = std::fs::metadata(path).map_err(|error| StoreError::file(path, error))?;
    if !kind.is_file() {
        return Err(StoreError::file(
            path,
            "it is not a plain file; give a folder that `backup` wrote",
        ));
    }
    File::open(path).map_err(|error| StoreError::file(path, error))
}

/// The lines of a file, one at a time.
pub(super) fn lines(
    path: &Path,
) -> Result<impl Iterator<Item = Result<String, StoreError>> + Send, StoreError> {
    let file = open_plain(path)?;
    let path = path.to_owned();
    let lines = BufReader::new(file).lines();
    Ok(lines.map(move |line| line.map_err(|error| StoreError::file(&path, error))))
}

/// Writes a small file whole or not at all: draft, sync, rename, sync of the folder.
pub(super) fn write_whole(path: &Path, value: &impl Serialize) -> Result<(), StoreError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|error| StoreError::file(path, error))?;
    let folder = folder_of(path);
    let draft = folder.join(format!(".draft-{}", hex(&random::<8>()?)));
    let write = || -> std::io::Result<()> {
        let mut file = private().create_new(true).open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&draft, path)?;
        File::open(folder)?.sync_all()
    };
    let written = write();
    if written.is_err() {
        // Nothing to tell beyond the first failure.
        let _ = std::fs::remove_file(&draft);
    }
    written.map_err(|error| StoreError::file(path, error))
}

pub(super) fn read_whole<T: DeserializeOwned>(path: &Path) -> Result<T, StoreError> {
    let text = std::io::read_to_string(open_plain(path)?)
        .map_err(|error| StoreError::file(path, error))?;
    serde_json::from_str(&text)
        .map_err(|error| StoreError::corrupt(path.display().to_string(), error))
}

fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).mode(0o600);
    options
}
