//! From the start of the process to the first page, on an empty site and on one that is there; memory with open calls.

use std::path::Path;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use crate::Ground;
use crate::binary::Server;
use crate::client::{self, Heard, Line, start_call};
use crate::figures::{self, Spread, micros};
use crate::house::{self, Place};
use crate::{process, words};

#[derive(Args)]
pub struct StartArgs {
    /// Starts of each kind.
    #[arg(long, default_value_t = 20)]
    starts: usize,
    /// Open calls with which memory is read.
    #[arg(long, default_value_t = 200)]
    calls: usize,
    #[command(flatten)]
    ground: Ground,
}

/// The first page that anybody sees.
const FIRST_PAGE: &str = "/sign-in";
/// Turns that every call has taken when memory is read.
const TURNS: u32 = 3;

pub fn run(args: &StartArgs, binary: &Path, json: bool) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut empty, mut again) = (Vec::new(), Vec::new());
    for _ in 0..args.starts {
        // The cluster of a bench's own is not what is measured, so it is up before the clock starts.
        let place = Place::make(&args.ground)?;
        empty.push(first_page(&runtime, binary, &place)?);
        again.push(first_page(&runtime, binary, &place)?);
    }
    let (empty, again) = (Spread::of(empty), Spread::of(again));
    let place = Place::make(&args.ground)?;
    let people = runtime.block_on(house::people(&place, args.calls))?;
    let server = Server::start(binary, &place, 0, "warn")?;
    let idle = process::memory_kib(server.pid()).unwrap_or_default();
    let open = runtime.block_on(open_calls(&server, &people))?;
    eprintln!(
        "{}\n{}\n{}",
        Spread::head("start to first page"),
        empty.row("an empty site"),
        again.row("a site that is there")
    );
    eprintln!(
        "memory: {} MiB idle, {} MiB with {} open calls after {TURNS} turns each (highest {} MiB)",
        idle.0 / 1024,
        open.0 / 1024,
        args.calls,
        open.1 / 1024
    );
    if json {
        println!(
            "{}",
            json!({
                "bench": "start", "machine": figures::machine(), "database": place.engine(), "file_system": place.file_system,
                "empty_site": empty.json(), "site_that_is_there": again.json(), "memory_idle_kib": idle.0,
                "calls": args.calls, "memory_open_calls_kib": open.0, "memory_highest_kib": open.1,
            })
        );
    }
    Ok(true)
}

fn first_page(
    runtime: &tokio::runtime::Runtime,
    binary: &Path,
    place: &Place,
) -> anyhow::Result<u64> {
    let began = Instant::now();
    let server = Server::start(binary, place, 0, "warn")?;
    let page = runtime.block_on(client::get(server.at, FIRST_PAGE, None))?;
    let took = began.elapsed();
    anyhow::ensure!(page.status == 200, "{FIRST_PAGE} was answered with {}", page.status);
    Ok(micros(took))
}

/// Opens a call for each person, takes a few turns in it, and reads the memory while all are open.
async fn open_calls(server: &Server, people: &[house::Person]) -> anyhow::Result<(u64, u64)> {
    let scripts = words::scripts()?;
    let mut lines = Vec::with_capacity(people.len());
    for (person, script) in people.iter().zip(scripts.iter().cycle()) {
        let call = start_call(server.at, person, script.scenario).await?;
        let mut line = Line::open(server.at, person, &call).await?;
        for (turn, text) in (1..=TURNS).zip(&script.lines) {
            line.say(turn, text).await?;
            let heard = line.hear().await?;
            anyhow::ensure!(
                matches!(heard, Some(Heard::Reply { .. })),
                "a turn was answered with {heard:?}"
            );
        }
        lines.push(line);
    }
    Ok(process::memory_kib(server.pid()).unwrap_or_default())
}
