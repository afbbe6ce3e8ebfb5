//! Safety words, signs and what a caller's turn holds. Not an assessment of anybody.

use talk::{Context, Heard, Speaker};

use crate::codebook::{coder, context, utterance};

/// A sign, the words that show it, and the turns before.
type Row<'a> = (&'a str, &'a str, &'a [(Speaker, &'a str)]);

fn heard(speaker: Speaker, text: &str) -> Heard {
    coder().code(&utterance(speaker, text), &Context::default()).safety.heard
}

#[test]
fn idioms_are_not_stated_risk() {
    for text in [
        "This deadline is killing me.",
        "I'm dying to know.",
        "Shoot me an email.",
        "I could kill for a coffee.",
        "I bombed the test.",
        "My feet are killing me.",
        "My phone died.",
        "The battery is dead.",
        "I'm dead tired.",
        "It bores me to death.",
        "I'm dying of boredom here.",
        "That joke killed me.",
        "I would die for a holiday.",
        "I nearly died laughing.",
        "I'm hanging on the line here.",
        "The line went dead.",
        "I'm drowning in paperwork.",
        "Can you shoot me the form?",
        "The car battery died and I missed the bus.",
    ] {
        assert!(heard(Speaker::Caller, text) < Heard::Stated, "{text}");
    }
}

#[test]
fn plain_words_of_risk_are_stated_or_more() {
    for text in [
        "I want to die.",
        "i dont want to live anymore",
        "I'm thinking about killing myself.",
        "I wish I was dead",
        "I'm going to end it all",
        "I’m suicidal",
        "Im gonna kill my self",
        "He says he will kill me",
        "I'm going to shoot that caseworker",
        "My ex hits the kids.",
        "I am want to die, I no can more",
        "i keep thinking about ending my life",
        "I've been having suicidal thoughts",
        "They'd be better off if I was dead, I want to die",
        "I have thought about suicide",
        "I'd be better off dead",
        "I feel like killing myself",
        "my son wants to kill himself",
    ] {
        assert!(heard(Speaker::Caller, text) >= Heard::Stated, "{text}");
    }
}

#[test]
fn veiled_words_are_heard() {
    for text in [
        "I won't need it much longer.",
        "Everyone would be better off without me.",
        "I can't go on like this.",
        "What's the point any more?",
        "Look after my kids for me.",
        "You'll see me on the news.",
        "I just want it all to stop.",
        "I don't want to be a burden, I can't do this anymore",
        "I know where you work.",
        "You'll be sorry.",
        "It doesn't matter, I won't be around much longer",
        "nobody would even notice if i was gone",
    ] {
        assert!(heard(Speaker::Caller, text) >= Heard::Veiled, "{text}");
    }
}

#[test]
fn ordinary_turns_hold_no_safety_words() {
    for text in [
        "Okay.",
        "It's 44812.",
        "Yes, that's the address.",
        "I called on Tuesday about the form.",
        "When will the payment arrive?",
        "I moved in March.",
        "Can you send it by email?",
        "My landlord needs the letter by Friday.",
        "I don't have the number with me.",
        "I can't find the form.",
        "The card was declined at the shop.",
        "I need to reset my password.",
    ] {
        assert_eq!(heard(Speaker::Caller, text), Heard::Nothing, "{text}");
    }
}

#[test]
fn an_agent_is_heard_only_in_their_own_first_person_words() {
    for text in ["I want to die.", "I can't go on.", "I'm going to kill myself."] {
        assert!(heard(Speaker::Agent, text) >= Heard::Veiled, "{text}");
    }
    for text in [
        "Are you thinking of killing yourself?",
        "You said \"I want to die\". Do you mean that?",
        "When you say you want to die, do you have a plan?",
        "He told you he would kill you?",
        "Did she say she wants to kill herself?",
        "Do you feel you want to hurt yourself?",
        "Is anyone hitting you?",
        "You told me I want to die is what you think at night.",
    ] {
        assert_eq!(heard(Speaker::Agent, text), Heard::Nothing, "{text}");
    }
}

#[test]
fn neutral_turns_hold_nothing_and_others_do() {
    for text in [
        "Okay.",
        "It's 44812.",
        "Yes, that's the address.",
        "Mm.",
        "Go on.",
        "March 4th.",
        "Yes please.",
        "Hello?",
        "Dana Miller.",
    ] {
        assert_eq!(coder().holds(text), None, "{text}");
    }
    for text in [
        "I'm scared I'll lose the flat.",
        "My father died on Monday.",
        "I need someone to fix this.",
        "I can't do this any more.",
        "nobody ever calls me back",
        "I got laid off last week",
        "please help me",
        "This is humiliating.",
    ] {
        assert!(coder().holds(text).is_some(), "{text}");
    }
}

#[test]
fn each_sign_is_heard_in_a_plain_example() {
    let calm: &[(Speaker, &str)] = &[];
    let long = "I have been calling every single week since March about this and every time somebody tells me a different thing";
    let rows: &[Row] = &[
        (
            "DEMAND_REPEATED",
            "I want my March payment!",
            &[(Speaker::Caller, "I want my March payment."), (Speaker::Agent, "Yes.")],
        ),
        ("ABSOLUTE", "Nobody ever calls me back.", calm),
        ("YOU_PEOPLE", "You people are all the same.", calm),
        ("GOES_ABOVE", "Get me your supervisor.", calm),
        ("LAST_CHANCE", "This is your last chance.", calm),
        ("PROFANITY", "This is bullshit.", calm),
        ("SHOUTING", "GIVE ME MY MONEY", calm),
        ("SARCASM", "Oh great, another form.", calm),
        ("INTERRUPTS", "No, let me finish.", calm),
        ("REFUSES", "I'm not filling in another form.", calm),
        ("SHORTER", "Fine.", &[(Speaker::Caller, long), (Speaker::Agent, "Okay.")]),
        ("GIVES_UP", "Forget it.", calm),
        ("SELF_BLAME", "I'm so stupid. Sorry to bother you.", calm),
        ("HOPELESS", "Nothing helps.", calm),
        ("FAREWELL", "I won't need it much longer.", calm),
        ("THREAT_VEILED", "You'll be sorry.", calm),
        ("THREAT_DIRECT", "I'm going to hurt that man.", calm),
        ("HYPERALERT", "Is this being recorded?", calm),
        ("LOSES_THREAD", "Sorry, what was I saying?", calm),
        (
            "SUDDEN_CALM",
            "Okay. Yes.",
            &[(Speaker::Caller, "YOU PEOPLE LOST MY DAMN FORM!!"), (Speaker::Agent, "Stop.")],
        ),
    ];
    for (sign, text, turns) in rows {
        let coded = coder().code(&utterance(Speaker::Caller, text), &context(turns));
        let signs: Vec<&str> = coded.signs.iter().map(|sign| sign.sign.as_str()).collect();
        assert!(signs.contains(sign), "{sign} <- {text} -> {signs:?}");
        assert!(coded.codes.is_empty());
    }
}
