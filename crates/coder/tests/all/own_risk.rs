//! The agent's own risk, told from help-desk talk, from asking, and from giving a caller's words back.
//! Our own sentences, most of them also used to write the rules: a guard against going back, not a measure.

use talk::{Context, Heard, Kind, Speaker};

use crate::codebook::{coder, utterance};
use crate::learnt::rules;

/// Words on which practice must stop.
const OWN: &[&str] = &[
    "I have been thinking about suicide a lot since spring",
    "I know the feeling, I tried to hang myself in March",
    "I don't want to live any more",
    "I think I should just kill myself",
    "I was suicidal all weekend",
    "I'm going to kill myself after this shift",
    "My kids would be better off without me",
    "I've already written my suicide note",
    "I took too many pills",
    "I'm standing on the bridge",
    "I keep thinking about driving my car into a wall",
    "I see no reason to live",
    "I'm so tired of being alive",
    "My life is not worth living",
    "I wish I wouldn't wake up tomorrow",
    "I don't want to wake up tomorrow",
    "I would be better off dead",
    "This job makes me want to kill myself",
    "Part of me wants to die",
    "I burned myself on purpose",
    "I said to my wife that I want to die",
    "Can I say something? I want to end my life",
    "I have a plan to kill myself",
    "I'm having chest pains and I can't breathe",
    "I'm bleeding a lot, please help me",
    "My boyfriend beats me",
    "I'm scared of my husband",
    "I don't feel safe going home",
    "He is going to hurt me when I get home, I'm in danger",
    "Nobody would miss me",
    "I said I want to die",
    "I'm saying I want to kill myself",
    "You mean well but I want to die",
    "I want to die with all of this going on",
    "I'm thinking of ending my life for good",
    "I tried to kill myself when I was nineteen and it's back",
    "I started self-harming again",
    "If I can't sleep tonight I'll kill myself",
    "I keep having thoughts of hanging myself",
    "im suicidal",
    "I think about death every day",
    "I could kill myself right now",
    "I want the pain to stop, I can't go on",
    "I should never have been born",
    "I don't deserve to live",
    "My chest is tight and my left arm has gone numb",
    "I can't stay safe tonight, I will hurt myself",
    "I don't trust myself to be alive tomorrow",
    "Honestly I have been suicidal since my mother passed",
    "That is my story too, I tried to end my life in June",
    "I often think of killing myself on the drive home",
    "I wrote goodbye notes to everybody",
    "I'm not afraid to die, I want to",
    "I don't want to be here any more",
    "I do not see any reason to stay alive",
    "It would be better if I was dead",
    "I cut my wrists on Sunday",
    "I might hurt myself when I get home",
    "I bought a rope",
    "My husband is violent",
    "I am having an asthma attack",
    "Life is not worth living for me",
    "I want out of this life",
    "I'm not okay, I want to hurt myself",
    "I feel suicidal too sometimes",
    "For what it's worth I tried to kill myself two years ago",
    "I have been there, I wanted to end my life",
    "I have felt like ending it all since my brother died",
    "I know exactly what you mean, I want to die as well",
    "Same for me, I want it all to end",
    "I just can't live any more",
    "I can't face another day",
    "I don't see a future for myself",
    "I want to disappear",
    "I feel hopeless and I want to give up on everything",
    "I'm a burden to everyone",
    "I drank bleach this morning",
    "I have a gun in my drawer and I think about using it on myself",
    "I'm at the bridge and I'm going to jump",
    "I have decided to die",
    "I've decided to kill myself on Friday",
    "I'm thinking about it too, ending my life I mean",
    "My ex is outside my house with a knife",
    "My dad hits me",
    "I am being stalked by my ex",
    "I am afraid of my husband",
    "I passed out twice today and my chest hurts",
    "I need help, I cut myself and it won't stop bleeding",
    "I'm going to hang myself tonight",
    "I wish somebody would kill me",
    "I wish I were never here",
    "I no longer want to live",
    "I ain't got nothing to live for",
];

