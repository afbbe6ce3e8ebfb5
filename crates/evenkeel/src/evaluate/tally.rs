//! Figures of agreement from counts, and their intervals: calls are drawn anew with replacement, a thousand times, by a
//! fixed seed, and the middle 95 % of what comes out is the interval.

use std::collections::BTreeMap;

use talk::{Chance, Seed};

/// Draws of the bootstrap.
const DRAWS: u64 = 1_000;
/// Share of draws cut off at either end.
const TAIL: f64 = 0.025;
const SEED: Seed = Seed(1);
/// Bins of the calibration error.
const BINS: usize = 10;

/// How one label was said and was true: both, said alone, true alone, neither.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub both: u32,
    pub said: u32,
    pub truth: u32,
    pub neither: u32,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.both += other.both;
        self.said += other.said;
        self.truth += other.truth;
        self.neither += other.neither;
    }
    fn f1(&self) -> f64 {
        ratio(2 * self.both, 2 * self.both + self.said + self.truth)
    }
    /// F1 of the label's absence.
    fn f1_absent(&self) -> f64 {
        ratio(2 * self.neither, 2 * self.neither + self.said + self.truth)
    }
    fn kappa(&self) -> f64 {
        let n = f64::from(self.both + self.said + self.truth + self.neither);
        let said = f64::from(self.both + self.said) / n;
        let truth = f64::from(self.both + self.truth) / n;
        let same = f64::from(self.both + self.neither) / n;
        let chance = said * truth + (1.0 - said) * (1.0 - truth);
        if chance < 1.0 { (same - chance) / (1.0 - chance) } else { 0.0 }
    }
}

fn ratio(part: u32, whole: u32) -> f64 {
    if whole == 0 { 0.0 } else { f64::from(part) / f64::from(whole) }
}

/// What is worked out from the counts of some labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Mean F1 of the labels that are true of some turn.
    MacroF1,
    MicroF1,
    /// Of the first label: present against absent, the mean of both F1.
    BothF1,
    F1,
    Kappa,
    Recall,
    /// Share of turns without the label of which it is said.
    FalseAlarms,
}

impl Figure {
    pub fn as_str(self) -> &'static str {
        match self {
            Figure::MacroF1 => "macro-F1",
            Figure::MicroF1 => "micro-F1",
            Figure::BothF1 => "macro-F1 of present and absent",
            Figure::F1 => "F1",
            Figure::Kappa => "kappa",
            Figure::Recall => "recall",
            Figure::FalseAlarms => "false alarms",
        }
    }

    fn of(self, counts: &[Counts], present: &[bool]) -> f64 {
        let first = counts.first().copied().unwrap_or_default();
        match self {
            Figure::MacroF1 => {
                let each: Vec<f64> = counts
                    .iter()
                    .zip(present)
                    .filter(|(_, on)| **on)
                    .map(|(c, _)| c.f1())
                    .collect();
                each.iter().sum::<f64>() / each.len().max(1) as f64
            }
            Figure::MicroF1 => {
                let mut all = Counts::default();
                counts.iter().for_each(|each| all.add(each));
                all.f1()
            }
            Figure::BothF1 => f64::midpoint(first.f1(), first.f1_absent()),
            Figure::F1 => first.f1(),
            Figure::Kappa => first.kappa(),
            Figure::Recall => ratio(first.both, first.both + first.truth),
            Figure::FalseAlarms => ratio(first.said, first.said + first.neither),
        }
    }
}

/// A figure with its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

/// Counts of labels, call by call.
#[derive(Debug, Default)]
pub struct Tally {
    pub labels: Vec<String>,
    calls: BTreeMap<String, Vec<Counts>>,
    pub n: u32,
}

impl Tally {
    pub fn new<S: Into<String>>(labels: impl IntoIterator<Item = S>) -> Self {
        let labels = labels.into_iter().map(Into::into).collect();
        Self { labels, calls: BTreeMap::new(), n: 0 }
    }

    /// Counts one turn: of every label, whether it was said and whether it is true.
    pub fn count(&mut self, call: &str, each: impl Fn(&str) -> (bool, bool)) {
        let labels = &self.labels;
        let counts = self
            .calls
            .entry(call.to_owned())
            .or_insert_with(|| vec![Counts::default(); labels.len()]);
        for (label, counts) in labels.iter().zip(counts) {
            match each(label) {
                (true, true) => counts.both += 1,
                (true, false) => counts.said += 1,
                (false, true) => counts.truth += 1,
                (false, false) => counts.neither += 1,
            }
        }
        self.n += 1;
    }

