//! The picture of what the caller felt, turn by turn: three calm lines, the caller's regime named along the bottom,
//! the turning points marked. Geometry only; `picture.html` writes the SVG and the same numbers as a table.
//!
//! Not a score and not shown during a call. The debrief and the two futures use it.

use std::fmt::Write as _;

use call::debrief::Moment;
use talk::{Regime, Variable};

/// The drawing's own units: about CSS pixels on a desktop.
const WIDTH_MIN: f64 = 640.0;
const TURN_WIDTH_MIN: f64 = 26.0;
const TOP: f64 = 34.0;
const PLOT_HEIGHT: f64 = 190.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 104.0;
const LABEL_GAP: f64 = 17.0;
const BAND_TOP: f64 = TOP + PLOT_HEIGHT + 30.0;
const BAND_ROW: f64 = 20.0;
/// The width of one letter of a band's name, about.
const LETTER: f64 = 7.8;
/// Turn numbers along the axis at most; with more turns every second or fifth is named.
const TICKS_MAX: usize = 20;

/// A drawing ready for its template.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Unique on its page, for title and description.
    pub id: String,
    pub caption: String,
    pub describe: String,
    pub width: f64,
    pub height: f64,
    pub left: f64,
    pub right: f64,
    pub levels: Vec<Level>,
    pub lines: Vec<Line>,
    pub ticks: Vec<Tick>,
    pub bands: Vec<Band>,
    pub marks: Vec<Mark>,
    pub top: f64,
    pub bottom: f64,
    pub rows: Vec<Row>,
}

/// A quiet line across, with its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Level {
    pub y: f64,
    pub label: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The class that gives it its colour, weight and dashes.
    pub class: &'static str,
    pub label: &'static str,
    pub d: String,
    pub x: f64,
    pub y: f64,
    pub label_y: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub x: f64,
    pub label: String,
}

/// A run of turns in one regime.
#[derive(Clone, Debug, PartialEq)]
pub struct Band {
    pub x: f64,
    pub width: f64,
    pub y: f64,
    pub label_x: f64,
    pub label_y: f64,
    pub label: &'static str,
    pub class: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub x: f64,
    pub label: String,
    /// The place where another future begins, and not a turning point.
    pub branch: bool,
}

/// One turn in the table that says the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub turn: String,
    pub arousal: String,
    pub trust: String,
    pub heard: String,
    pub regime: &'static str,
    pub turning_point: bool,
}

/// How a regime is called in words.
#[must_use]
pub fn regime_words(regime: Regime) -> &'static str {
    match regime {
        Regime::Crisis => "in crisis",
        Regime::Overwhelmed => "overwhelmed",
        Regime::Hot => "hot",
        Regime::Withdrawn => "withdrawn",
        Regime::Guarded => "guarded",
        Regime::Engaged => "engaged",
        Regime::Collaborative => "working with you",
    }
}

fn band_class(regime: Regime) -> &'static str {
    match regime {
        Regime::Crisis | Regime::Overwhelmed | Regime::Hot => "band band-high",
        Regime::Withdrawn | Regime::Guarded => "band band-mid",
        Regime::Engaged | Regime::Collaborative => "band band-low",
    }
}

/// A number in [0, 1] as people read it here: a whole number out of 100.
#[must_use]
pub fn of_100(value: f64) -> String {
    format!("{:.0}", (value * 100.0).clamp(0.0, 100.0))
}