/// Words on which it must go on.
const ORDINARY: &[&str] = &[
    "I'm dying to get this fixed",
    "I could hurt your case if I guess, so let me check",
    "I'll have to kill the process on the server",
    "I want to end on a good note",
    "I took your details down already",
    "I take the calls about tablets and prescriptions",
    "I have your tablets on the repeat list",
    "I'm done with life insurance, now the pension",
    "I don't want to be here all night, so let's do the short form",
    "I didn't want to wake you up with a call",
    "I can't go on the system until it restarts",
    "I can't do this any more quickly, sorry",
    "I could just end it there and send you the rest",
    "I am going to jump off this screen to the other one",
    "I'm on the bridge call with the network team",
    "I would die for a working printer",
    "I'm dead tired but I will finish your case",
    "My battery died while I was talking to you",
    "I cut you off by accident, I'm sorry",
    "I cut myself some time for your file",
    "I hurt myself lifting boxes so I'm at the desk this week",
    "I shot you an email this morning",
    "I can take your payment now",
    "This is my last question",
    "I won't be here tomorrow, so ask for Priya",
    "When I am gone for lunch, press two",
    "I wish I had known that earlier",
    "I wish I were better at this system",
    "I want this to end well for you",
    "I hate that you went through that",
    "I am tired of this error too",
    "I feel awful that you waited so long",
    "I feel I let you down",
    "I have nothing on the file after May",
    "I see no point in sending you another letter",
    "There's no point in sending it twice",
    "What is the point of the second form, you ask",
    "I ask everyone about suicide, so I am asking you too",
    "I work on suicide prevention one day a week",
    "I am not suicidal and never was, but I want to understand you",
    "I think you said you want to die",
    "I am hearing that you want to die, is that right?",
    "I want to know whether you want to die",
    "I'm scared for you, are you safe?",
    "I'm afraid she might not have the file",
    "I'm afraid of giving you the wrong figure",
    "I don't feel safe reading that number out loud",
    "I need an ambulance for you, what is your address?",
    "I can get you an ambulance",
    "You said he beats you, I am so sorry",
    "My wife says I talk too much",
    "My ex works at the bank, so I cannot open that file",
    "My heart goes out to you",
    "I lost my brother to suicide, so I will never rush you",
    "I'd be better at this with a second screen",
    "Nobody would mind if I put you ahead",
    "I will do it now",
    "I plan to end the wait by Friday",
    "I decided to close the ticket",
    "I tried to end the call but the line froze",
    "So what you are telling me is, I want to die, is that it?",
    "I'm not going to hurt you or your claim",
    "I will never kill a ticket without asking",
    "I've been thinking about ending the old plan",
    "I think about the deadline every day",
    "I want to ask if you feel suicidal",
    "I would like to know if you have pills with you",
    "I read that you wrote, \"I want to die\"",
    "I took your pills question to the pharmacist",
    "I have enough tablets in stock for your repeat",
    "I cut the amount in two parts",
    "I hang up only when you say so",
    "I jumped to the last page of the form",
    "I'm burning through this list quickly",
    "I can't breathe a word of this to anybody",
    "I am having a stroke of luck with this system today",
    "My partner in the next office can sign it",
    "I get beaten by this form every time",
    "I'm scared of sending it to the wrong place",
    "I was never any good with this screen",
    "I'm no use with printers, but let me try",
    "I've given up on that old scanner",
    "I see no reason for the delay",
    "I hope I never wake you with these calls",
    "I'd rather send it today than tomorrow",
    "I had to kill an hour while it loaded",
    "Without me on the line they can still see your notes",
    "I want to make sure I do not hurt you with this",
    "I'm going to take the first thing you said",
    "I checked it myself last night",
    "I gave myself a reminder to call you",
    "I can't carry on without your date of birth",
    "I'm at the end of my shift but I will stay with you",
    "I live near the office, so I know the bus",
    "I have lived through a flood myself",
    "My mother had a stroke, so I understand the worry",
    "I was homeless for a year myself",
    "I'm worried about you because you said you want to die",
    "I'd like to ask if you are safe right now",
    "Are you feeling like you cannot go on?",
    "I can stay on the line until the ambulance comes",
    "I'm going to call 911 for you",
    "I'm finished with the first part",
    "I'm out of ideas, so let me ask",
    "I have no hope of reaching them before Monday",
    "I feel terrible, that was my mistake",
    "I wish it was over for you already",
    "I want to ask you about suicide, because I care how you are.",
    "Suicide is something I can talk about with you.",
    "I'm going to do it now, so the sixty days start today.",
    "I can't do it without your case number",
    "There is no other way to verify you",
    "This will be done soon",
    "What is the point of contention here?",
    "I'm done with the form",
    "It won't be much longer",
    "This is my last call of the day",
    "Let me jump in front of the queue for you",
    "I'll do it today",
    "I'm the last one here but I'll finish it",
    "I want to understand: do you want to kill yourself?",
    "I'm asking you directly, are you suicidal?",
    "I would ask anyone who said they want to die",
    "I don't want you to die",
    "I do not want you to hurt yourself",
    "I've had callers who wanted to die, and they got through it",
    "I once spoke to a man who wanted to kill himself",
    "I'm glad you told me that you cut yourself",
    "I can see you took some pills, how many?",
    "I'll note that you have pills with you",
    "I hear how tired you are of living like this",
    "I think you feel there is no point in living",
    "I understand that life feels not worth living for you",
    "I imagine it feels like everyone would be better off without you",
    "I know you wish you had never been born",
    "I'm sorry he hits you",
    "I believe you that your husband is violent",
    "I can hear that you are scared to go home",
    "I have to check whether you feel safe at home",
    "I'm reading it back: he hits me and I am scared",
    "I want to end this call on the right foot",
    "I'll end my shift at six",
    "I'm taking my pills question to the nurse",
    "I ended my own subscription last year, it took a week",
    "I take that to heart, and it hurts to hear",
    "I'm on the floor above, so I can walk it over",
];

