//! The learnt network: turns of text in; probabilities for each turn and for each of its word pieces, and a vector of its
//! meaning, out.
//!
//! Floor 0. Pure: no I/O, no clock. It knows no codes; `coder` gives its numbers names. What it computes for a turn does
//! not depend on the turns computed beside it: rows of one length go together, without padding.

mod words;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, Value, ValueOrView};
use thiserror::Error;

pub use words::{Piece, Words};

/// Pieces of the turn that one row holds. A longer turn takes several rows.
pub const TURN_PIECES_MAX: usize = 96;
/// Pieces that two rows of one turn share, so that nothing is cut apart unread.
pub const OVERLAP_PIECES: usize = 16;
/// Pieces of the turn before. Its last ones are kept: a turn mostly ends with what wants an answer.
pub const BEFORE_PIECES_MAX: usize = 24;
/// Rows of one length that are computed at once.
pub const ROWS_AT_ONCE: usize = 16;
const CLS: u32 = 2;
const SEP: u32 = 3;
/// Pieces before the turn's own: `[CLS]` and who speaks.
const HEAD: usize = 2;

/// Why the network cannot be used.
#[derive(Debug, Error)]
pub enum EarError {
    #[error("the vocabulary has no [UNK]; take the file that belongs to the weights")]
    Vocabulary,
    #[error("the weights cannot be read: {0}; take the file that this version was built with")]
    Weights(String),
    #[error("the network failed: {0}")]
    Run(String),
}

/// Who speaks, as the network was taught.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Agent,
    Caller,
}

impl Who {
    const fn id(self) -> u32 {
        match self {
            Who::Agent => 5,
            Who::Caller => 6,
        }
    }
}

/// One pass of the network: a turn or a part of it, with the end of the turn before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    ids: Vec<u32>,
    /// How many of `ids` belong to the turn itself, its frame included.
    n_own: usize,
    /// The turn's own pieces.
    pub pieces: Vec<Piece>,
}

/// What the network says of one row. Scores are logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub turn: Vec<f32>,
    /// One list for each of the row's pieces.
    pub pieces: Vec<Vec<f32>>,
    /// The meaning, of length one.
    pub meaning: Vec<f32>,
}

/// The network and its words. Immutable; share it between threads.
pub struct Ear {
    model: Model,
    words: Words,
    inputs: [NodeId; 5],
    outputs: [NodeId; 3],
}

thread_local! {
    /// Every thread computes on one thread of its own, so that calls do not wait for one another.
    static POOL: RefCell<Option<Arc<ThreadPool>>> = const { RefCell::new(None) };
}

impl std::fmt::Debug for Ear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ear").field("n_words", &self.words.len()).finish_non_exhaustive()
    }
}

impl Ear {
    /// Reads the weights (ONNX, as `training/export.py` writes them) and the vocabulary that belongs to them.
    ///
    /// # Errors
    /// When either cannot be read or they lack what is needed.
    pub fn read(weights: &'static [u8], vocabulary: &str) -> Result<Self, EarError> {
        // Packed once here instead of with every turn.
        let model = ModelOptions::with_all_ops().prepack_weights(true).load_static_slice(weights);
        let model = model.map_err(|error| EarError::Weights(error.to_string()))?;
        let node = |name: &str| {
            model.node_id(name).map_err(|error| EarError::Weights(format!("{name}: {error}")))
        };
        let inputs =
            [node("ids")?, node("segments")?, node("places")?, node("mask")?, node("own")?];
        let outputs = [node("turn")?, node("token")?, node("mean")?];
        Ok(Self { words: Words::parse(vocabulary)?, model, inputs, outputs })
    }

    #[must_use]
    pub fn words(&self) -> &Words {
        &self.words
    }

    /// The rows of one turn, of which there is at least one.
    #[must_use]
    pub fn rows(&self, who: Who, text: &str, before: Option<(Who, &str)>) -> Vec<Row> {
        let pieces = self.words.cut(text);
        let before = before.map(|(who, text)| {
            let all = self.words.cut(text);
            let from = all.len().saturating_sub(BEFORE_PIECES_MAX);
            let last: Vec<u32> = all[from..].iter().map(|piece| piece.id).collect();
            (who, last)
        });
        let mut out = Vec::new();
        let mut from = 0;
        loop {
            let to = pieces.len().min(from + TURN_PIECES_MAX);
            let own = &pieces[from..to];
            let mut ids = vec![CLS, who.id()];
            ids.extend(own.iter().map(|piece| piece.id));
            ids.push(SEP);
            let n_own = ids.len();
            if let Some((who, last)) = &before {
                ids.push(who.id());
                ids.extend(last);
                ids.push(SEP);
            }
            out.push(Row { ids, n_own, pieces: own.to_vec() });
            if to == pieces.len() {
                return out;
            }
            from = to - OVERLAP_PIECES;
        }
    }

