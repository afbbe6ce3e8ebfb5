//! The command line, as typed. What it means is checked where it is used.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

/// Practise hard calls with a simulated caller who reacts to how you speak.
///
/// Exit codes: 0 done, 1 findings (a plan missed, a fault in a scenario, a line that could not be read), 2 failure.
#[derive(Parser)]
#[command(name = "evenkeel", version, about, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// A ready practice site with sample people, opened by one printed link. Nothing is kept unless you say where.
    Demo(DemoArgs),
    /// The practice site.
    Serve(ServeArgs),
    /// Practise a call in the terminal. Nothing is stored.
    Play(PlayArgs),
    /// Code the turns of a transcript: JSON lines in, JSON lines out.
    ///
    /// JSON lines in, one out per line in, in the same order; blank lines are skipped.
    ///
    /// In: {"id", "speaker": "agent"|"caller"|"other", "context": [{"speaker", "text"}…] (optional, oldest first), "text"}; other
    /// fields are ignored. Out: codes for agents, signs for callers, both for "other", safety words for everybody. Spans
    /// count Unicode scalar values. `emotions` are of callers' words and never inferred for agents. `safety.heard` is about the words of one turn. It is not a judgement of a person, it
    /// does not assess risk, and "nothing" does not mean that somebody is safe.
    ///
    /// A line that cannot be read yields {"id"?, "error": {"code", "detail", "line"}}; the others are still coded, and the exit code is 1.
    #[command(verbatim_doc_comment)]
    Code(CodeArgs),
    /// Measure against labels.
    #[command(subcommand)]
    Evaluate(EvaluateCommand),
    /// The affect model alone: traces in, states out, as JSON lines.
    ///
    /// A trace: {"id", "start": {variable: value}, "caller": {"reactivity", "style", "open_request", "latent_risk", "danger_floor"},
    /// "turns": [{"codes": ["CODE" | ["CODE", level]], "events": ["EV_…"], "words", "trigger", "voiced", "safety_done"}]}.
    /// Answers {"id", "states": [eight variables and the regime after each turn], "hung_up_at": turn | null}.
    #[command(verbatim_doc_comment)]
    Trace(TraceArgs),
    /// Play the planned agents beside each scenario and hold each call against what its plan expects.
    Rehearse(RehearseArgs),
    /// Work on scenario files.
    #[command(subcommand)]
    Scenario(ScenarioCommand),
    /// Look over the installation: database, durability, key, content, and say what to mend.
    Doctor(SiteArgs),
    /// Write the whole site to a folder. Wrapped keys go beside the master key, never into the folder.
    Backup(BackupArgs),
    /// Read a backup into an empty database, of either kind.
    Restore(BackupArgs),
}

#[derive(Subcommand)]
pub enum EvaluateCommand {
    /// How far the coder agrees with labelled turns: F1, kappa, recall, calibration, with 95 % intervals. Prints no sentence.
    Coder(EvaluateCoderArgs),
}

#[derive(ClapArgs)]
pub struct EvaluateCoderArgs {
    /// Labelled turns: .gold files, .jsonl files of AnnoMI, EPITOME, ESConv or GoEmotions, or folders of them.
    #[arg(long, value_name = "F", required = true, num_args = 1..)]
    pub gold: Vec<PathBuf>,
    /// One line of JSON per figure.
    #[arg(long)]
    pub json: bool,
    /// The rules alone, without the learnt network.
    #[arg(long)]
    pub rules_alone: bool,
}

#[derive(Subcommand)]
pub enum ScenarioCommand {
    /// Check scenario and plan files; folders are searched, other files skipped.
    Check(CheckArgs),
}

