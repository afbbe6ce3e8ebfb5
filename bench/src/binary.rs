//! The evenkeel binary: where it is, and a running server as a child process.
//!
//! Not what the server is asked (`client`). The child is killed when its handle goes.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::house::Place;

/// How long a server may take until it says where it is.
const READY_MAX: Duration = Duration::from_secs(30);

/// The binary as given; else built now, in the profile of this bench, and found beside it.
fn find(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(path) = given {
        anyhow::ensure!(path.is_file(), "there is no binary at {}", path.display());
        return Ok(path.to_owned());
    }
    let mut build = Command::new(option_env!("CARGO").unwrap_or("cargo"));
    build.args(["build", "--quiet", "--package", "evenkeel"]);
    if !cfg!(debug_assertions) {
        build.arg("--release");
    }
    let root =
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("bench lies in the workspace")?;
    let built = build.current_dir(root).status().context("cargo build")?;
    anyhow::ensure!(built.success(), "evenkeel did not build; give --binary");
    let path = std::env::current_exe()?.with_file_name("evenkeel");
    anyhow::ensure!(path.is_file(), "there is no binary at {}; give --binary", path.display());
    Ok(path)
}

/// A copy of the binary for one bench: a build that somebody starts meanwhile does not change what is measured.
pub struct Kept {
    pub path: PathBuf,
    #[allow(dead_code, reason = "the copy is removed when it goes")]
    folder: tempfile::TempDir,
}

pub fn keep(given: Option<&Path>) -> anyhow::Result<Kept> {
    let folder = tempfile::Builder::new().prefix("bench-").tempdir()?;
    let path = folder.path().join("evenkeel");
    std::fs::copy(find(given)?, &path)?;
    Ok(Kept { path, folder })
}

/// Lines that the server has written to its log, each with the moment at which it came.
pub type LogLines = mpsc::Receiver<(Instant, String)>;

/// A running `evenkeel serve`.
pub struct Server {
    child: Child,
    pub at: SocketAddr,
    log: Option<LogLines>,
}

impl Server {
    /// Starts it and waits until it says where it is. `port` 0 takes a free one.
    pub fn start(binary: &Path, place: &Place, port: u16, log: &str) -> anyhow::Result<Self> {
        let began = Instant::now();
        let mut child = Command::new(binary)
            .arg("serve")
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .arg("--data")
            .arg(&place.data)
            .arg("--key")
            .arg(&place.key)
            .args(place.url.iter().flat_map(|url| ["--database", url.as_str()]))
            .env("EVENKEEL_LOG", log)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let log = lines_of(child.stderr.take().context("the server has a log")?);
        let out = lines_of(child.stdout.take().context("the server has an output")?);
        let at = loop {
            let left = READY_MAX.saturating_sub(began.elapsed());
            match out.recv_timeout(left) {
                Ok((_, line)) => {
                    if let Some(at) = line.strip_prefix("evenkeel is at http://") {
                        break at.trim_end_matches('/').parse()?;
                    }
                }
                Err(_) => {
                    let _ = child.kill();
                    let _ = child.wait();
                    let said: Vec<String> = log.try_iter().map(|(_, line)| line).collect();
                    bail!("the server did not come up:\n{}", said.join("\n"));
                }
            }
        };
        Ok(Self { child, at, log: Some(log) })
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The log; once.
    pub fn take_log(&mut self) -> LogLines {
        self.log.take().unwrap_or_else(|| mpsc::channel().1)
    }

    /// `kill -9`, and waits until the process is gone.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads a stream on a thread of its own, so that the process never waits for us.
fn lines_of(stream: impl std::io::Read + Send + 'static) -> LogLines {
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stream).lines().map_while(Result::ok) {
            // Whoever listened may have gone; the stream is read to its end all the same.
            let _ = sender.send((Instant::now(), line));
        }
    });
    lines
}
