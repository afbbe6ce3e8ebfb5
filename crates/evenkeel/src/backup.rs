//! `evenkeel backup` and `evenkeel restore`: the whole site as JSON lines, payloads still sealed, from either database to either.

use crate::Outcome;
use crate::args::BackupArgs;
use crate::site::{self, Places};

pub fn backup(args: &BackupArgs) -> anyhow::Result<Outcome> {
    let places = Places::of(&args.site)?;
    let keyring = places.keyring();
    let report = site::runtime()?.block_on(async {
        let store = places.open_existing().await?;
        let report = store.dump(&args.dir, &keyring).await?;
        store.close().await;
        anyhow::Ok(report)
    })?;
    for (table, n) in &report.n_rows {
        println!("{table:16} {n} rows");
    }
    println!("Written to {}. What was said is still sealed in it.", args.dir.display());
    println!(
        "{} wrapped keys are in {}, never in the backup. Keep that file and the master key apart from the backup; a restore needs all three.",
        report.n_keys,
        keyring.display()
    );
    Ok(Outcome::Done)
}

pub fn restore(args: &BackupArgs) -> anyhow::Result<Outcome> {
    let places = Places::of(&args.site)?;
    let report = site::runtime()?.block_on(async {
        let store = places.open().await?;
        let report = store.load(&args.dir, &places.keyring()).await?;
        store.close().await;
        anyhow::Ok(report)
    })?;
    for (table, n) in &report.n_rows {
        println!("{table:16} {n} rows");
    }
    println!("{} keys are back. Sign-ins are not: everybody signs in again.", report.n_keys);
    Ok(Outcome::Done)
}
