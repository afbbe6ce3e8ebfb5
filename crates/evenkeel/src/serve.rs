//! `evenkeel serve`: the practice site, until it is told to stop.

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::bail;
use server::{Config, RawConfig, Shared, Site};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::Outcome;
use crate::args::ServeArgs;
use crate::site::{self, Places, SystemClock};

pub fn run(args: &ServeArgs) -> anyhow::Result<Outcome> {
    log_to_stderr("info");
    let config = check(RawConfig {
        name: Some(args.name.clone()),
        place: Some(args.place.clone()),
        contact: args.contact.clone(),
        listen: Some(args.listen.to_string()),
        tls_cert: args.tls_cert.clone(),
        tls_key: args.tls_key.clone(),
        public_origin: args.origin.clone(),
        trusted_proxies: args.trusted_proxies.clone(),
        allow_plain_http: args.allow_plain_http,
        ..RawConfig::default()
    })?;
    let places = Places::of(&args.site)?;
    site::runtime()?.block_on(async {
        let store = places.open().await?;
        let content = site::content(&places.data, &config.place)?;
        let site = Site::new(store, content, config, Arc::new(SystemClock), site::chance);
        serve(site, |_, _| Ok(())).await
    })?;
    Ok(Outcome::Done)
}

/// Checks the settings; every fault is told at once.
pub fn check(raw: RawConfig) -> anyhow::Result<Config> {
    Config::check(raw).or_else(|faults| {
        let list: Vec<String> = faults.iter().map(ToString::to_string).collect();
        bail!("the settings cannot stand:\n  {}", list.join("\n  "))
    })
}

/// Serves, and says on standard output where; `greet` hears the site's address first.
pub async fn serve(
    site: Shared,
    greet: impl FnOnce(&Site, &str) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let listen = site.config.listen.clone();
    let scheme = if site.config.secure_cookies { "https" } else { "http" };
    let public = site.config.public_origin.clone();
    let welcome = server::first_admin_link(&site, "").await?;
    let mut greeted = Ok(());
    let bound = |at: std::net::SocketAddr| {
        let origin = public.unwrap_or_else(|| format!("{scheme}://{at}"));
        println!("evenkeel is at {origin}/");
        if let Some(path) = welcome {
            println!(
                "Nobody is here yet. Make the first admin with this link; it works once, for a day:\n{origin}{path}"
            );
        }
        greeted = greet(&site, &origin);
    };
    server::serve(Arc::clone(&site), listen, bound, stopped()).await?;
    greeted?;
    site.store.close().await;
    Ok(())
}

/// Done when the process is told to stop.
async fn stopped() {
    let interrupt = tokio::signal::ctrl_c();
    let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    else {
        let _ = interrupt.await;
        return;
    };
    tokio::select! {
        _ = interrupt => {}
        _ = terminate.recv() => {}
    }
}

/// Libraries that log frames and rows, words and all, at their finest levels. Whatever is asked for, they stay coarse.
const MAY_HOLD_WORDS: [&str; 6] =
    ["tungstenite", "tokio_tungstenite", "hyper", "h2", "axum", "sqlx"];

/// Log lines carry ids and never words; `EVENKEEL_LOG` chooses how many.
pub fn log_to_stderr(level: &str) {
    let asked = EnvFilter::try_from_env("EVENKEEL_LOG").unwrap_or_else(|_| EnvFilter::new(level));
    let wordless = filter_fn(|event| {
        let coarse = *event.level() <= tracing::Level::INFO;
        let crate_name = event.target().split("::").next().unwrap_or_default();
        coarse || !MAY_HOLD_WORDS.contains(&crate_name)
    });
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_filter(wordless);
    tracing_subscriber::registry().with(asked).with(lines).init();
}
