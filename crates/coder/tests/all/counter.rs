//! Sentences of our own that look like a code and are not, and plain ones that must not be missed. Not from any data set.

use talk::Context;

use crate::codebook::agent;

/// Code, sentences that get it, sentences that must not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

fn check(rows: &[Row]) {
    let mut faults = Vec::new();
    for (code, yes, no) in rows {
        for text in *yes {
            let coded = agent(text, &Context::default());
            if !coded.has(code) {
                faults.push(format!(
                    "{code} missed: {text} -> {:?}",
                    coded.codes.iter().map(|f| &f.code).collect::<Vec<_>>()
                ));
            }
        }
        for text in *no {
            if agent(text, &Context::default()).has(code) {
                faults.push(format!("{code} wrongly: {text}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

const HARMFUL: &[Row] = &[
    (
        "INVALIDATE",
        &[
            "please just relax",
            "You're overreacting.",
            "At least you still have a job.",
            "There are people with bigger problems.",
        ],
        &[
            "No wonder you can't relax.",
            "You're not overreacting.",
            "I need at least two documents for the file.",
        ],
    ),
    (
        "BLAME",
        &[
            "If you had read the letter you'd know.",
            "you never sent us the form",
            "Why did you wait so long to call?",
        ],
        &[
            "Why did that letter go out twice?",
            "You should have been told in March.",
            "It's not your fault the letter was late.",
        ],
    ),
    (
        "ARGUE",
        &[
            "I hear you, but that's not how it works.",
            "Our records show otherwise.",
            "I never said that.",
        ],
        &[
            "I don't have the file yet but I can get it.",
            "The office is closed but the line is open.",
        ],
    ),
    (
        "CONDESCEND",
        &["Listen carefully.", "Any adult can fill in that form.", "Sweetie, it's ten days."],
        &["I'd love to get this sorted for you.", "Is that easier by email?"],
    ),
    (
        "POLICY_WALL",
        &[
            "Rules are rules.",
            "that's not my department",
            "I'm afraid the computer won't allow it.",
        ],
        &[
            "I know that sounds like hiding behind policy.",
            "Your insurance policy number is on the card.",
        ],
    ),
    (
        "PRESCRIBE",
        &[
            "You have to come in person.",
            "You should get a lawyer.",
            "Call the landlord and ask him.",
        ],
        &["You don't have to decide today.", "You shouldn't have had to call four times."],
    ),
    (
        "FALSE_COMFORT",
        &[
            "Everything will be okay.",
            "I know exactly how you feel.",
            "Rest assured.",
            "I promise you'll win.",
        ],
        &["I can promise you a call by noon.", "I can't promise what the judge will say."],
    ),
    (
        "HOSTILE",
        &["Shut up.", "You people are unbelievable.", "What is wrong with you?", "Get a job."],
        &[
            "What is wrong with your laptop?",
            "You've had a tough week.",
            "Whatever you need, I'm here.",
        ],
    ),
    (
        "DEFLECT",
        &["Moving on.", "Anyway, what's the account number?"],
        &["Is there any way you could send it?"],
    ),
];

#[test]
fn harmful_codes_are_told_from_their_neighbours() {
    check(HARMFUL);
}

const HELPFUL: &[Row] = &[
    (
        "NAME_FEELING",
        &[
            "you seem frustrated",
            "That sounds terrifying.",
            "You must be exhausted after all those calls.",
        ],
        &["Are you upset?", "I'm frustrated with this system.", "No need to be upset."],
    ),
    (
        "VALIDATE",
        &[
            "Of course you're angry, you were told twice it was fixed.",
            "anyone would be upset after that",
            "That's a completely normal reaction.",
        ],
        &["Does that make sense?", "Most people manage to pay on time."],
    ),
    (
        "CONCERN",
        &[
            "I'm so sorry for your loss.",
            "Thank you for trusting me with that.",
            "I'm here with you.",
        ],
        &["Sorry for the delay.", "Sorry, what was the number?"],
    ),
    (
        "AFFIRM",
        &[
            "You've been really patient with us.",
            "That took courage.",
            "Good thinking, keeping the receipt.",
        ],
        &["You've been told three different things.", "Great, thanks."],
    ),
    (
        "OWN",
        &[
            "That was our mistake.",
            "I'm sorry I interrupted you.",
            "We should have called you back.",
        ],
        &["I'm sorry if you were offended.", "I'm sorry your father died."],
    ),
    (
        "EXPLORE",
        &[
            "what happened next",
            "Can you tell me more about the notice?",
            "How has this affected your work?",
        ],
        &["What's your name?", "How can I help you today?", "Tell me your address."],
    ),
    (
        "ASK_CLOSED",
        &[
            "do you have the letter with you",
            "Is it the blue form?",
            "How many children live with you?",
        ],
        &["What happened?", "Would you like me to send it?"],
    ),
    (
        "INVOLVE",
        &[
            "Would it be okay if I asked about the notice?",
            "What would be most helpful today?",
            "May I make a suggestion?",
        ],
        &["May I have your date of birth?"],
    ),
    (
        "CHOICE",
        &[
            "Would you rather have it by email or by post?",
            "It's up to you.",
            "You can pay now or in two parts, whichever suits you.",
        ],
        &["Did you mail it or upload it?"],
    ),
    (
        "SOLVE",
        &[
            "I'm booking the engineer for Friday.",
            "Let me reset that for you.",
            "We'll waive the fee.",
        ],
        &["You could call them.", "I'll never understand that."],
    ),
    (
        "INFORM",
        &[
            "Your claim was received on Monday.",
            "The office opens at nine.",
            "Refunds take five working days.",
        ],
        &["Okay, thank you."],
    ),
    (
        "ORIENT",
        &[
            "This call is recorded.",
            "I'm going to ask you three questions first.",
            "Let me explain what happens next: first we check the file.",
        ],
        &["The fee is ten dollars."],
    ),
    (
        "REFL_SIMPLE",
        &[
            "So the heating has been off since Monday.",
            "You've been waiting since March.",
            "You're saying nobody called.",
        ],
        &["You should have called."],
    ),
    (
        "REFL_COMPLEX",
        &[
            "It's less about the fee and more about being believed.",
            "It sounds like every call starts you from zero.",
        ],
        &["It's not only a late fee, sir, you need to read it."],
    ),
    (
        "CLARIFY",
        &[
            "Let me make sure I understand: the rent is paid and the notice still came. Is that right?",
            "Have I got that right?",
        ],
        &["Can you confirm your address?"],
    ),
    (
        "SAFETY_ASK",
        &[
            "Are you having thoughts of suicide?",
            "are you safe right now",
            "Do you want to hurt someone?",
        ],
        &["Is the payment safe?", "Did your phone die?"],
    ),
    (
        "BOUNDARY",
        &[
            "I want to help you with the rent, and I need the insults to stop. If they go on I'll end the call.",
        ],
        &["I need you to sign the form."],
    ),
    (
        "LIMIT",
        &[
            "I can't release it today because the bank holds it until Friday. What I can do is note the account.",
        ],
        &["I can't."],
    ),
    (
        "COMMIT",
        &["I'll call you by noon Friday and you'll send the stub today. Does that work for you?"],
        &["I'll call you by noon Friday."],
    ),
];

#[test]
fn helpful_codes_are_told_from_their_neighbours() {
    check(HELPFUL);
}
