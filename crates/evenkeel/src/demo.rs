//! `evenkeel demo`: a ready practice site with sample people, opened by one printed link.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use server::{RawConfig, Site};
use store::{LinkKind, NewPerson, Role, Store};
use talk::Clock;

use crate::Outcome;
use crate::args::{DemoArgs, SiteArgs};
use crate::serve;
use crate::site::{self, Places, SystemClock};

/// The sample people: the first is who the link opens the site as.
const PEOPLE: [(&str, &str, Role); 4] = [
    ("sam", "Sam Okafor", Role::Agent),
    ("mina", "Mina Dahl", Role::Trainer),
    ("luis", "Luis Ferreira", Role::Lead),
    ("robin", "Robin Vale", Role::Admin),
];
/// An hour is enough to accept one's own invitation.
const LINK_MS: i64 = 60 * 60 * 1000;

pub fn run(args: &DemoArgs) -> anyhow::Result<Outcome> {
    serve::log_to_stderr("warn");
    let folder = Folder::of(args)?;
    let config = serve::check(RawConfig {
        name: Some("evenkeel demo".to_owned()),
        place: Some(args.place.clone()),
        contact: "your team lead, at the next desk".to_owned(),
        listen: Some(args.listen.to_string()),
        demo: true,
        ..RawConfig::default()
    })?;
    let places = Places::of(&SiteArgs {
        data: folder.path.join("data"),
        database: args.database.clone(),
        key: Some(folder.path.join("key").join("master.key")),
    })?;
    site::runtime()?.block_on(async {
        let store = places.open().await?;
        let secret = settle(&store).await?;
        let content = site::content(&places.data, &config.place)?;
        let site = Site::new(store, content, config, Arc::new(SystemClock), site::chance);
        serve::serve(site, |_: &Site, origin: &str| {
            println!("\nOpen this link to look around as Sam, an agent, or as anybody else there:\n{origin}/demo/{secret}\n");
            println!("Nothing here is real, and nobody's practice is kept. Ctrl+C stops the demo.");
            std::io::stdout().flush()?;
            Ok(())
        })
        .await
    })?;
    Ok(Outcome::Done)
}

/// Makes the sample people where there are none, and the secret of the demo's link.
async fn settle(store: &Store) -> anyhow::Result<String> {
    let now = SystemClock.now();
    if store.people().await?.is_empty() {
        for (login, name, role) in PEOPLE {
            let person = NewPerson { login: login.to_owned(), name: name.to_owned(), role };
            let id = store.add_person(&person, None, now).await?;
            let link = store.make_link(LinkKind::Invite, Some(id), now, LINK_MS).await?;
            // Nobody signs in by password here; the demo's link lets people in.
            store.accept_link(&link, "!", now).await?;
        }
    }
    let secret: String = site::chance()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    store.set_setting(server::DEMO_SECRET, &secret).await?;
    Ok(secret)
}

/// The demo's folder; a temporary one goes when the demo stops.
struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    fn of(args: &DemoArgs) -> anyhow::Result<Self> {
        if let Some(path) = &args.data {
            return Ok(Self { path: path.clone(), temporary: false });
        }
        let name: String = site::chance()[..8].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = std::env::temp_dir().join(format!("evenkeel-demo-{name}"));
        std::fs::create_dir_all(&path)?;
        Ok(Self { path, temporary: true })
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary && std::fs::remove_dir_all(&self.path).is_err() {
            eprintln!(
                "evenkeel: the demo's folder {} could not be removed; remove it yourself",
                self.path.display()
            );
        }
    }
}
