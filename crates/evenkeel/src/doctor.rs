//! `evenkeel doctor`: looks an installation over and says what to mend. Changes nothing.

use scenario::Severity;
use store::MasterKey;

use crate::args::SiteArgs;
use crate::site::{self, Places};
use crate::{Outcome, content};

pub fn run(args: &SiteArgs) -> anyhow::Result<Outcome> {
    let mut list = List { n_faults: 0 };
    let places = Places::of(args)?;
    list.tell("content", look_at_content());
    list.tell("master key", look_at_key(&places));
    let health = site::runtime()?.block_on(async {
        let store = places.open_existing().await?;
        let health = store.health().await?;
        store.close().await;
        anyhow::Ok(health)
    });
    list.tell(
        "database",
        health.map(|health| {
            let durability: Vec<String> =
                health.durability.iter().map(|(name, value)| format!("{name}={value}")).collect();
            format!(
                "{} {}, schema {}, {}; {} people, {} calls, {} events",
                health.engine.as_str(),
                health.version,
                health.schema_version,
                durability.join(", "),
                health.n_people,
                health.n_calls,
                health.n_events
            )
        }),
    );
    list.tell("keyring", look_at_keyring(&places));
    Ok(if list.n_faults > 0 { Outcome::Findings } else { Outcome::Done })
}

struct List {
    n_faults: usize,
}

impl List {
    fn tell(&mut self, what: &str, found: anyhow::Result<String>) {
        match found {
            Ok(found) => println!("well    {what}: {found}"),
            Err(fault) => {
                self.n_faults += 1;
                println!("mend    {what}: {fault:#}");
            }
        }
    }
}

fn look_at_content() -> anyhow::Result<String> {
    let book = content::codebook()?;
    let ids = content::scenario_ids();
    let mut n_unsigned = 0;
    for id in &ids {
        let text = content::text(&format!("scenarios/{id}.scenario"))?;
        let (program, diagnostics) =
            scenario::parse_scenario(&format!("{id}.scenario"), &text, &book);
        if let Some(error) = diagnostics.iter().find(|d| d.severity == Severity::Error) {
            anyhow::bail!("{error}");
        }
        let signed =
            program.is_some_and(|p| p.briefing.sign_offs.iter().all(|s| s.signed.is_some()));
        n_unsigned += usize::from(!signed);
    }
    let version = content::coder()?.version().0.to_string();
    Ok(format!(
        "{} scenarios ({n_unsigned} not signed by everyone who should), coder {version}",
        ids.len()
    ))
}

fn look_at_key(places: &Places) -> anyhow::Result<String> {
    MasterKey::load(&places.key)?;
    Ok(format!(
        "{}, readable by its owner only, outside the data folder. Keep a copy elsewhere: without it nothing sealed can be read",
        places.key.display()
    ))
}

fn look_at_keyring(places: &Places) -> anyhow::Result<String> {
    let keyring = places.keyring();
    if keyring.is_file() {
        return Ok(format!("{}, as of the last backup", keyring.display()));
    }
    Ok("none yet; the first backup writes it beside the master key".to_owned())
}