/// Draws the moments. `branch` marks the turn from which another future goes on.
#[must_use]
pub fn draw(id: &str, caption: &str, moments: &[Moment], branch: Option<u32>) -> Picture {
    #[allow(clippy::cast_precision_loss)]
    let n = moments.len().saturating_sub(1).max(1) as f64;
    let width = WIDTH_MIN.max(LEFT + RIGHT + n * TURN_WIDTH_MIN);
    let step = (width - LEFT - RIGHT) / n;
    let x = |turn: u32| LEFT + f64::from(turn) * step;
    let y = |value: f64| TOP + (1.0 - value.clamp(0.0, 1.0)) * PLOT_HEIGHT;
    let named = [
        ("line line-arousal", "Arousal", Variable::Arousal),
        ("line line-trust", "Trust", Variable::Trust),
        ("line line-heard", "Felt heard", Variable::Heard),
    ];
    let mut lines = named.map(|(class, label, variable)| {
        let at: Vec<(f64, f64)> =
            moments.iter().map(|m| (x(m.turn), y(m.affect.get(variable)))).collect();
        let (end_x, end_y) = at.last().copied().unwrap_or((LEFT, TOP));
        Line { class, label, d: smooth(&at), x: end_x, y: end_y, label_y: end_y }
    });
    spread(&mut lines);
    let bands = bands(moments, &x, width - RIGHT);
    let last_row = bands.iter().map(|band| band.label_y).fold(BAND_TOP + 24.0, f64::max);
    let level = |value: f64, label| Level { y: y(value), label };
    Picture {
        id: id.to_owned(),
        caption: caption.to_owned(),
        describe: describe(moments),
        width,
        height: last_row + 12.0,
        left: LEFT,
        right: width - RIGHT,
        levels: vec![level(1.0, "high"), level(0.5, ""), level(0.0, "low")],
        lines: lines.into(),
        ticks: ticks(moments, &x),
        bands,
        marks: marks(moments, branch, &x),
        top: TOP,
        bottom: TOP + PLOT_HEIGHT,
        rows: moments.iter().map(row).collect(),
    }
}

/// A curve through all points that never overshoots between two of them (monotone cubic; the turns lie evenly).
fn smooth(at: &[(f64, f64)]) -> String {
    let slopes: Vec<f64> = at.windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
    let steepness = |index: usize| {
        let before = index.checked_sub(1).and_then(|i| slopes.get(i)).copied();
        match (before, slopes.get(index).copied()) {
            (Some(a), Some(b)) if a * b > 0.0 => 2.0 * a * b / (a + b),
            (Some(_), Some(_)) | (None, None) => 0.0,
            (Some(only), None) | (None, Some(only)) => only,
        }
    };
    let mut d = String::new();
    let mut before: Option<(f64, f64)> = None;
    for (index, &(x, y)) in at.iter().enumerate() {
        // Writing into a string cannot fail.
        let _ = match before {
            None => write!(d, "M{x:.1} {y:.1}"),
            Some((px, py)) => {
                let third = (x - px) / 3.0;
                let from = py + steepness(index - 1) / 3.0;
                let to = y - steepness(index) / 3.0;
                write!(d, "C{:.1} {from:.1} {:.1} {to:.1} {x:.1} {y:.1}", px + third, x - third)
            }
        };
        before = Some((x, y));
    }
    d
}

/// Moves the labels at the right apart so that each can be read.
fn spread(lines: &mut [Line; 3]) {
    let mut order = [0, 1, 2];
    order.sort_by(|a, b| lines[*a].y.total_cmp(&lines[*b].y));
    for pair in 1..3 {
        let above = lines[order[pair - 1]].label_y;
        let line = &mut lines[order[pair]];
        line.label_y = line.label_y.max(above + LABEL_GAP);
    }
    let low = TOP + PLOT_HEIGHT + 4.0;
    let mut limit = low;
    for at in order.into_iter().rev() {
        lines[at].label_y = lines[at].label_y.min(limit);
        limit = lines[at].label_y - LABEL_GAP;
    }
}

fn bands(moments: &[Moment], x: &impl Fn(u32) -> f64, right: f64) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut free = [0.0_f64; 3];
    let runs: Vec<&[Moment]> = moments.chunk_by(|a, b| a.regime == b.regime).collect();
    for (index, run) in runs.iter().enumerate() {
        let Some(first) = run.first() else { continue };
        let from = x(first.turn);
        let next = runs.get(index + 1).and_then(|run| run.first());
        let to = next.map_or(right, |moment| x(moment.turn)).max(from + 3.0);
        let label = regime_words(first.regime);
        #[allow(clippy::cast_precision_loss)]
        let wide = label.len() as f64 * LETTER;
        // A name that would run over the right edge is pulled back inside.
        let label_x = from.min(right + RIGHT - wide);
        let row = (0..free.len()).find(|row| free[*row] <= label_x).unwrap_or(free.len() - 1);
        free[row] = label_x + wide + 8.0;
        #[allow(clippy::cast_precision_loss)]
        let label_y = BAND_TOP + 24.0 + row as f64 * BAND_ROW;
        bands.push(Band {
            x: from,
            width: to - from - 1.5,
            y: BAND_TOP,
            label_x,
            label_y,
            label,
            class: band_class(first.regime),
        });
    }
    bands
}