/// What makes practice stop: the agent's own risk, veiled or plainer.
fn stops(text: &str) -> bool {
    let safety = coder().code(&utterance(Speaker::Agent, text), &Context::default()).safety;
    let own = safety.kinds.iter().any(|kind| matches!(kind, Kind::SelfHarm | Kind::Emergency));
    own && safety.heard >= Heard::Veiled
}

#[test]
fn an_agents_own_risk_is_heard() {
    let missed: Vec<&&str> = OWN.iter().filter(|text| !stops(text)).collect();
    assert!(missed.is_empty(), "not heard: {missed:#?}");
}

#[test]
fn ordinary_help_desk_talk_is_not_the_agents_own_risk() {
    let by_rule = |text: &&&str| {
        let said = utterance(Speaker::Agent, text);
        let heard = rules().code(&said, &Context::default()).safety;
        heard.heard >= Heard::Veiled
    };
    let stopped: Vec<&&str> = ORDINARY.iter().filter(by_rule).collect();
    assert!(stopped.is_empty(), "stopped by rules: {stopped:#?}");
    // The network hears more of what people say in their own way; this is the price (docs/decisions/0003-the-ear.md).
    let stopped: Vec<&&str> = ORDINARY.iter().filter(|text| stops(text)).collect();
    assert!(stopped.len() <= 3, "stopped: {stopped:#?}");
}

#[test]
fn the_callers_words_given_back_are_not_the_agents_own() {
    for said in ["I want to die", "I'm suicidal", "I can't go on", "I cut myself"] {
        for before in ["You said", "When you say", "You told me", "He says", "You keep saying"] {
            assert!(!stops(&format!("{before} {said}.")), "{before} {said}");
            assert!(stops(&format!("I hear you. {said}.")), "{said}");
        }
        assert!(!stops(&format!("I read \"{said}\" in your letter.")), "{said}");
        assert!(stops(&format!("I said {said}.")), "I said {said}");
        assert!(stops(&format!("You mean well but {said}.")), "but {said}");
    }
}

#[test]
fn a_callers_turn_never_uses_the_agents_rows() {
    let heard = |text| coder().code(&utterance(Speaker::Caller, text), &Context::default()).safety;
    assert!(heard("I can't go on.").heard >= Heard::Veiled);
    assert!(heard("I'll do it today.").heard >= Heard::Veiled, "callers keep the wide rows");
    assert!(!stops("I'll do it today."));
}
