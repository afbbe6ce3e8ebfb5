//! CSV tables, in and out. In: columns `id`, `speaker`, `text` and, if there are turns before, `context` as a JSON list of
//! `{"speaker", "text"}`. Out: `id`, `codes`, `signs`, `safety`, `emotions` (JSON each), `abstained`, `coder`, `error`.

use std::fs::{File, OpenOptions};
use std::io::{BufReader, BufWriter, Read as _, Seek, SeekFrom};
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use super::line::{Cells, Read, SaidRow, fault, turn};
use super::{Sink, Source};

pub const COLUMNS: [&str; 8] =
    ["id", "codes", "signs", "safety", "emotions", "abstained", "coder", "error"];

/// Where the columns of the input stand.
struct Places {
    id: Option<usize>,
    speaker: usize,
    text: usize,
    context: Option<usize>,
}

pub struct Table {
    reader: csv::Reader<File>,
    places: Places,
    n: u64,
}

impl Table {
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
        let heads =
            reader.byte_headers().with_context(|| format!("cannot read {}", path.display()))?;
        let place = |name: &str| {
            heads.iter().position(|head| {
                let head = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head);
                head.trim_ascii().eq_ignore_ascii_case(name.as_bytes())
            })
        };
        let (Some(speaker), Some(text)) = (place("speaker"), place("text")) else {
            bail!(
                "{} has no column `speaker` or no column `text`; name them in its first line",
                path.display()
            );
        };
        let places = Places { id: place("id"), speaker, text, context: place("context") };
        Ok(Self { reader, places, n: 0 })
    }
}

impl Source for Table {
    fn next(&mut self) -> anyhow::Result<Option<(Read, usize)>> {
        let mut record = csv::ByteRecord::new();
        if !self.reader.read_byte_record(&mut record)? {
            return Ok(None);
        }
        self.n += 1;
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).unwrap_or_default();
        let text = |at: Option<usize>| std::str::from_utf8(cell(at));
        let Places { id, speaker, text: words, context } = self.places;
        let id = text(id).map_or(Value::Null, |id| Value::String(id.to_owned()));
        let read = match (text(Some(speaker)), text(Some(words)), text(context)) {
            (Ok(speaker), Ok(words), Ok(context)) => of_cells(id, speaker, words, context),
            _ => {
                let detail = "the row is not UTF-8; save the file as UTF-8".to_owned();
                Err(fault(id, "not_utf8", detail))
            }
        };
        Ok(Some(((self.n, read), record.as_slice().len())))
    }
}

/// A turn from the cells of a table.
pub fn of_cells(
    id: Value,
    speaker: &str,
    text: &str,
    context: &str,
) -> Result<super::line::Turn, super::line::Fault> {
    let before: Result<Vec<SaidRow>, _> =
        if context.trim().is_empty() { Ok(Vec::new()) } else { serde_json::from_str(context) };
    match before {
        Ok(before) => turn(id, speaker.trim(), before, text.to_owned()),
        Err(error) => {
            let detail =
                format!("context: {error}; it is a JSON list of {{\"speaker\", \"text\"}}");
            Err(fault(id, "bad_context", detail))
        }
    }
}

pub struct Written {
    writer: csv::Writer<BufWriter<File>>,
    n_kept: u64,
}

impl Written {
    /// With `resume`, the whole rows of an earlier run stay; a half one is cut off and coded again.
    pub fn create(path: &Path, resume: bool) -> anyhow::Result<Self> {
        let place = || format!("cannot write {}", path.display());
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(!resume).open(path);
        let mut file = file.with_context(place)?;
        let (n_kept, end) = whole_rows(&mut file).with_context(place)?;
        file.set_len(end).with_context(place)?;
        file.seek(SeekFrom::End(0)).with_context(place)?;
        let mut writer = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, file));
        if end == 0 {
            writer.write_record(COLUMNS).with_context(place)?;
        }
        Ok(Self { writer, n_kept })
    }
}

/// How many rows after the heading are whole, and where the last of them ends.
fn whole_rows(file: &mut File) -> anyhow::Result<(u64, u64)> {
    let (mut n, mut end) = (0, 0);
    let mut record = csv::ByteRecord::new();
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(BufReader::new(file.try_clone()?));
    let mut ends = Vec::new();
    while reader.read_byte_record(&mut record)? {
        ends.push((reader.position().byte(), record.len()));
        if ends.len() > 1 {
            (n, end) = (n + 1, ends.remove(0).0);
        }
    }
    // The last row counts when its line is ended and it has every cell.
    if let Some((last, n_cells)) = ends.pop() {
        let mut byte = [0];
        file.seek(SeekFrom::Start(last.saturating_sub(1)))?;
        file.read_exact(&mut byte)?;
        if byte == [b'\n'] && n_cells == COLUMNS.len() {
            (n, end) = (n + 1, last);
        }
    }
    Ok((u64::saturating_sub(n, 1), end))
}

impl Sink for Written {
    fn n_kept(&self) -> u64 {
        self.n_kept
    }
    fn write(&mut self, answers: &[Cells]) -> anyhow::Result<()> {
        for cells in answers {
            let Cells { id, codes, signs, safety, emotions, abstained, coder, error } = cells;
            let abstained = if *abstained { "true" } else { "false" };
            self.writer.write_record([
                &*plain(id),
                codes,
                signs,
                safety,
                emotions,
                abstained,
                coder,
                error,
            ])?;
        }
        Ok(())
    }
    fn finish(&mut self) -> anyhow::Result<()> {
        Ok(self.writer.flush()?)
    }
}

/// An id without the quotes of JSON, when it is a text.
pub fn plain(id: &str) -> String {
    match serde_json::from_str(id) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => String::new(),
        Ok(_) => id.to_owned(),
    }
}
