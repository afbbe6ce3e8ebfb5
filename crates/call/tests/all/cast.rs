//! The coder, the codebook and the scenarios that the tests play, read from `content/` once.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use call::{Refused, Stage, State, Turn};
use coder::Coder;
use talk::{Codebook, Event, Instant, Seed, Seq, Speaker, Utterance};

pub struct Cast {
    pub coder: Coder,
    pub book: Codebook,
    pub stages: Vec<Arc<Stage>>,
}

pub fn content(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../content").join(path)
}

/// With the coder that the program runs with.
pub fn cast() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| made(Coder::embedded().unwrap().with_learnt_codes()))
}

/// With the codes of the rules, for calls whose lines were written code by code.
pub fn by_rules() -> &'static Cast {
    static CAST: OnceLock<Cast> = OnceLock::new();
    CAST.get_or_init(|| made(Coder::embedded().unwrap()))
}

fn made(coder: Coder) -> Cast {
    let book = std::fs::read_to_string(content("codebook/codes.toml")).unwrap();
    let book = Codebook::parse(&book).unwrap();
    let mut stages = Vec::new();
    for entry in std::fs::read_dir(content("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|kind| kind == "scenario") {
            stages.push(stage(
                &path.display().to_string(),
                &std::fs::read_to_string(&path).unwrap(),
                &book,
            ));
        }
    }
    assert!(stages.len() >= 3, "the first three scenarios ship");
    stages.sort_by(|a, b| a.program.id.cmp(&b.program.id));
    Cast { coder, book, stages }
}

pub fn stage(file: &str, text: &str, book: &Codebook) -> Arc<Stage> {
    let (program, diagnostics) = scenario::parse_scenario(file, text, book);
    let Some(program) = program else {
        let list: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
        panic!("{}", list.join("\n"));
    };
    Arc::new(Stage::new(program))
}

/// A call in the hands of a test.
pub struct Played<'a> {
    pub cast: &'a Cast,
    pub stage: &'a Stage,
    pub state: State,
    pub events: Vec<Event>,
}

impl<'a> Played<'a> {
    pub fn open(cast: &'a Cast, stage: &'a Stage, seed: u64) -> Self {
        let opened = call::open(&cast.coder, &cast.book, stage, Seed(seed), Instant(0));
        let events = vec![Event::Opened(Box::new(opened.clone()))];
        Self { cast, stage, state: State::begin(opened), events }
    }

    pub fn say(&mut self, text: &str) -> Turn {
        self.try_say(text).unwrap()
    }

    pub fn try_say(&mut self, text: &str) -> Result<Turn, Refused> {
        let at = Instant(15_000 * (i64::from(self.state.n_turns()) + 1));
        let utterance = Utterance {
            seq: Seq(self.state.n_events),
            speaker: Speaker::Agent,
            text: text.to_owned(),
            at,
        };
        let Cast { coder, book, .. } = self.cast;
        let turn = call::turn(coder, book, self.stage, &self.state, &utterance)?;
        self.state.advance(&turn.events).unwrap();
        self.events.extend(turn.events.clone());
        Ok(turn)
    }
}

/// Sentences of every kind that an agent may say: the codebook's own examples.
pub fn sentences(book: &Codebook) -> Vec<String> {
    let examples = book.codes.iter().flat_map(|code| {
        code.positive.iter().cloned().chain(code.near_miss.iter().map(|miss| miss.text.clone()))
    });
    let small = ["Hello.", "Mm.", "Okay.", "Hold please.", "???", "Goodbye, take care."];
    examples.chain(small.into_iter().map(str::to_owned)).collect()
}