    /// Computes rows, in their order.
    ///
    /// # Errors
    /// When the network fails, which it does for no row that `rows` gives.
    pub fn hear(&self, rows: &[&Row]) -> Result<Vec<Said>, EarError> {
        let mut lengths: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            lengths.entry(row.ids.len()).or_default().push(at);
        }
        let mut said = vec![None; rows.len()];
        for same in lengths.values().flat_map(|same| same.chunks(ROWS_AT_ONCE)) {
            let some: Vec<&Row> = same.iter().map(|at| rows[*at]).collect();
            for (at, one) in same.iter().zip(self.hear_same_length(&some)?) {
                said[*at] = Some(one);
            }
        }
        Ok(said.into_iter().flatten().collect())
    }

    fn hear_same_length(&self, rows: &[&Row]) -> Result<Vec<Said>, EarError> {
        let (n, length) = (rows.len(), rows.first().map_or(0, |row| row.ids.len()));
        let failed = |error: &dyn std::fmt::Display| EarError::Run(error.to_string());
        let grid = |value: &dyn Fn(&Row, usize) -> i32| -> Result<ValueOrView<'static>, EarError> {
            let all = rows.iter().flat_map(|row| (0..length).map(|at| value(row, at))).collect();
            Ok(Value::from_shape([n, length], all).map_err(|error| failed(&error))?.into())
        };
        let share = |value: &dyn Fn(&Row, usize) -> f32| -> Result<ValueOrView<'static>, EarError> {
            let all: Vec<f32> =
                rows.iter().flat_map(|row| (0..length).map(|at| value(row, at))).collect();
            Ok(Value::from_shape([n, length], all).map_err(|error| failed(&error))?.into())
        };
        let places: Vec<i32> = (0..).take(length).collect();
        let places = Value::from_shape([length], places).map_err(|error| failed(&error))?;
        let [ids, segments, place, mask, own] = self.inputs;
        let inputs = vec![
            (ids, grid(&|row, at| row.ids[at].cast_signed())?),
            (segments, grid(&|row, at| i32::from(at >= row.n_own))?),
            (place, places.into()),
            (mask, share(&|_, _| 1.0)?),
            (own, share(&|row, at| if at < row.n_own { 1.0 / row.n_own as f32 } else { 0.0 })?),
        ];
        let pool = POOL.with_borrow_mut(|pool| {
            Arc::clone(pool.get_or_insert_with(|| Arc::new(ThreadPool::with_num_threads(1))))
        });
        let options = RunOptions::default().with_thread_pool(Some(pool));
        let made = self.model.run_n(inputs, self.outputs, Some(options));
        let [turn, token, mean] = made.map_err(|error| failed(&error))?;
        let (_, turn) = turn.into_shape_vec::<f32, 2>().map_err(|error| failed(&error))?;
        let (shape, token) = token.into_shape_vec::<f32, 3>().map_err(|error| failed(&error))?;
        let (_, mean) = mean.into_shape_vec::<f32, 2>().map_err(|error| failed(&error))?;
        let (n_turn, n_token, wide) = (turn.len() / n, shape[2], mean.len() / n);
        Ok(rows
            .iter()
            .enumerate()
            .map(|(at, row)| Said {
                turn: turn[at * n_turn..(at + 1) * n_turn].to_vec(),
                pieces: (0..row.pieces.len())
                    .map(|piece| (at * length + HEAD + piece) * n_token)
                    .map(|from| token[from..from + n_token].to_vec())
                    .collect(),
                meaning: unit(&mean[at * wide..(at + 1) * wide]),
            })
            .collect())
    }
}

/// The vector with length one.
fn unit(vector: &[f32]) -> Vec<f32> {
    let length = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter().map(|x| x / length).collect()
}

/// A logit as a probability.
#[must_use]
pub fn probability(logit: f32) -> f32 {
    1.0 / (1.0 + (-logit).exp())
}
