//! From the stored form of events to the domain's. A name that is not known is an error, never a guess.

use std::sync::Arc;

use talk::{
    Affect, Answers, Branch, CodeId, Coded, CoderVersion, End, Event, Felt, Found, Heading, Heard,
    Instant, Kind, Level, Mood, Noticed, Opened, Reason, Regime, Reply, Rule, Safety, Seed, Seq,
    Sign, Span, Style,
};

use super::form::{
    AffectRow, AnswersRow, CodedRow, EventRow, FoundRow, MoodRow, NoticedRow, OpenedRow, ReasonRow,
    ReplyRow, SafetyRow, SignRow, SpanRow,
};

type Made<T> = Result<T, String>;

pub(super) fn event(row: EventRow) -> Made<Event> {
    Ok(match row {
        EventRow::Opened(row) => Event::Opened(Box::new(opened(*row)?)),
        EventRow::Said { text, at_ms } => Event::Said { text, at: Instant(at_ms) },
        EventRow::Coded(row) => Event::Coded(coded(row)?),
        EventRow::Noticed(row) => Event::Noticed(noticed(row)),
        EventRow::Felt { mood, reasons } => Event::Felt(Felt {
            mood: self::mood(mood)?,
            reasons: reasons.into_iter().map(reason).collect(),
        }),
        EventRow::Replied { reply, at_ms } => {
            Event::Replied { reply: self::reply(reply)?, at: Instant(at_ms) }
        }
        EventRow::Ended { end, at_ms } => {
            Event::Ended { end: known("end", &end, End::parse)?, at: Instant(at_ms) }
        }
        EventRow::Disagreed { turn, code, note, withdrawn, at_ms } => {
            Event::Disagreed { turn, code: CodeId::new(&code), note, withdrawn, at: Instant(at_ms) }
        }
    })
}

fn known<T>(what: &str, name: &str, parse: impl Fn(&str) -> Option<T>) -> Made<T> {
    parse(name).ok_or_else(|| format!("the {what} `{name}` is not known"))
}

fn opened(row: OpenedRow) -> Made<Opened> {
    let branched_from = match row.branched_from {
        None => None,
        Some(from) => Some(Branch {
            call: from.call.parse().map_err(|_| format!("`{}` is not a call's id", from.call))?,
            seq: Seq(from.seq),
        }),
    };
    Ok(Opened {
        scenario: row.scenario,
        scenario_version: row.scenario_version,
        seed: Seed(row.seed),
        coder: CoderVersion(Arc::from(row.coder)),
        codebook: row.codebook,
        branched_from,
        mood: mood(row.mood)?,
        reply: reply(row.reply)?,
        at: Instant(row.at_ms),
    })
}

fn affect(row: &AffectRow) -> Affect {
    Affect([
        row.arousal,
        row.distress,
        row.trust,
        row.heard,
        row.shame,
        row.agency,
        row.danger,
        row.progress,
    ])
}

fn ids(names: &[String]) -> Vec<CodeId> {
    names.iter().map(|name| CodeId::new(name)).collect()
}

fn mood(row: MoodRow) -> Made<Mood> {
    let regime = row.regime.map(|name| known("regime", &name, Regime::parse)).transpose()?;
    Ok(Mood {
        affect: affect(&row.affect),
        regime,
        reactivity: row.reactivity,
        style: known("style", &row.style, Style::parse)?,
        open_request: row.open_request,
        latent_risk: row.latent_risk,
        danger_floor: row.danger_floor,
        used: row.used.iter().map(|turn| ids(turn)).collect(),
        n_relational: row.n_relational,
        n_turns: row.n_turns,
        n_hot: row.n_hot,
        n_quiet: row.n_quiet,
        held_turns: row.held_turns,
        voiced: known("safety word level", &row.voiced, Heard::parse)?,
        safety_done: row.safety_done,
        left_at: row.left_at,
    })
}

fn reason(row: ReasonRow) -> Reason {
    Reason { cause: CodeId::new(&row.cause), step: affect(&row.step) }
}

fn reply(row: ReplyRow) -> Made<Reply> {
    let heard = known("safety word level", &row.heard, Heard::parse)?;
    Ok(Reply {
        text: row.text,
        manner: row.manner,
        act: row.act,
        lines: row.lines,
        told: row.told,
        heading: Heading { wants_answer: row.wants_answer, heard },
    })
}

fn place(n: u64) -> Made<usize> {
    usize::try_from(n).map_err(|_| format!("{n} is too large a place"))
}

fn span(row: SpanRow) -> Made<Span> {
    Ok(Span { start: place(row.start)?, end: place(row.end)? })
}

fn answers(row: AnswersRow) -> Made<Answers> {
    Ok(Answers { context: place(row.context)?, span: span(row.span)? })
}

fn found(row: FoundRow) -> Made<Found> {
    let level = Level::from_number(row.level)
        .ok_or_else(|| format!("the level {} is neither 1 nor 2", row.level))?;
    Ok(Found {
        code: CodeId::new(&row.code),
        subtype: row.subtype.map(Arc::from),
        level,
        span: row.span.map(span).transpose()?,
        answers: row.answers.map(answers).transpose()?,
        confidence: row.confidence,
        rule: Rule(Arc::from(row.rule)),
    })
}

fn sign(row: SignRow) -> Made<Sign> {
    Ok(Sign { sign: CodeId::new(&row.sign), span: span(row.span)?, confidence: row.confidence })
}

fn safety(row: SafetyRow) -> Made<Safety> {
    let kind = |name: &String| known("kind of safety word", name, Kind::parse);
    Ok(Safety {
        heard: known("safety word level", &row.heard, Heard::parse)?,
        kinds: row.kinds.iter().map(kind).collect::<Made<_>>()?,
        spans: row.spans.into_iter().map(span).collect::<Made<_>>()?,
    })
}

fn coded(row: CodedRow) -> Made<Coded> {
    Ok(Coded {
        codes: row.codes.into_iter().map(found).collect::<Made<_>>()?,
        signs: row.signs.into_iter().map(sign).collect::<Made<_>>()?,
        safety: safety(row.safety)?,
        abstained: row.abstained,
        coder: CoderVersion(Arc::from(row.coder)),
    })
}

fn noticed(row: NoticedRow) -> Noticed {
    Noticed {
        asked: row.asked.map(|asked| (asked.fact, asked.near)),
        steps: row.steps,
        details: row.details,
        events: ids(&row.events),
        trigger: row.trigger,
        safety_done: row.safety_done,
        closing: row.closing,
        handing_over: row.handing_over,
    }
}
