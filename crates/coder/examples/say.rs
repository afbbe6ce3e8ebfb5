use std::io::BufRead;
use talk::*;
fn main() {
    let c = coder::Coder::embedded().unwrap();
    for l in std::io::stdin().lock().lines() {
        let l = l.unwrap();
        let (sp, t) = if let Some(t) = l.strip_prefix("C:") {
            (Speaker::Caller, t)
        } else {
            (Speaker::Agent, &l[..])
        };
        let u = Utterance { seq: Seq(1), speaker: sp, text: t.trim().into(), at: Instant(0) };
        let r = c.code(&u, &Context::default());
        println!(
            "{t}\n     {:?} {}",
            r.codes
                .iter()
                .map(|f| format!(
                    "{} {} [{}] {:?}",
                    f.code,
                    f.level.number(),
                    f.rule.0,
                    f.confidence
                ))
                .collect::<Vec<_>>(),
            if r.abstained { "ABSTAIN" } else { "" }
        );
        if sp == Speaker::Caller || r.safety.heard > Heard::Nothing {
            println!(
                "     {:?} {:?} {:?} holds {:?}",
                r.safety.heard,
                r.safety.kinds,
                r.signs.iter().map(|s| s.sign.as_str().to_owned()).collect::<Vec<_>>(),
                c.holds(t).map(|h| (h.what, h.span.of(t).to_owned()))
            );
        }
    }
}
