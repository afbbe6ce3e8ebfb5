//! Reading and writing files or the standard streams, and telling a reader that went away from a real failure.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context;

/// Bytes of one line of JSON; a longer one is an error line, and the rest of it is skipped.
pub const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

pub fn reader(path: Option<&Path>) -> anyhow::Result<Box<dyn BufRead + Send>> {
    match path {
        Some(path) if path.as_os_str() != "-" => {
            let file =
                File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            Ok(Box::new(BufReader::with_capacity(1 << 18, file)))
        }
        _ => Ok(Box::new(BufReader::with_capacity(1 << 18, io::stdin()))),
    }
}

pub fn writer(path: Option<&Path>) -> anyhow::Result<Box<dyn Write>> {
    match path {
        Some(path) if path.as_os_str() != "-" => {
            let file =
                File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Box::new(BufWriter::with_capacity(1 << 18, file)))
        }
        _ => Ok(Box::new(BufWriter::with_capacity(1 << 18, io::stdout().lock()))),
    }
}

/// Writing to the file that is read would empty it before the first line.
pub fn refuse_same_file(input: Option<&Path>, output: Option<&Path>) -> anyhow::Result<()> {
    let real = |path: Option<&Path>| path.and_then(|path| path.canonicalize().ok());
    if let (Some(from), Some(to)) = (real(input), real(output))
        && from == to
        && from.is_file()
    {
        anyhow::bail!(
            "{} would be read and written at once; name another file for --out",
            to.display()
        );
    }
    Ok(())
}

/// One line as it was read.
pub enum Line {
    Text(String),
    NotUtf8,
    TooLong,
}

/// Reads the next line within `LINE_BYTES_MAX`; `None` at the end.
pub fn next_line(reader: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut bytes = Vec::new();
    let mut long = false;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            if bytes.is_empty() && !long {
                return Ok(None);
            }
            break;
        }
        let newline = chunk.iter().position(|b| *b == b'\n');
        let n = newline.map_or(chunk.len(), |at| at + 1);
        if bytes.len() + n > LINE_BYTES_MAX {
            long = true;
            bytes.clear();
        }
        if !long {
            bytes.extend_from_slice(&chunk[..n]);
        }
        reader.consume(n);
        if newline.is_some() {
            break;
        }
    }
    if long {
        return Ok(Some(Line::TooLong));
    }
    while bytes.last().is_some_and(|b| *b == b'\n' || *b == b'\r') {
        bytes.pop();
    }
    Ok(Some(String::from_utf8(bytes).map_or(Line::NotUtf8, Line::Text)))
}

pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe)
    })
}
