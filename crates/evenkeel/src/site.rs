//! Opening a site: the database, the key, the content. What `serve`, `demo`, `doctor` and the backups share.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, bail};
use server::{Content, Resources};
use store::{Database, MasterKey, Store};
use talk::{Clock, Instant};

use crate::args::SiteArgs;
use crate::content;

/// The system's clock. The one place where time comes in.
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "here the system's time enters; everything else takes a Clock"
    )]
    fn now(&self) -> Instant {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Random bytes from the operating system. The one place where chance comes in, beside `store`, which makes keys.
pub fn chance() -> [u8; 32] {
    let mut bytes = [0; 32];
    if let Err(error) = getrandom::fill(&mut bytes) {
        // Without the system's randomness no id, seed or token can be made; going on would be unsafe.
        eprintln!("evenkeel: the operating system gives no random bytes: {error}");
        std::process::exit(2);
    }
    bytes
}

/// Where things lie, checked.
pub struct Places {
    pub database: Database,
    pub data: PathBuf,
    pub key: PathBuf,
}

impl Places {
    pub fn of(args: &SiteArgs) -> anyhow::Result<Self> {
        let key = match &args.key {
            Some(key) => key.clone(),
            None => default_key()?,
        };
        let database = match &args.database {
            Some(url) => Database::parse(url)?,
            None => Database::Sqlite(args.data.join("evenkeel.sqlite")),
        };
        let places = Self { database, data: args.data.clone(), key };
        places.keep_key_apart()?;
        Ok(places)
    }

    /// Whoever takes the data folder must not hold the key with it.
    fn keep_key_apart(&self) -> anyhow::Result<()> {
        let data = real(&self.data)?;
        let key = real(&self.key)?;
        if key.starts_with(&data) {
            bail!(
                "the master key {} lies inside the data folder {}; whoever copies the folder would hold both. Give --key a path outside it",
                key.display(),
                data.display()
            );
        }
        Ok(())
    }

    /// The wrapped keys of all people, rewritten by every backup; never inside a backup.
    pub fn keyring(&self) -> PathBuf {
        self.key.with_file_name("keyring.jsonl")
    }

    /// Opens the store and makes what is missing: the folder, the key, the tables.
    pub async fn open(&self) -> anyhow::Result<Store> {
        std::fs::create_dir_all(&self.data)
            .with_context(|| format!("cannot make the data folder {}", self.data.display()))?;
        if let Some(folder) = self.key.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make the key's folder {}", folder.display()))?;
        }
        let master = MasterKey::load_or_create(&self.key)?;
        Ok(Store::open(&self.database, master).await?)
    }

    /// Opens what is there and makes nothing.
    pub async fn open_existing(&self) -> anyhow::Result<Store> {
        let master = MasterKey::load(&self.key)?;
        if let Database::Sqlite(path) = &self.database
            && !path.is_file()
        {
            bail!("there is no database at {}; give --data the site's folder", path.display());
        }
        Ok(Store::open(&self.database, master).await?)
    }
}

/// The path with every link followed, as far as it exists.
fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    let mut missing = Vec::new();
    let mut there = path.as_path();
    loop {
        if let Ok(found) = there.canonicalize() {
            return Ok(missing.iter().rev().fold(found, |path, name| path.join(name)));
        }
        let (Some(parent), Some(name)) = (there.parent(), there.file_name()) else {
            return Ok(path);
        };
        missing.push(name);
        there = parent;
    }
}

#[allow(clippy::disallowed_methods, reason = "configuration is read once, here")]
fn default_key() -> anyhow::Result<PathBuf> {
    let config = std::env::var("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder =
        config.or_else(|_| std::env::var("HOME").map(|home| Path::new(&home).join(".config")));
    let folder = folder.ok().filter(|folder| folder.is_absolute());
    let folder = folder.context(
        "neither XDG_CONFIG_HOME nor HOME says where the master key may lie; give --key",
    )?;
    Ok(folder.join("evenkeel").join("master.key"))
}

/// The content of a site: what ships in the binary, and the site's own resources where it has them.
pub fn content(data: &Path, place: &str) -> anyhow::Result<Content> {
    let book = content::codebook()?;
    Ok(Content {
        coder: content::coder()?,
        feedback: Arc::new(content::feedback()?),
        stages: content::stages(&book)?,
        book: Arc::new(book),
        resources: Arc::new(resources(data, place)?),
    })
}

fn resources(data: &Path, place: &str) -> anyhow::Result<Resources> {
    let own = data.join("resources").join(format!("{place}.toml"));
    if own.is_file() {
        let text = std::fs::read_to_string(&own).with_context(|| own.display().to_string())?;
        return Resources::parse(&text)
            .map_err(|fault| anyhow::anyhow!("{}: {fault}", own.display()));
    }
    Resources::shipped(place)
        .map_err(|fault| anyhow::anyhow!("{fault}. Your own list may stand at {}", own.display()))
}

/// A runtime for the commands that talk to a database.
pub fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread().enable_all().build()?)
}
