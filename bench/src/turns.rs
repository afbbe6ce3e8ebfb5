//! Turns under load: arrivals are open-loop, so a slow server does not slow its own measurement down.
//!
//! Latency counts from the moment at which a turn was due, not from when the generator came to send it.

mod arrivals;
mod player;
mod steps;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use clap::Args;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::Ground;
use crate::binary::Server;
use crate::figures::{self, Spread, micros, per_second, percent};
use crate::house::{self, Place};
use crate::process;
use crate::words;
use player::{Player, Sample};

/// Milliseconds between two turns of one call, on average.
const TURN_EVERY_MS: f64 = 15_000.0;
/// Calls that are opened at the same time before the load begins.
const OPENING_AT_ONCE: usize = 8;
/// How long the last turns may take after the load has stopped.
const LAST_TURNS: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct TurnsArgs {
    /// Open calls; several for one run after another.
    #[arg(long, value_delimiter = ',', default_value = "50,500,2000")]
    calls: Vec<usize>,
    /// Seconds that are measured.
    #[arg(long, default_value_t = 60)]
    seconds: u64,
    /// Seconds of the same load before that, not measured.
    #[arg(long, default_value_t = 15)]
    warm_up: u64,
    /// The seed of the arrivals.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    ground: Ground,
}

pub fn run(args: &TurnsArgs, binary: &Path, json: bool) -> anyhow::Result<bool> {
    let mut well = true;
    for n_calls in &args.calls {
        let result = measure(args, *n_calls, binary)?;
        well &= result["errors"].as_object().is_some_and(serde_json::Map::is_empty);
        if json {
            println!("{result}");
        }
    }
    Ok(well)
}

/// What one run brought in.
struct Taken {
    samples: Vec<Sample>,
    wall: Duration,
    server_cpu: Duration,
    generator_cpu: Duration,
    database_cpu: Option<Duration>,
    memory_kib: (u64, u64),
}

fn measure(args: &TurnsArgs, n_calls: usize, binary: &Path) -> anyhow::Result<Value> {
    let place = Place::make(&args.ground)?;
    // One thread: the generator must leave the cores to the server.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let people = runtime.block_on(house::people(&place, n_calls))?;
    let mut server = Server::start(binary, &place, 0, "warn,evenkeel::steps=debug")?;
    let measuring = Arc::new(AtomicBool::new(false));
    let steps = steps::listen(server.take_log(), Arc::clone(&measuring));
    let taken = runtime.block_on(load(args, &server, &place, people, &measuring))?;
    drop(server);
    let steps = steps.join().ok().context("the server's log was read")?;
    Ok(tell(args, n_calls, &place, &taken, &steps))
}

async fn load(
    args: &TurnsArgs,
    server: &Server,
    place: &Place,
    people: Vec<house::Person>,
    measuring: &AtomicBool,
) -> anyhow::Result<Taken> {
    let scripts = words::scripts()?;
    let (samples, mut brought) = mpsc::unbounded_channel();
    let mut inboxes = Vec::with_capacity(people.len());
    let mut waiting: Vec<_> = people.into_iter().enumerate().collect();
    while !waiting.is_empty() {
        let some = waiting.split_off(waiting.len().saturating_sub(OPENING_AT_ONCE));
        let opening = some
            .into_iter()
            .map(|(n, person)| Player::open(server.at, person, scripts[n % scripts.len()].clone()));
        for player in futures_util::future::join_all(opening).await {
            let (inbox, due) = mpsc::unbounded_channel();
            inboxes.push(inbox);
            tokio::spawn(player?.play(due, samples.clone()));
        }
    }
    drop(samples);
    let warm_up = Duration::from_secs(args.warm_up);
    let measured = Duration::from_secs(args.seconds);
    let from = Instant::now() + warm_up;
    let until = from + measured;
    let generator = std::process::id();
    let arrivals = arrivals::start(args.seed, TURN_EVERY_MS, inboxes, until);
    tokio::time::sleep_until(from.into()).await;
    measuring.store(true, Ordering::Relaxed);
    let cpu = || {
        (
            process::cpu(server.pid()),
            process::cpu(generator),
            place.cluster.as_ref().map(|c| c.cpu()),
        )
    };
    let before = cpu();
    tokio::time::sleep_until(until.into()).await;
    let after = cpu();
    measuring.store(false, Ordering::Relaxed);
    let memory_kib = process::memory_kib(server.pid()).context("the server has gone")?;
    arrivals.join().ok().context("the arrivals ended")?;
    // Every player ends when its inbox is closed and its last turn is answered.
    let mut all = Vec::new();
    let last = tokio::time::timeout(LAST_TURNS, async {
        while let Some(sample) = brought.recv().await {
            all.push(sample);
        }
    });
    if last.await.is_err() {
        eprintln!(
            "bench: some turns were not answered within {} s after the load",
            LAST_TURNS.as_secs()
        );
    }
    all.retain(|sample: &Sample| sample.due >= from && sample.due < until);
    Ok(Taken {
        samples: all,
        wall: measured,
        server_cpu: after.0.saturating_sub(before.0),
        generator_cpu: after.1.saturating_sub(before.1),
        database_cpu: after.2.zip(before.2).map(|(after, before)| after.saturating_sub(before)),
        memory_kib,
    })
}

