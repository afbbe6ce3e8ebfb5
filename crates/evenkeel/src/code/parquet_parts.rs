//! Folders of Parquet parts, in and out, with the columns of the CSV tables. A part is written under another name, flushed to
//! the disk and then renamed: what has its name is whole.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use arrow_array::{Array, ArrayRef, BooleanArray, LargeStringArray, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use serde_json::Value;

use super::csv_table::{COLUMNS, of_cells, plain};
use super::line::{Cells, Read};
use super::{Sink, Source};

/// Rows of a part.
const PART_ROWS: usize = 16_384;
/// Rows that are read at once.
const READ_ROWS: usize = 1_024;

pub struct Parts {
    parts: std::vec::IntoIter<PathBuf>,
    reader: Option<ParquetRecordBatchReader>,
    batch: Option<(RecordBatch, usize)>,
    n: u64,
}

/// The parts of a folder in the order of their names, or the one file.
fn parts(path: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut out = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "parquet") {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

impl Parts {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let parts = parts(path)?;
        if parts.is_empty() {
            bail!("{} holds no .parquet file", path.display());
        }
        Ok(Self { parts: parts.into_iter(), reader: None, batch: None, n: 0 })
    }

    /// Moves to the next row; false at the end.
    fn advance(&mut self) -> anyhow::Result<bool> {
        loop {
            if let Some((batch, at)) = &mut self.batch {
                *at += 1;
                if *at < batch.num_rows() {
                    return Ok(true);
                }
                self.batch = None;
            }
            if let Some(reader) = &mut self.reader {
                match reader.next() {
                    Some(batch) if batch.as_ref().is_ok_and(|batch| batch.num_rows() == 0) => {
                        continue;
                    }
                    Some(batch) => {
                        self.batch = Some((batch?, 0));
                        return Ok(true);
                    }
                    None => self.reader = None,
                }
            }
            let Some(part) = self.parts.next() else { return Ok(false) };
            let place = || format!("cannot read {}", part.display());
            let file = File::open(&part).with_context(place)?;
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).with_context(place)?;
            for column in ["speaker", "text"] {
                if builder.schema().column_with_name(column).is_none() {
                    bail!("{} has no column `{column}`", part.display());
                }
            }
            self.reader = Some(builder.with_batch_size(READ_ROWS).build().with_context(place)?);
        }
    }
}

/// A cell as text; empty when it is null or not there.
fn cell<'a>(batch: &'a RecordBatch, column: &str, at: usize) -> anyhow::Result<&'a str> {
    let Some(array) = batch.column_by_name(column) else { return Ok("") };
    if array.is_null(at) {
        return Ok("");
    }
    let any = array.as_any();
    if let Some(texts) = any.downcast_ref::<StringArray>() {
        return Ok(texts.value(at));
    }
    if let Some(texts) = any.downcast_ref::<LargeStringArray>() {
        return Ok(texts.value(at));
    }
    bail!("column `{column}` holds {}, not text; write it as a string", array.data_type())
}

impl Source for Parts {
    fn next(&mut self) -> anyhow::Result<Option<(Read, usize)>> {
        if !self.advance()? {
            return Ok(None);
        }
        self.n += 1;
        let Some((batch, at)) = &self.batch else { return Ok(None) };
        let text = |column: &str| cell(batch, column, *at);
        let (id, words) = (text("id")?, text("text")?);
        let read =
            of_cells(Value::String(id.to_owned()), text("speaker")?, words, text("context")?);
        Ok(Some(((self.n, read), words.len())))
    }
}

pub struct Written {
    folder: PathBuf,
    n_kept: u64,
    n_parts: usize,
    rows: Vec<[String; 7]>,
    abstained: Vec<bool>,
}

impl Written {
    /// With `resume`, the parts of an earlier run stay.
    pub fn create(folder: &Path, resume: bool) -> anyhow::Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let known = parts(folder)?;
        if !known.is_empty() && !resume {
            bail!(
                "{} holds {} parts already; name another folder, or go on with --resume",
                folder.display(),
                known.len()
            );
        }
        let mut n_kept = 0;
        for part in &known {
            let place = || format!("cannot read {}", part.display());
            let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(part)?);
            let rows = builder.with_context(place)?.metadata().file_metadata().num_rows();
            n_kept += u64::try_from(rows).with_context(place)?;
        }
        let (n_parts, folder) = (known.len(), folder.to_owned());
        Ok(Self { folder, n_kept, n_parts, rows: Vec::new(), abstained: Vec::new() })
    }

    fn write_part(&mut self) -> anyhow::Result<()> {
        if self.rows.is_empty() {
            return Ok(());
        }
        self.n_parts += 1;
        let name = format!("part-{:06}.parquet", self.n_parts);
        let (path, hidden) = (self.folder.join(&name), self.folder.join(format!(".{name}.part")));
        let column = |at: usize| -> ArrayRef {
            Arc::new(StringArray::from_iter_values(self.rows.iter().map(|row| &row[at])))
        };
        let texts = COLUMNS.iter().filter(|name| **name != "abstained").enumerate();
        let mut columns: Vec<(&str, ArrayRef)> =
            texts.map(|(at, name)| (*name, column(at))).collect();
        columns.insert(5, (COLUMNS[5], Arc::new(BooleanArray::from(self.abstained.clone()))));
        let batch = RecordBatch::try_from_iter(columns)?;
        let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
        let file =
            File::create(&hidden).with_context(|| format!("cannot write {}", hidden.display()))?;
        let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties))?;
        writer.write(&batch)?;
        writer.into_inner()?.sync_all()?;
        fs::rename(&hidden, &path).with_context(|| format!("cannot write {}", path.display()))?;
        self.rows.clear();
        self.abstained.clear();
        Ok(())
    }
}

impl Sink for Written {
    fn n_kept(&self) -> u64 {
        self.n_kept
    }
    fn write(&mut self, answers: &[Cells]) -> anyhow::Result<()> {
        for cells in answers {
            let Cells { id, codes, signs, safety, emotions, abstained, coder, error } = cells;
            let texts = [codes, signs, safety, emotions, coder, error].map(String::clone);
            let [codes, signs, safety, emotions, coder, error] = texts;
            self.rows.push([plain(id), codes, signs, safety, emotions, coder, error]);
            self.abstained.push(*abstained);
            if self.rows.len() == PART_ROWS {
                self.write_part()?;
            }
        }
        Ok(())
    }
    fn finish(&mut self) -> anyhow::Result<()> {
        self.write_part()
    }
}