fn ticks(moments: &[Moment], x: &impl Fn(u32) -> f64) -> Vec<Tick> {
    let every =
        [1, 2, 5, 10, 20].into_iter().find(|n| moments.len() / n <= TICKS_MAX).unwrap_or(50);
    let named = moments.iter().enumerate().filter(|(index, _)| index % every == 0);
    let tick = |moment: &Moment| Tick {
        x: x(moment.turn),
        label: if moment.turn == 0 { "start".to_owned() } else { moment.turn.to_string() },
    };
    named.map(|(_, moment)| tick(moment)).collect()
}

fn marks(moments: &[Moment], branch: Option<u32>, x: &impl Fn(u32) -> f64) -> Vec<Mark> {
    // Where another future begins, its own mark stands instead of a turning point's.
    let from = branch.map(|turn| turn.saturating_sub(1));
    let turning = moments.iter().filter(|m| m.turning_point && Some(m.turn) != from);
    let turning = turning.map(|m| Mark { x: x(m.turn), label: m.turn.to_string(), branch: false });
    let branch = branch.map(|turn| Mark {
        x: x(turn.saturating_sub(1)),
        label: "from here".to_owned(),
        branch: true,
    });
    turning.chain(branch).collect()
}

fn row(moment: &Moment) -> Row {
    let of = |variable| of_100(moment.affect.get(variable));
    Row {
        turn: if moment.turn == 0 { "start".to_owned() } else { moment.turn.to_string() },
        arousal: of(Variable::Arousal),
        trust: of(Variable::Trust),
        heard: of(Variable::Heard),
        regime: regime_words(moment.regime),
        turning_point: moment.turning_point,
    }
}

/// The picture in one paragraph, for whoever hears the page.
fn describe(moments: &[Moment]) -> String {
    let (Some(first), Some(last)) = (moments.first(), moments.last()) else { return String::new() };
    let from_to = |name: &str, variable| {
        let of = |moment: &Moment| of_100(moment.affect.get(variable));
        format!("{name} from {} to {}", of(first), of(last))
    };
    let turning: Vec<String> =
        moments.iter().filter(|m| m.turning_point).map(|m| m.turn.to_string()).collect();
    let turning = if turning.is_empty() {
        String::new()
    } else {
        format!(" The turns that moved the caller most: {}.", turning.join(", "))
    };
    format!(
        "Out of 100: {}; {}; {}. The caller began {} and was {} at the end.{turning}",
        from_to("arousal", Variable::Arousal),
        from_to("trust", Variable::Trust),
        from_to("felt heard", Variable::Heard),
        regime_words(first.regime),
        regime_words(last.regime),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use talk::Affect;

    fn moment(turn: u32, arousal: f64, regime: Regime) -> Moment {
        let mut affect = Affect::default();
        affect.set(Variable::Arousal, arousal);
        Moment { turn, affect, regime, change: Affect::default(), turning_point: turn == 1 }
    }

    #[test]
    fn a_picture_keeps_every_turn_inside_its_frame() {
        for n in [0_u32, 1, 3, 120, 400] {
            let moments: Vec<_> = (0..=n)
                .map(|turn| moment(turn, f64::from(turn % 2), Regime::ALL[turn as usize % 7]))
                .collect();
            let picture = draw("p", "", &moments, Some(1));
            assert_eq!(picture.rows.len(), moments.len());
            assert!(picture.ticks.len() <= TICKS_MAX + 1);
            assert!(
                picture
                    .lines
                    .iter()
                    .all(|line| line.x <= picture.width && line.y <= picture.height)
            );
            assert!(picture.bands.iter().all(|band| band.x + band.width <= picture.width));
            assert!(!picture.describe.is_empty());
        }
    }

    #[test]
    fn the_names_of_the_lines_never_lie_on_one_another() {
        let picture =
            draw("p", "", &[moment(0, 0.0, Regime::Hot), moment(1, 0.0, Regime::Hot)], None);
        let mut at: Vec<f64> = picture.lines.iter().map(|line| line.label_y).collect();
        at.sort_by(f64::total_cmp);
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_GAP - 0.01), "{at:?}");
    }
}
