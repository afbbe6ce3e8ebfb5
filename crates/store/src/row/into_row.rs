//! From the domain's events to their stored form. Refuses numbers that JSON cannot hold.
//!
//! Every field is named, so that a new one in the domain does not compile until it is stored.

use talk::{
    Affect, Answers, CodeId, Coded, Event, Felt, Found, Heading, Mood, Noticed, Opened, Reason,
    Reply, Safety, Sign, Span,
};

use super::form::{
    AffectRow, AnswersRow, AskedRow, BranchRow, CodedRow, EventRow, FoundRow, MoodRow, NoticedRow,
    OpenedRow, ReasonRow, ReplyRow, SafetyRow, SignRow, SpanRow,
};

type Made<T> = Result<T, String>;

pub(super) fn event(event: &Event) -> Made<EventRow> {
    Ok(match event {
        Event::Opened(opened) => EventRow::Opened(Box::new(self::opened(opened)?)),
        Event::Said { text, at } => EventRow::Said { text: text.clone(), at_ms: at.0 },
        Event::Coded(coded) => EventRow::Coded(self::coded(coded)?),
        Event::Noticed(noticed) => EventRow::Noticed(self::noticed(noticed)?),
        Event::Felt(Felt { mood, reasons }) => EventRow::Felt {
            mood: self::mood(mood)?,
            reasons: reasons.iter().map(reason).collect::<Made<_>>()?,
        },
        Event::Replied { reply, at } => {
            EventRow::Replied { reply: self::reply(reply), at_ms: at.0 }
        }
        Event::Ended { end, at } => EventRow::Ended { end: end.as_str().to_owned(), at_ms: at.0 },
        Event::Disagreed { turn, code, note, withdrawn, at } => EventRow::Disagreed {
            turn: *turn,
            code: code.to_string(),
            note: note.clone(),
            withdrawn: *withdrawn,
            at_ms: at.0,
        },
    })
}

fn opened(opened: &Opened) -> Made<OpenedRow> {
    let Opened {
        scenario,
        scenario_version,
        seed,
        coder,
        codebook,
        branched_from,
        mood,
        reply,
        at,
    } = opened;
    Ok(OpenedRow {
        scenario: scenario.clone(),
        scenario_version: *scenario_version,
        seed: seed.0,
        coder: coder.0.to_string(),
        codebook: codebook.clone(),
        branched_from: branched_from
            .map(|from| BranchRow { call: from.call.to_string(), seq: from.seq.0 }),
        mood: self::mood(mood)?,
        reply: self::reply(reply),
        at_ms: at.0,
    })
}

/// JSON has no infinity and no not-a-number.
fn number(value: f64) -> Made<f64> {
    if value.is_finite() { Ok(value) } else { Err(format!("{value} is not a finite number")) }
}

fn affect(affect: &Affect) -> Made<AffectRow> {
    let [arousal, distress, trust, heard, shame, agency, danger, progress] = affect.0;
    Ok(AffectRow {
        arousal: number(arousal)?,
        distress: number(distress)?,
        trust: number(trust)?,
        heard: number(heard)?,
        shame: number(shame)?,
        agency: number(agency)?,
        danger: number(danger)?,
        progress: number(progress)?,
    })
}

fn ids(ids: &[CodeId]) -> Vec<String> {
    ids.iter().map(ToString::to_string).collect()
}

fn mood(mood: &Mood) -> Made<MoodRow> {
    let Mood {
        affect,
        regime,
        reactivity,
        style,
        open_request,
        latent_risk,
        danger_floor,
        used,
        n_relational,
        n_turns,
        n_hot,
        n_quiet,
        held_turns,
        voiced,
        safety_done,
        left_at,
    } = mood;
    Ok(MoodRow {
        affect: self::affect(affect)?,
        regime: regime.map(|regime| regime.as_str().to_owned()),
        reactivity: number(*reactivity)?,
        style: style.as_str().to_owned(),
        open_request: *open_request,
        latent_risk: *latent_risk,
        danger_floor: number(*danger_floor)?,
        used: used.iter().map(|turn| ids(turn)).collect(),
        n_relational: *n_relational,
        n_turns: *n_turns,
        n_hot: *n_hot,
        n_quiet: *n_quiet,
        held_turns: *held_turns,
        voiced: voiced.as_str().to_owned(),
        safety_done: *safety_done,
        left_at: *left_at,
    })
}

fn reason(reason: &Reason) -> Made<ReasonRow> {
    let Reason { cause, step } = reason;
    Ok(ReasonRow { cause: cause.to_string(), step: affect(step)? })
}

fn reply(reply: &Reply) -> ReplyRow {
    let Reply { text, manner, act, lines, told, heading: Heading { wants_answer, heard } } = reply;
    ReplyRow {
        text: text.clone(),
        manner: manner.clone(),
        act: act.clone(),
        lines: lines.clone(),
        told: told.clone(),
        wants_answer: *wants_answer,
        heard: heard.as_str().to_owned(),
    }
}

fn span(span: Span) -> SpanRow {
    SpanRow { start: span.start as u64, end: span.end as u64 }
}

fn answers(answers: Answers) -> AnswersRow {
    AnswersRow { context: answers.context as u64, span: span(answers.span) }
}

fn found(found: &Found) -> Made<FoundRow> {
    let Found { code, subtype, level, span, answers, confidence, rule } = found;
    Ok(FoundRow {
        code: code.to_string(),
        subtype: subtype.as_ref().map(ToString::to_string),
        level: level.number(),
        span: span.map(self::span),
        answers: answers.map(self::answers),
        confidence: number(*confidence)?,
        rule: rule.0.to_string(),
    })
}

fn sign(sign: &Sign) -> Made<SignRow> {
    let Sign { sign, span, confidence } = sign;
    Ok(SignRow {
        sign: sign.to_string(),
        span: self::span(*span),
        confidence: number(*confidence)?,
    })
}

fn coded(coded: &Coded) -> Made<CodedRow> {
    let Coded { codes, signs, safety: Safety { heard, kinds, spans }, abstained, coder } = coded;
    Ok(CodedRow {
        codes: codes.iter().map(found).collect::<Made<_>>()?,
        signs: signs.iter().map(sign).collect::<Made<_>>()?,
        safety: SafetyRow {
            heard: heard.as_str().to_owned(),
            kinds: kinds.iter().map(|kind| kind.as_str().to_owned()).collect(),
            spans: spans.iter().map(|at| span(*at)).collect(),
        },
        abstained: *abstained,
        coder: coder.0.to_string(),
    })
}

fn noticed(noticed: &Noticed) -> Made<NoticedRow> {
    let Noticed { asked, steps, details, events, trigger, safety_done, closing, handing_over } =
        noticed;
    let asked = match asked {
        None => None,
        Some((fact, near)) => Some(AskedRow { fact: fact.clone(), near: number(*near)? }),
    };
    Ok(NoticedRow {
        asked,
        steps: steps.clone(),
        details: details.clone(),
        events: ids(events),
        trigger: trigger.clone(),
        safety_done: *safety_done,
        closing: *closing,
        handing_over: *handing_over,
    })
}