/// Where a site keeps its things.
#[derive(ClapArgs, Clone)]
pub struct SiteArgs {
    /// The folder of the site's data.
    #[arg(long, default_value = "evenkeel-data", env = "EVENKEEL_DATA")]
    pub data: PathBuf,
    /// `postgres://…` for PostgreSQL. Left out, SQLite inside the data folder.
    #[arg(long, env = "EVENKEEL_DATABASE", hide_env_values = true)]
    pub database: Option<String>,
    /// The master key's file. It must lie outside the data folder; it is made on the first start.
    #[arg(long, env = "EVENKEEL_KEY")]
    pub key: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct ServeArgs {
    #[command(flatten)]
    pub site: SiteArgs,
    /// Address and port to listen on. Loopback unless you say otherwise.
    #[arg(long, default_value = "127.0.0.1:8080", env = "EVENKEEL_LISTEN")]
    pub listen: SocketAddr,
    /// The site's address as people type it, such as https://practice.example.gov. Needed behind a proxy.
    #[arg(long, env = "EVENKEEL_ORIGIN")]
    pub origin: Option<String>,
    /// A reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed. May be given several times.
    #[arg(long = "trusted-proxy", env = "EVENKEEL_TRUSTED_PROXIES", value_delimiter = ',')]
    pub trusted_proxies: Vec<String>,
    /// Own certificate, PEM. Needs --tls-key.
    #[arg(long, env = "EVENKEEL_TLS_CERT")]
    pub tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM.
    #[arg(long, env = "EVENKEEL_TLS_KEY")]
    pub tls_key: Option<PathBuf>,
    /// Let people sign in over plain HTTP from other machines. Only on a network that you trust wholly.
    #[arg(long)]
    pub allow_plain_http: bool,
    /// The site's name, shown on every page.
    #[arg(long, default_value = "evenkeel", env = "EVENKEEL_NAME")]
    pub name: String,
    /// Whose crisis resources are shown: the name of a file in content/resources, such as us, uk, ca.
    #[arg(long, default_value = "us", env = "EVENKEEL_PLACE")]
    pub place: String,
    /// Whom people can turn to here, such as "Ana Lopez, ext. 4410". Shown when practice stops for somebody's own sake.
    #[arg(long, default_value = "", env = "EVENKEEL_CONTACT")]
    pub contact: String,
}

#[derive(ClapArgs)]
pub struct DemoArgs {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Keep the demo's data in this folder. Left out, a temporary folder goes when the demo stops.
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// `postgres://…` to try the demo on PostgreSQL.
    #[arg(long)]
    pub database: Option<String>,
    /// Whose crisis resources are shown.
    #[arg(long, default_value = "us")]
    pub place: String,
}

#[derive(ClapArgs)]
pub struct PlayArgs {
    /// The id of an embedded scenario, or the path of a scenario file. Left out, the list.
    pub scenario: Option<String>,
    /// The call's seed: the same seed, the same caller.
    #[arg(long)]
    pub seed: Option<u64>,
    /// Show after each turn which codes were heard and what they did.
    #[arg(long)]
    pub whisper: bool,
}

#[derive(ClapArgs)]
pub struct CodeArgs {
    /// Read from this file; `-` or nothing for standard input. A .csv is read as a table with the columns id, speaker, text
    /// and context (a JSON list); a .parquet file or a folder of them likewise.
    #[arg(long = "in", value_name = "F")]
    pub input: Option<PathBuf>,
    /// Write to this file; `-` or nothing for standard output. A .csv gets the columns id, codes, signs, safety, emotions,
    /// abstained, coder, error, nested ones as JSON; a folder, or a name that ends in .parquet, becomes a folder of parts.
    #[arg(long = "out", value_name = "F")]
    pub output: Option<PathBuf>,
    /// Go on where a run that was killed left --out: what is whole there stays and is not coded again.
    #[arg(long)]
    pub resume: bool,
    /// Threads; left out, one per core.
    #[arg(long)]
    pub jobs: Option<usize>,
    /// The rules alone, without the learnt network: much faster, and hears much less.
    #[arg(long)]
    pub rules_alone: bool,
}

#[derive(ClapArgs)]
pub struct TraceArgs {
    /// Read from this file; `-` or nothing for standard input.
    pub file: Option<PathBuf>,
}

#[derive(ClapArgs)]
pub struct RehearseArgs {
    /// Ids of embedded scenarios, or paths of scenario files with their plans beside them. Left out, all embedded ones.
    pub scenarios: Vec<String>,
    /// One line of JSON per rehearsal.
    #[arg(long)]
    pub json: bool,
    /// Print each call as it went.
    #[arg(long)]
    pub transcript: bool,
}

#[derive(ClapArgs)]
pub struct CheckArgs {
    /// Files or folders.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// One line of JSON per diagnostic.
    #[arg(long)]
    pub json: bool,
    /// Leave out notes.
    #[arg(long)]
    pub quiet: bool,
}

#[derive(ClapArgs)]
pub struct BackupArgs {
    #[command(flatten)]
    pub site: SiteArgs,
    /// The folder of the backup.
    pub dir: PathBuf,
}
