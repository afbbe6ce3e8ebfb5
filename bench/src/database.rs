//! A PostgreSQL cluster of a bench's own: made in a folder, started, killed and started again, and thrown away.
//!
//! Not the site's tables: the server makes those. Durability stays as PostgreSQL ships it.

use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::process;

/// How long a cluster may take to start; after a crash it replays its log first.
const READY_MAX: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A running cluster.
pub struct Cluster {
    folder: PathBuf,
    tools: PathBuf,
    port: u16,
    /// PostgreSQL does not run as root; then it runs as the user `postgres`.
    user: Option<(u32, u32)>,
    child: Option<Child>,
}

impl Cluster {
    pub fn make(folder: &Path) -> anyhow::Result<Self> {
        let tools = tools()?;
        std::fs::create_dir_all(folder)?;
        let user = user(folder)?;
        if let Some((uid, gid)) = user {
            std::os::unix::fs::chown(folder, Some(uid), Some(gid))?;
            // The folder above is for its maker alone; another user must be able to pass through it.
            let above = folder.parent().context("a cluster lies in a folder")?;
            std::fs::set_permissions(above, std::fs::Permissions::from_mode(0o711))?;
        }
        let port = free_port()?;
        let mut cluster = Self { folder: folder.to_owned(), tools, port, user, child: None };
        let mut init = cluster.command("initdb");
        init.args(["--auth=trust", "--username=bench", "--encoding=UTF8", "--no-locale", "-D"]);
        let made =
            init.arg(folder.join("data")).stdout(Stdio::null()).status().context("initdb")?;
        anyhow::ensure!(made.success(), "initdb failed in {}", folder.display());
        cluster.start()?;
        Ok(cluster)
    }

    pub fn url(&self) -> String {
        format!("postgres://bench@127.0.0.1:{}/postgres", self.port)
    }

    /// Processor time of the whole cluster so far; processes that have ended are not in it.
    pub fn cpu(&self) -> Duration {
        let Some(child) = &self.child else { return Duration::ZERO };
        let own = process::cpu(child.id());
        own + process::children(child.id()).into_iter().map(process::cpu).sum::<Duration>()
    }

    /// Starts it, again when a killed one's processes are not all gone yet.
    pub fn start(&mut self) -> anyhow::Result<()> {
        let until = Instant::now() + READY_MAX;
        while Instant::now() < until {
            if self.child.is_none() {
                let log =
                    File::options().create(true).append(true).open(self.folder.join("log"))?;
                let mut serve = self.command("postgres");
                serve.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
                serve.args([
                    "-h",
                    "127.0.0.1",
                    "-p",
                    &self.port.to_string(),
                    "-c",
                    "max_connections=100",
                ]);
                let errors = log.try_clone()?;
                self.child = Some(serve.stdin(Stdio::null()).stdout(log).stderr(errors).spawn()?);
            }
            let mut ask = self.command("pg_isready");
            ask.args(["-q", "-h", "127.0.0.1", "-p", &self.port.to_string()]);
            if ask.status()?.success() {
                return Ok(());
            }
            if let Some(child) = &mut self.child
                && child.try_wait()?.is_some()
            {
                self.child = None;
            }
            std::thread::sleep(LOOK_AGAIN);
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let tail: Vec<&str> = log.lines().rev().take(8).collect();
        bail!("PostgreSQL did not start; its log ends with:\n{}", tail.join("\n"))
    }

    /// `kill -9` to all its processes.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        if let Some(mut child) = self.child.take() {
            let backends = process::children(child.id());
            child.kill()?;
            process::kill(&backends);
            child.wait()?;
        }
        Ok(())
    }

    fn command(&self, tool: &str) -> Command {
        let mut command = Command::new(self.tools.join(tool));
        command.current_dir(&self.folder);
        if let Some((uid, gid)) = self.user {
            command.uid(uid).gid(gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// Where PostgreSQL's tools lie: on the path, or where Debian keeps them.
fn tools() -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).collect::<Vec<_>>();
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let debian = debian.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    let mut folders = debian.chain(on_path);
    let has_all = |folder: &PathBuf| {
        ["initdb", "postgres", "pg_isready"].iter().all(|tool| folder.join(tool).is_file())
    };
    folders
        .find(has_all)
        .context("PostgreSQL is not installed; on Debian: apt-get install postgresql")
}

/// Whom PostgreSQL runs as when we are root.
fn user(folder: &Path) -> anyhow::Result<Option<(u32, u32)>> {
    if std::fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let line = users.lines().find(|line| line.starts_with("postgres:"));
    let mut fields =
        line.context("there is no user postgres, and PostgreSQL does not run as root")?.split(':');
    let (uid, gid) = (fields.nth(2), fields.next());
    Ok(Some((uid.unwrap_or("").parse()?, gid.unwrap_or("").parse()?)))
}

fn free_port() -> anyhow::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