fn tell(
    args: &TurnsArgs,
    n_calls: usize,
    place: &Place,
    taken: &Taken,
    steps: &steps::Steps,
) -> Value {
    let Taken { samples, wall, server_cpu, generator_cpu, database_cpu, memory_kib } = taken;
    let answered = || samples.iter().filter(|sample| sample.error.is_none());
    let latency = Spread::of(answered().map(|s| micros(s.heard - s.due)).collect());
    let wire = Spread::of(answered().map(|s| micros(s.heard - s.sent)).collect());
    let late = Spread::of(samples.iter().map(|s| micros(s.sent - s.due)).collect());
    let errors = player::count_errors(samples);
    let turns_per_s = per_second(latency.n as u64, *wall);
    let engine = place.engine();
    show(&format!(
        "\n{n_calls} open calls, {engine} on {}, {} s: {turns_per_s} turns per second, {} errors",
        place.file_system,
        args.seconds,
        samples.len() - latency.n
    ));
    let rows =
        [("due to reply", &latency), ("sent to reply", &wire), ("due to sent (generator)", &late)];
    let mut table = vec![Spread::head("client")];
    table.extend(rows.iter().map(|(name, spread)| spread.row(name)));
    if !steps.is_empty() {
        table.push(Spread::head("server, by step"));
        table.extend(steps.iter().map(|(name, spread)| spread.row(name)));
    }
    table.push(format!(
        "processor, percent of one core: server {}, generator {}{}; server memory {} MiB (highest {} MiB)",
        percent(*server_cpu, *wall),
        percent(*generator_cpu, *wall),
        database_cpu.map(|cpu| format!(", PostgreSQL {}", percent(cpu, *wall))).unwrap_or_default(),
        memory_kib.0 / 1024,
        memory_kib.1 / 1024
    ));
    if !errors.is_empty() {
        table.push(format!("errors: {errors:?}"));
    }
    show(&table.join("\n"));
    let steps: serde_json::Map<String, Value> =
        steps.iter().map(|(name, spread)| (name.clone(), spread.json())).collect();
    json!({
        "bench": "turns", "machine": figures::machine(), "database": engine, "file_system": place.file_system,
        "calls": n_calls, "seconds": args.seconds, "turns_per_s": turns_per_s,
        "due_to_reply": latency.json(), "sent_to_reply": wire.json(), "generator_late": late.json(), "steps": steps,
        "server_cpu_percent": percent(*server_cpu, *wall), "generator_cpu_percent": percent(*generator_cpu, *wall),
        "database_cpu_percent": database_cpu.map(|cpu| percent(cpu, *wall)),
        "server_memory_kib": memory_kib.0, "server_memory_highest_kib": memory_kib.1, "errors": errors,
    })
}

/// The table goes to standard error, so that standard output holds JSON alone when it is asked for.
fn show(text: &str) {
    eprintln!("{text}");
}