    fn sum<'a>(&self, calls: impl Iterator<Item = &'a Vec<Counts>>) -> Vec<Counts> {
        let mut sum = vec![Counts::default(); self.labels.len()];
        for call in calls {
            for (sum, counts) in sum.iter_mut().zip(call) {
                sum.add(counts);
            }
        }
        sum
    }

    pub fn counts(&self) -> Vec<Counts> {
        self.sum(self.calls.values())
    }

    /// How often the label is true.
    pub fn n_true(&self) -> u32 {
        self.counts().first().map_or(0, |first| first.both + first.truth)
    }

    pub fn measure(&self, figure: Figure) -> Measured {
        let whole = self.counts();
        let present: Vec<bool> =
            whole.iter().map(|counts| counts.both + counts.truth > 0).collect();
        let calls: Vec<&Vec<Counts>> = self.calls.values().collect();
        let mut drawn: Vec<f64> = (0..DRAWS)
            .map(|draw| {
                let mut chance = Chance::new(SEED, "bootstrap", draw);
                let some = (0..calls.len()).map(|_| calls[chance.below(calls.len())]);
                figure.of(&self.sum(some), &present)
            })
            .collect();
        drawn.sort_by(f64::total_cmp);
        let at = |share: f64| drawn[((share * DRAWS as f64) as usize).min(drawn.len() - 1)];
        Measured { value: figure.of(&whole, &present), low: at(TAIL), high: at(1.0 - TAIL) }
    }

    /// F1 of every label that is true of some turn, with how often it is.
    pub fn each(&self) -> Vec<(String, f64, f64, u32)> {
        let counts = self.counts();
        let rows = self.labels.iter().zip(counts);
        rows.map(|(label, c)| (label.clone(), c.f1(), c.kappa(), c.both + c.truth))
            .filter(|(.., n)| *n > 0)
            .collect()
    }
}

/// How far confidence is from what comes true: the mean gap over ten bins of confidence, weighed by how many fall in.
pub fn calibration(said: &[(f64, bool)]) -> (f64, Vec<(f64, f64, usize)>) {
    let mut bins = vec![(0.0, 0.0, 0_usize); BINS];
    for (confidence, right) in said {
        let bin = &mut bins[((confidence * BINS as f64) as usize).min(BINS - 1)];
        bin.0 += confidence;
        bin.1 += f64::from(u8::from(*right));
        bin.2 += 1;
    }
    let n = said.len().max(1) as f64;
    let means: Vec<(f64, f64, usize)> = bins
        .into_iter()
        .filter(|bin| bin.2 > 0)
        .map(|(confidence, right, n)| (confidence / n as f64, right / n as f64, n))
        .collect();
    let error =
        means.iter().map(|(said, came, n)| (said - came).abs() * *n as f64).sum::<f64>() / n;
    (error, means)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(turns: &[(&str, bool, bool)]) -> Tally {
        let mut tally = Tally::new(["x"]);
        for (call, said, truth) in turns {
            tally.count(call, |_| (*said, *truth));
        }
        tally
    }

    #[test]
    fn figures_are_what_the_books_say() {
        // Both 20, said alone 10, true alone 5, neither 15: kappa .4 by Cohen's own formula.
        let mut turns = Vec::new();
        for (n, said, truth) in
            [(20, true, true), (10, true, false), (5, false, true), (15, false, false)]
        {
            turns.extend((0..n).map(|_| ("c", said, truth)));
        }
        let tally = tally(&turns);
        let value = |figure| tally.measure(figure).value;
        assert!((value(Figure::Kappa) - 0.4).abs() < 1e-12);
        assert!((value(Figure::F1) - 40.0 / 55.0).abs() < 1e-12);
        assert!((value(Figure::Recall) - 0.8).abs() < 1e-12);
        assert!((value(Figure::FalseAlarms) - 0.4).abs() < 1e-12);
        assert!((value(Figure::BothF1) - f64::midpoint(40.0 / 55.0, 30.0 / 45.0)).abs() < 1e-12);
    }

    #[test]
    fn intervals_hold_the_value_and_come_out_the_same_twice() {
        let calls = ["a", "b", "c", "d", "e", "f"];
        let turns: Vec<(&str, bool, bool)> = calls
            .iter()
            .enumerate()
            .flat_map(|(n, call)| [(*call, true, n % 2 == 0), (*call, n > 3, true)])
            .collect();
        let first = tally(&turns).measure(Figure::F1);
        assert_eq!(first, tally(&turns).measure(Figure::F1));
        assert!(first.low < first.value && first.value < first.high, "{first:?}");
        let one = tally(&turns[..2]).measure(Figure::F1);
        assert_eq!((one.low, one.high), (one.value, one.value));
    }

    #[test]
    fn confidence_that_comes_true_has_no_error() {
        let said: Vec<(f64, bool)> = (0..100).map(|n| (0.25, n % 4 == 0)).collect();
        assert!(calibration(&said).0 < 1e-9);
        let sure: Vec<(f64, bool)> = (0..100).map(|n| (0.95, n % 2 == 0)).collect();
        assert!((calibration(&sure).0 - 0.45).abs() < 1e-9);
    }
}
