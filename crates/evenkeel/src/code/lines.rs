//! Lines of JSON, in and out.

use std::fs::OpenOptions;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

use super::line::{Cells, Read, read_line};
use super::{Sink, Source};
use crate::output::{self, Line};

pub struct Lines {
    reader: Box<dyn BufRead + Send>,
    n: u64,
}

impl Lines {
    pub fn open(path: Option<&Path>) -> anyhow::Result<Self> {
        Ok(Self { reader: output::reader(path)?, n: 0 })
    }
}

impl Source for Lines {
    fn next(&mut self) -> anyhow::Result<Option<(Read, usize)>> {
        while let Some(line) = output::next_line(&mut *self.reader)? {
            self.n += 1;
            let bytes = if let Line::Text(text) = &line { text.len() } else { 0 };
            if let Some(turn) = read_line(&line) {
                return Ok(Some(((self.n, turn), bytes)));
            }
        }
        Ok(None)
    }
}

pub struct Written {
    writer: Box<dyn Write>,
    n_kept: u64,
    bytes: Vec<u8>,
}

impl Written {
    /// With `resume`, the whole lines of an earlier run stay; a half one is cut off and coded again.
    pub fn create(path: Option<&Path>, resume: bool) -> anyhow::Result<Self> {
        let path = path.filter(|path| path.as_os_str() != "-");
        let (Some(path), true) = (path, resume) else {
            return Ok(Self { writer: output::writer(path)?, n_kept: 0, bytes: Vec::new() });
        };
        let place = || format!("cannot go on with {}", path.display());
        let file = OpenOptions::new().read(true).append(true).create(true).open(path);
        let file = file.with_context(place)?;
        let (mut n_kept, mut end, mut line) = (0, 0, Vec::new());
        let mut reader = BufReader::with_capacity(1 << 18, &file);
        loop {
            line.clear();
            let n = reader.read_until(b'\n', &mut line).with_context(place)?;
            if n == 0 || line.last() != Some(&b'\n') {
                break;
            }
            (n_kept, end) = (n_kept + 1, end + n as u64);
        }
        file.set_len(end).with_context(place)?;
        let writer = Box::new(BufWriter::with_capacity(1 << 18, file));
        Ok(Self { writer, n_kept, bytes: Vec::new() })
    }
}

impl Sink for Written {
    fn n_kept(&self) -> u64 {
        self.n_kept
    }
    fn write(&mut self, answers: &[Cells]) -> anyhow::Result<()> {
        self.bytes.clear();
        answers.iter().for_each(|cells| cells.write_line(&mut self.bytes));
        Ok(self.writer.write_all(&self.bytes)?)
    }
    fn finish(&mut self) -> anyhow::Result<()> {
        Ok(self.writer.flush()?)
    }
}
