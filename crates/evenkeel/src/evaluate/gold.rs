//! The gold files (`content/gold/README.md` has the format): calls with their codes, read into turns.

use anyhow::{Context as _, bail};
use talk::{Heard, Said, Speaker};

use super::item::{Item, Labels};

/// Turns of context that a gold turn keeps, as in training.
const CONTEXT_TURNS_MAX: usize = 8;

/// Reads one gold file.
///
/// # Errors
/// When a line does not follow the format, with its number.
pub fn read(file: &str, text: &str) -> anyhow::Result<Vec<Item>> {
    let mut reader = Reader {
        items: Vec::new(),
        family: String::new(),
        rendering: String::new(),
        context: Vec::new(),
    };
    for (n, line) in (1..).zip(text.lines()) {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with("# ") {
            continue;
        }
        reader.line(line).with_context(|| format!("{file}:{n}"))?;
    }
    Ok(reader.items)
}

struct Reader {
    items: Vec<Item>,
    family: String,
    rendering: String,
    context: Vec<Said>,
}

impl Reader {
    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        if let Some(slug) = line.strip_prefix("## ") {
            slug.clone_into(&mut self.family);
            self.context.clear();
        } else if let Some(rendering) = line.strip_prefix("rendering: ") {
            rendering.clone_into(&mut self.rendering);
        } else if line.starts_with("sector: ") || line.starts_with("channel: ") {
        } else if let Some(turn) = line.strip_prefix("C {") {
            self.caller(turn)?;
        } else if let Some(turn) = line.strip_prefix("A ") {
            self.agent(turn, false)?;
        } else if let Some(turn) = line.strip_prefix("B ") {
            self.agent(turn, true)?;
        } else {
            bail!("cannot read this line; a turn begins with `C {{emotions}}`, `A [` or `B [`");
        }
        Ok(())
    }

    fn caller(&mut self, turn: &str) -> anyhow::Result<()> {
        let (emotions, words) =
            turn.split_once("} ").context("the emotions end with `}` and a space")?;
        let read = marks(words)?;
        let labels = Labels::GoldCaller {
            emotions: emotions.split(',').map(|emotion| emotion.trim().to_owned()).collect(),
            signs: read.signs,
            heard: read.heard,
        };
        self.push(Speaker::Caller, &read.text, self.context.clone(), labels);
        self.context.push(said(Speaker::Caller, read.text));
        Ok(())
    }

    fn agent(&mut self, body: &str, other: bool) -> anyhow::Result<()> {
        let mut context = self.context.clone();
        if other && context.last().is_some_and(|said| said.speaker == Speaker::Agent) {
            context.pop();
        }
        let (mut text, mut codes, mut heard) = (String::new(), Vec::new(), Heard::Nothing);
        for unit in body.split('[').skip(1) {
            let (head, words) = unit.split_once(']').context("a bracket is not closed")?;
            let code = head.trim_start_matches('!').split([' ', ':']).next().unwrap_or_default();
            if code != "-" && code != "+" && !codes.iter().any(|known| known == code) {
                codes.push(code.to_owned());
            }
            let words = words.trim();
            if head.starts_with('!') || words.is_empty() {
                continue;
            }
            let read = marks(words)?;
            heard = heard.max(read.heard);
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&read.text);
        }
        if text.is_empty() {
            bail!("an agent turn has a bracket and words after it, such as `[VALIDATE 2] …`");
        }
        let rendering = self.rendering.clone();
        self.push(Speaker::Agent, &text, context, Labels::GoldAgent { codes, heard, rendering });
        if !other {
            self.context.push(said(Speaker::Agent, text));
        }
        Ok(())
    }

    fn push(&mut self, speaker: Speaker, text: &str, mut context: Vec<Said>, labels: Labels) {
        let skip = context.len().saturating_sub(CONTEXT_TURNS_MAX);
        context.drain(..skip);
        self.items.push(Item::new(self.family.clone(), speaker, text.to_owned(), context, labels));
    }
}

fn said(speaker: Speaker, text: String) -> Said {
    Said { speaker, text, heading: None, coded: None }
}

struct Marks {
    text: String,
    signs: Vec<String>,
    heard: Heard,
}

/// Words without their marks, and what the marks say.
fn marks(words: &str) -> anyhow::Result<Marks> {
    let mut out = Marks { text: String::new(), signs: Vec::new(), heard: Heard::Nothing };
    let mut rest = words;
    while let Some(at) = rest.find('<') {
        out.text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(after) = rest.strip_prefix("</>>").or_else(|| rest.strip_prefix("</>")) {
            rest = after;
        } else if let Some(after) = rest.strip_prefix("<<") {
            let (mark, after) = after.split_once(">>").context("a safety mark is not closed")?;
            let heard = mark.split(' ').next().and_then(Heard::parse);
            out.heard =
                out.heard.max(heard.with_context(|| format!("`{mark}` is no safety mark"))?);
            rest = after;
        } else {
            let (sign, after) = rest[1..].split_once('>').context("a mark is not closed")?;
            out.signs.push(sign.to_owned());
            rest = after;
        }
    }
    out.text.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: &str = "## a\nsector: it\nchannel: chat\nrendering: asr\n\n\
        C {fear} I <GIVES_UP>give up</>, <<veiled self_harm>>no point being here</>> now.\n\
        A [REFL_SIMPLE 2] You give up, [+] you say. [SAFETY_ASK 1] Do you think of dying?\n\
        B [POLICY_WALL 2] We close at five. [!DEFLECT 1]\n";

    #[test]
    fn a_call_is_read_with_its_marks_and_contexts() {
        let items = read("a.gold", CALL).unwrap();
        assert_eq!(items.len(), 3);
        assert_eq!(items[0].utterance.text, "I give up, no point being here now.");
        let Labels::GoldCaller { signs, heard, .. } = &items[0].labels else { panic!() };
        assert_eq!((signs.as_slice(), *heard), (["GIVES_UP".to_owned()].as_slice(), Heard::Veiled));
        assert_eq!(items[1].utterance.text, "You give up, you say. Do you think of dying?");
        assert_eq!(items[2].context.turns.len(), 1);
        let Labels::GoldAgent { codes, rendering, .. } = &items[2].labels else { panic!() };
        assert_eq!((codes.join(" ").as_str(), rendering.as_str()), ("POLICY_WALL DEFLECT", "asr"));
    }

    #[test]
    fn what_is_no_gold_says_where() {
        for (text, place) in [
            ("## a\nhello", "x:2"),
            ("## a\nA words", "x:2"),
            ("C {joy} <<odd self_harm>>a</>>", "x:1"),
        ] {
            assert!(read("x", text).unwrap_err().to_string().contains(place), "{text}");
        }
    }
}
