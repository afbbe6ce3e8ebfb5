//! Casts of facts and what agents asked: whether the fact that a question is after comes first, by meaning and by words.

use anyhow::{Context as _, bail};
use coder::meaning::Shelf;

use super::tally::Tally;

#[derive(Default)]
struct Cast {
    name: String,
    /// Of each fact its example questions and what agents asked for it.
    facts: Vec<(Vec<String>, Vec<String>)>,
    none: Vec<String>,
}

/// What came out for some casts.
pub struct Found {
    /// The right fact came first, of what asked for one.
    pub by_meaning: Tally,
    pub by_words: Tally,
    /// A fact was found, of what asked for one and of what asked for none.
    pub answered: Tally,
}

fn read(file: &str, text: &str) -> anyhow::Result<Vec<Cast>> {
    let mut casts: Vec<Cast> = Vec::new();
    let mut in_none = false;
    for (n, line) in (1..).zip(text.lines()) {
        let place = || {
            format!(
                "{file}:{n}: a line is `## cast`, `sector: `, `fact NAME`, `none`, `= example` or `? asked`"
            )
        };
        let line = line.trim();
        if let Some(name) = line.strip_prefix("## ") {
            casts.push(Cast { name: name.to_owned(), ..Cast::default() });
            continue;
        }
        if line.is_empty() || line.starts_with("# ") || line.starts_with("sector: ") {
            continue;
        }
        let cast = casts.last_mut().with_context(place)?;
        if line.starts_with("fact ") {
            cast.facts.push((Vec::new(), Vec::new()));
            in_none = false;
        } else if line == "none" {
            in_none = true;
        } else if let Some(asked) = line.strip_prefix("? ").filter(|_| in_none) {
            cast.none.push(asked.to_owned());
        } else if let Some(example) = line.strip_prefix("= ") {
            cast.facts.last_mut().with_context(place)?.0.push(example.to_owned());
        } else if let Some(asked) = line.strip_prefix("? ") {
            cast.facts.last_mut().with_context(place)?.1.push(asked.to_owned());
        } else {
            bail!(place());
        }
    }
    Ok(casts)
}

/// Measures the casts of one file into `found`.
///
/// # Errors
/// When a line does not follow the format, with its number.
pub fn measure(file: &str, text: &str, found: &mut Found) -> anyhow::Result<usize> {
    let mut n = 0;
    for cast in read(file, text)? {
        let examples = || {
            let facts = cast.facts.iter().enumerate();
            facts.flat_map(|(at, (examples, _))| {
                examples.iter().map(move |text| (at, text.as_str()))
            })
        };
        let (meaning, words) = (Shelf::by_meaning(examples()), Shelf::new(examples()));
        let asked = cast.facts.iter().enumerate();
        let asked =
            asked.flat_map(|(at, (_, asked))| asked.iter().map(move |text| (Some(at), text)));
        for (fact, text) in asked.chain(cast.none.iter().map(|text| (None, text))) {
            n += 1;
            let best = meaning.nearest(text, 1).first().copied();
            let answers = best.is_some_and(|(_, score)| score >= meaning.line());
            found.answered.count(&cast.name, |_| (answers, fact.is_some()));
            if fact.is_some() {
                let first =
                    |shelf: &Shelf| shelf.nearest(text, 1).first().map(|(at, _)| *at) == fact;
                found.by_meaning.count(&cast.name, |_| (best.map(|(at, _)| at) == fact, true));
                found.by_words.count(&cast.name, |_| (first(&words), true));
            }
        }
    }
    Ok(n)
}

impl Default for Found {
    fn default() -> Self {
        let tally = || Tally::new(["right"]);
        Self { by_meaning: tally(), by_words: tally(), answered: tally() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn casts_are_read_and_what_is_none_says_where() {
        let text = "## a\nsector: it\n\nfact age\n= How old is it?\n? what year, do you know\n\nnone\n? One moment.\n";
        let casts = read("q", text).unwrap();
        assert_eq!((casts[0].facts.len(), casts[0].none.len()), (1, 1));
        for text in ["? early", "## a\n= early", "## a\nfact x\nwords"] {
            assert!(read("q", text).err().unwrap().to_string().starts_with("q:"), "{text}");
        }
    }
}
