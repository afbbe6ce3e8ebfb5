//! kill -9 in a loop under load. After each restart: every answered turn is there once, every call can be taken up,
//! and a turn that was not answered is taken at most once when it is sent again.
//!
//! Killing a process shows what the log promises when the program dies; what it promises when the power goes rests on
//! `synchronous=FULL` and `synchronous_commit=on`, which the server asserts at every start.

mod agent;
mod tally;

use std::path::Path;
use std::time::Duration;

use clap::Args;
use serde_json::json;
use talk::{Chance, Seed};

use crate::Ground;
use crate::binary::Server;
use crate::figures;
use crate::house::{self, Place};
use crate::words;
use agent::Agent;
use tally::Tally;

/// What is killed in a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    Server,
    /// The server lives on and must find the database again by itself.
    Database,
    Both,
}

#[derive(Args)]
pub struct CrashArgs {
    /// Kills.
    #[arg(long, default_value_t = 50)]
    rounds: u64,
    /// Agents who talk all the time, one call each.
    #[arg(long, default_value_t = 8)]
    agents: usize,
    /// A kill comes after so many milliseconds of load, at a random moment.
    #[arg(long, default_value_t = 900)]
    kill_within_ms: u32,
    /// Draws the moments; the same seed draws the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[command(flatten)]
    ground: Ground,
}

/// The first kill of a round comes no sooner than this.
const KILL_AFTER_MS: f64 = 30.0;
/// How long one agent may take to find the site again and check its call.
const FIND_AGAIN: Duration = Duration::from_secs(60);

pub fn run(args: &CrashArgs, binary: &Path, json: bool) -> anyhow::Result<bool> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let mut place = Place::make(&args.ground)?;
    let people = runtime.block_on(house::people(&place, args.agents))?;
    let scripts = words::scripts()?;
    let mut server = Server::start(binary, &place, 0, "error")?;
    let port = server.at.port();
    let mut agents: Vec<Agent> = people
        .into_iter()
        .enumerate()
        .map(|(n, person)| {
            Agent::new(server.at, person, scripts[n % scripts.len()].clone(), args.seed + n as u64)
        })
        .collect();
    let mut chance = Chance::new(Seed(args.seed), "kills", 0);
    let mut tally = Tally::default();
    for round in 1..=args.rounds {
        let after =
            chance.between(KILL_AFTER_MS, f64::from(args.kill_within_ms).max(KILL_AFTER_MS + 1.0));
        let victim = victim(round, &place);
        let stop = tokio::sync::watch::channel(false);
        let talking: Vec<_> =
            agents.drain(..).map(|agent| runtime.spawn(agent.talk(stop.1.clone()))).collect();
        std::thread::sleep(Duration::from_secs_f64(after / 1000.0));
        server = strike(victim, server, &mut place, binary, port)?;
        stop.0.send(true)?;
        for task in talking {
            agents.push(runtime.block_on(task)?);
        }
        for agent in &mut agents {
            let checked =
                runtime.block_on(async { tokio::time::timeout(FIND_AGAIN, agent.check()).await });
            let found = checked.map_err(|_| {
                anyhow::anyhow!("a call could not be taken up within {} s", FIND_AGAIN.as_secs())
            })??;
            tally.add(found);
        }
        tally.kills.push(victim);
        if round.is_multiple_of(10) {
            eprintln!("{round} of {} kills, {}", args.rounds, tally.short());
        }
    }
    for agent in &mut agents {
        tally.add(runtime.block_on(agent.check_everything())?);
    }
    let well = tally.is_well();
    eprintln!("{}\n{}", place.engine(), tally.table());
    if json {
        println!(
            "{}",
            json!({
                "bench": "crash", "machine": figures::machine(), "database": place.engine(), "file_system": place.file_system,
                "rounds": args.rounds, "agents": args.agents, "seed": args.seed, "well": well, "counts": tally.json(),
            })
        );
    }
    drop(server);
    Ok(well)
}

/// On a cluster of our own every third round kills the database, every fifth both.
fn victim(round: u64, place: &Place) -> Victim {
    match place.cluster {
        Some(_) if round.is_multiple_of(5) => Victim::Both,
        Some(_) if round.is_multiple_of(3) => Victim::Database,
        Some(_) | None => Victim::Server,
    }
}

fn strike(
    victim: Victim,
    server: Server,
    place: &mut Place,
    binary: &Path,
    port: u16,
) -> anyhow::Result<Server> {
    match victim {
        Victim::Server => {
            server.kill()?;
            Server::start(binary, place, port, "error")
        }
        Victim::Database => {
            if let Some(cluster) = &mut place.cluster {
                cluster.kill()?;
                cluster.start()?;
            }
            Ok(server)
        }
        Victim::Both => {
            let cluster = place.cluster.as_mut();
            let killed = cluster.map(|cluster| cluster.kill().map(|()| cluster));
            server.kill()?;
            if let Some(cluster) = killed {
                cluster?.start()?;
            }
            Server::start(binary, place, port, "error")
        }
    }
}
