//! Whole calls through the site: by forms, by the web socket, again after a lost connection, on another node.
//!
//! The rules of a call are tested in `call`; here is what reaches the browser, what the log holds, and what never leaves.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use talk::{CallId, Event, PersonId};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::browser::Browser;
use crate::site::{PASSWORD, Running, SCENARIO};
use call::CALL_TURNS_HARD_MAX;
use server::live::Pool;
use server::{Patience, RawConfig};

const HELLO: &str = "Good morning, this is Dana at the benefits desk. I have time for you. What has this month been like?";
const OWN_RISK: &str = "I can't do this any more. I want to kill myself.";

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(browser: &Browser, call: CallId) -> Self {
        let origin = format!("http://{}", browser.at);
        Self(Self::from(browser, call, &origin).await.unwrap())
    }

    async fn from(
        browser: &Browser,
        call: CallId,
        origin: &str,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
        let mut request = format!("ws://{}/calls/{call}/live", browser.at).into_client_request()?;
        let pairs: Vec<_> =
            browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        request.headers_mut().insert("cookie", pairs.join("; ").parse().unwrap());
        request.headers_mut().insert("origin", origin.parse().unwrap());
        connect_async(request).await.map(|(socket, _)| socket)
    }

    async fn ask(&mut self, frame: Value) -> Value {
        self.0.send(Message::text(frame.to_string())).await.unwrap();
        self.hear().await.expect("a frame")
    }

    /// The next frame; `None` when the server has closed.
    async fn hear(&mut self) -> Option<Value> {
        while let Some(Ok(message)) = self.0.next().await {
            match message {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(_) => return None,
                Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => {}
            }
        }
        None
    }
}

/// Somebody who may practise, with a call that has just begun.
async fn begun(running: &Running) -> (Browser, PersonId, CallId) {
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam@example.org", "agent").await;
    let call = start(&mut sam).await;
    (sam, running.id_of("sam@example.org").await, call)
}

async fn start(browser: &mut Browser) -> CallId {
    browser
        .get(&format!("/scenarios/{SCENARIO}"))
        .await
        .must(200)
        .says("Not reviewed by a clinician");
    let answer = browser.post(&format!("/scenarios/{SCENARIO}/start"), &[]).await.must(303);
    answer.location().rsplit('/').next().unwrap().parse().unwrap()
}

async fn events(running: &Running, call: CallId, owner: PersonId) -> Vec<Event> {
    running.site.store.events(call, owner).await.unwrap()
}

fn n_said(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Said { .. })).count()
}

#[tokio::test]
async fn a_whole_call_works_by_forms_alone() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200).says("What do you say?");
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    sam.get(&at).await.must(200).says("What has this month been like?");
    sam.get("/").await.must(200).says("Go on with");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/end"), &[]).await.must(303);
    sam.get(&at).await.must(200).says("You put the phone down.");
    let debrief = sam.get(&format!("{at}/debrief")).await.must(200);
    let debrief = debrief.says("One thing to try next").says("story").says("Take this turn again");
    let code = debrief
        .body
        .split("name=\"code\" value=\"")
        .nth(1)
        .expect("a code")
        .split('"')
        .next()
        .unwrap();
    let fields = [("turn", "1"), ("code", code), ("note", "I meant it as a greeting")];
    sam.post(&format!("{at}/disagree"), &fields).await.must(303);
    sam.get(&format!("{at}/debrief")).await.must(200).says("I meant it as a greeting");
    sam.post(&format!("{at}/disagree"), &[("turn", "1"), ("code", code), ("withdrawn", "yes")])
        .await
        .must(303);
    assert!(!sam.get(&format!("{at}/debrief")).await.must(200).body.contains("I meant it as"));
    sam.post(&format!("{at}/disagree"), &[("turn", "9"), ("code", code)]).await.must(404);
    assert_eq!(n_said(&events(&running, call, owner).await), 1);
}

#[tokio::test]
async fn the_same_form_sent_twice_is_one_turn_and_a_stale_one_keeps_its_words() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    for _ in 0..2 {
        sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    }
    assert_eq!(n_said(&events(&running, call, owner).await), 1);
    let stale = sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", "Something else.")]).await;
    let stale = stale.must(200).says("This call went on elsewhere");
    assert!(stale.body.contains(">Something else.</textarea>"));
    let long = "a".repeat(4_001);
    sam.post(&format!("{at}/say"), &[("turn", "2"), ("said", &long)])
        .await
        .must(200)
        .says("4001 characters are too many");
    assert_eq!(n_said(&events(&running, call, owner).await), 1);
}

#[tokio::test]
async fn a_call_by_socket_answers_after_the_log_has_it_and_a_resend_is_not_taken_twice() {
    let running = Running::start().await;
    let (sam, owner, call) = begun(&running).await;
    let mut socket = Socket::open(&sam, call).await;
    let hello = socket.ask(json!({"resume": {"have": 0}})).await;
    assert_eq!(hello["hello"]["n_turns"], 0);
    let said = json!({"said": HELLO, "turn": 1, "key": "k1"});
    let reply = socket.ask(said.clone()).await;
    assert_eq!((&reply["reply"]["turn"], &reply["reply"]["key"]), (&json!(1), &json!("k1")));
    assert_eq!(n_said(&events(&running, call, owner).await), 1);
    drop(socket);
    let mut again = Socket::open(&sam, call).await;
    let resent = again.ask(said).await;
    assert_eq!(resent["reply"]["text"], reply["reply"]["text"]);
    assert_eq!(n_said(&events(&running, call, owner).await), 1);
    let other = again.ask(json!({"said": "Other words.", "turn": 1, "key": "k2"})).await;
    assert_eq!(other["hello"]["elsewhere"], true);
    assert_eq!(other["hello"]["turns"][0]["said"], HELLO);
    let ended = again.ask(json!({"end": true})).await;
    assert_eq!(ended["hello"]["ended"]["how"], "agent_ended");
    let over = again.ask(json!({"said": "Still there?", "turn": 2, "key": "k3"})).await;
    assert_eq!(over["error"]["code"], "refused");
}

#[tokio::test]
async fn another_node_takes_the_call_up_and_the_first_one_steps_back() {
    let running = Running::start().await;
    let (sam, owner, call) = begun(&running).await;
    let mut here = Socket::open(&sam, call).await;
    here.ask(json!({"said": HELLO, "turn": 1, "key": "a"})).await;
    let there = running.second_node().await;
    let mut moved = sam.clone();
    moved.at = there.at;
    let mut elsewhere = Socket::open(&moved, call).await;
    let hello = elsewhere.ask(json!({"resume": {"have": 0}})).await;
    assert_eq!(hello["hello"]["turns"][0]["said"], HELLO);
    let second = json!({"said": "Take your time. What happened?", "turn": 2, "key": "b"});
    let reply = elsewhere.ask(second.clone()).await;
    let late = here.ask(json!({"said": "What is the claim number?", "turn": 2, "key": "c"})).await;
    assert_eq!(late["hello"]["elsewhere"], true);
    let same = here.ask(second).await;
    assert_eq!(same["reply"]["text"], reply["reply"]["text"]);
    let third = here.ask(json!({"said": "I am listening.", "turn": 3, "key": "d"})).await;
    assert_eq!(third["reply"]["turn"], 3);
    assert_eq!(n_said(&events(&running, call, owner).await), 3);
}

#[tokio::test]
async fn a_socket_from_another_site_or_for_another_person_is_refused() {
    let running = Running::start().await;
    let (sam, _, call) = begun(&running).await;
    for origin in ["https://evil.example", "null"] {
        let refused = Socket::from(&sam, call, origin).await.expect_err("refused");
        assert!(matches!(refused, Error::Http(answer) if answer.status() == 403), "{origin}");
    }
    let own = format!("http://{}", sam.at);
    let (mut robin, _) = running.sign_in("root@example.org", crate::site::PASSWORD).await;
    let refused = Socket::from(&robin, call, &own).await.expect_err("refused");
    assert!(matches!(refused, Error::Http(answer) if answer.status() == 404));
    for page in ["", "/debrief", "/futures"] {
        robin.get(&format!("/calls/{call}{page}")).await.must(404);
    }
    for (page, fields) in [
        ("say", vec![("turn", "1"), ("said", "x")]),
        ("end", vec![]),
        ("stop", vec![]),
        ("forget", vec![]),
        ("rewind", vec![("turn", "1")]),
    ] {
        robin.get(&format!("/scenarios/{SCENARIO}")).await.must(200);
        robin.post(&format!("/calls/{call}/{page}"), &fields).await.must(404);
    }
}

#[tokio::test]
async fn a_socket_that_floods_hears_why_and_is_closed_while_the_call_goes_on() {
    let running = Running::start().await;
    let (sam, _, call) = begun(&running).await;
    let mut socket = Socket::open(&sam, call).await;
    for _ in 0..40 {
        let _ = socket.0.send(Message::text("{}")).await;
    }
    let mut last = Value::Null;
    while let Some(frame) = socket.hear().await {
        last = frame;
    }
    assert_eq!(last["error"]["code"], "flood");
    running.move_clock(11_000);
    let mut again = Socket::open(&sam, call).await;
    assert_eq!(again.ask(json!({"said": HELLO, "turn": 1, "key": "k"})).await["reply"]["turn"], 1);
}

#[tokio::test]
async fn a_socket_that_sends_nothing_is_closed_and_one_that_answers_pings_is_kept() {
    let patience = Patience { ping_ms: 50, ..Patience::default() };
    let raw = RawConfig::default();
    let running = Running::start_changed(raw, |config| config.patience = patience, |_| {}).await;
    let (sam, owner, call) = begun(&running).await;
    let mut alive = Socket::open(&sam, call).await;
    let mut silent = Socket::open(&sam, call).await;
    let before = events(&running, call, owner).await;
    // Read below the protocol, so that nobody answers the pings.
    let mut told = [0; 9];
    let closing = tokio::time::timeout(
        std::time::Duration::from_secs(20),
        silent.0.get_mut().read_exact(&mut told),
    );
    tokio::select! {
        closed = closing => assert!(closed.is_ok_and(|read| read.is_ok()), "it stays open"),
        frame = alive.hear() => panic!("the socket that answers pings got {frame:?}"),
    }
    let (ping, close) = ([0x89, 0], [0x88]);
    assert_eq!(told.as_slice(), [ping.repeat(4).as_slice(), &close].concat());
    let hello = alive.ask(json!({"resume": {"have": 0}})).await;
    assert_eq!(hello["hello"]["n_turns"], 0);
    assert_eq!(events(&running, call, owner).await, before);
}

#[tokio::test]
async fn a_call_that_is_talked_at_without_end_ends_and_keeps_what_was_said() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    let say = format!("{at}/say");
    sam.get(&at).await.must(200);
    for turn in 1..=CALL_TURNS_HARD_MAX + 40 {
        let (turn, said) = (turn.to_string(), format!("Once more, letter number {turn}."));
        let answer = sam.post(&say, &[("turn", &turn), ("said", &said)]).await;
        assert!(answer.status < 500, "turn {turn}: {}", answer.status);
    }
    let log = events(&running, call, owner).await;
    let n_taken = n_said(&log) as u32;
    assert!((1..=CALL_TURNS_HARD_MAX).contains(&n_taken), "{n_taken} turns");
    let late = (n_taken + 1).to_string();
    let answer = sam.post(&say, &[("turn", &late), ("said", "One more thing.")]).await;
    let page = if answer.status == 303 { sam.get(&at).await.body } else { answer.body };
    let told = ["takes no more", "This call is over", "Go to the debrief", "debrief"];
    assert!(told.iter().any(|words| page.contains(words)), "{page}");
    assert_eq!(events(&running, call, owner).await, log);
    assert!(
        log.iter()
            .any(|event| matches!(event, Event::Said { text, .. } if text.contains("number 1.")))
    );
    sam.get(&format!("{at}/debrief")).await.must(200);
}

#[tokio::test]
async fn hidden_words_never_leave_the_server_during_a_call() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    sam.jar.insert("whisper".to_owned(), "on".to_owned());
    let mut sent = sam.get(&format!("/scenarios/{SCENARIO}")).await.body;
    let mut socket = Socket::open(&sam, call).await;
    for (turn, said) in (1..).zip([
        HELLO,
        "You sound worn out by this.",
        "What happened with the form?",
        "Calm down.",
    ]) {
        let frame = socket.ask(json!({"said": said, "turn": turn, "key": "k"})).await;
        sent += &frame.to_string();
        sent += &sam.get(&format!("/calls/{call}")).await.must(200).body;
    }
    sent += &socket.ask(json!({"resume": {"have": 0}})).await.to_string();
    sent += &sam.get(&format!("/calls/{call}/debrief")).await.must(200).body;
    sent += &sam.get("/").await.must(200).body;
    let sent = sent.replace("&#39;", "'").replace("&#34;", "\"").replace("\\\"", "\"");
    let program = &running.site.stages[SCENARIO].program;
    let state = call::State::fold(&events(&running, call, owner).await).unwrap();
    let spoken: String = state.replies().map(|(_, reply)| reply.text.clone()).collect();
    let told = state.told();
    for fact in program.caller.facts.iter().filter(|fact| !told.contains(fact.id.as_str())) {
        for text in fact.tells.iter().chain(&fact.again).flat_map(|line| &line.texts) {
            assert!(spoken.contains(text) || !sent.contains(text), "{}: {text}", fact.id);
        }
        for ask in &fact.asks {
            assert!(!sent.contains(ask.as_str()) || ask == "What happened with the form?", "{ask}");
        }
    }
    for text in program.aftermath.story.iter().chain(&program.aftermath.reflection) {
        assert!(!sent.contains(text.as_str()), "the story: {text}");
    }
    for detail in &program.aftermath.details {
        assert!(!sent.contains(detail.what.as_str()), "{}", detail.what);
    }
    for word in [
        "arousal",
        "reactivity",
        "trust_min",
        "latent",
        "danger_floor",
        "never told",
        "never_told",
        "GUARDED",
        "WITHDRAWN",
    ] {
        assert!(!sent.contains(word), "{word}");
    }
    let mood = state.mood();
    for value in mood.affect.0 {
        assert!(
            value == 0.0 || !sent.contains(&format!("{value:.3}")),
            "a number of the caller's: {value}"
        );
    }
}

#[tokio::test]
async fn the_agents_own_risk_stops_practice_and_none_of_it_is_stored() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let mut socket = Socket::open(&sam, call).await;
    let stopped = socket.ask(json!({"said": OWN_RISK, "turn": 1, "key": "k"})).await;
    assert!(stopped["stopped"].is_object(), "{stopped}");
    let log = events(&running, call, owner).await;
    assert_eq!(log.len(), 2, "the beginning and the end, nothing of what was said");
    assert!(matches!(log[1], Event::Ended { end: talk::End::StoppedByAgent, .. }));
    sam.get(&format!("/calls/{call}/debrief")).await.must(200).says("Nothing in it is scored");
    let second = start(&mut sam).await;
    let at = format!("/calls/{second}");
    sam.get(&at).await.must(200);
    let page = sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", OWN_RISK)]).await;
    page.must(200).says("Practice has stopped").says("988").says("was not stored");
    assert!(!format!("{:?}", events(&running, second, owner).await).contains("kill myself"));
    let log = crate::site::log();
    // The web socket library writes whole frames at its finest level; ours never logs at that level outside tests.
    let mut ours = log.lines().filter(|line| !line.contains("tungstenite"));
    assert!(!ours.any(|line| line.contains("kill myself")), "the log is silent too");
}

#[tokio::test]
async fn a_turn_taken_again_is_a_call_of_its_own_beside_the_old_one() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    sam.post(&format!("{at}/say"), &[("turn", "2"), ("said", "Calm down.")]).await.must(303);
    sam.post(&format!("{at}/end"), &[]).await.must(303);
    sam.get(&format!("{at}/debrief")).await.must(200);
    sam.post(&format!("{at}/rewind"), &[("turn", "7")]).await.must(404);
    sam.get(&format!("{at}/debrief")).await.must(200);
    let answer = sam.post(&format!("{at}/rewind"), &[("turn", "2")]).await.must(303);
    let new = answer.location().to_owned();
    let page = sam.get(&new).await.must(200).says(HELLO);
    assert!(!page.body.contains("Calm down."));
    sam.post(&format!("{new}/say"), &[("turn", "2"), ("said", "You sound worn out.")])
        .await
        .must(303);
    sam.post(&format!("{new}/end"), &[]).await.must(303);
    sam.get(&format!("{new}/futures"))
        .await
        .must(200)
        .says("Calm down.")
        .says("You sound worn out.")
        .says("turn 2");
    assert_eq!(n_said(&events(&running, call, owner).await), 2, "the old future stays");
    sam.get("/").await.must(200);
    sam.post(&format!("{at}/forget"), &[]).await.must(303);
    sam.get(&at).await.must(404);
    sam.get(&format!("{new}/futures")).await.must(422).says("has been deleted");
    sam.get(&format!("{new}/debrief")).await.must(200);
}

/// Ended because of the agent's own risk, with nothing of the words.
fn is_stopped_and_silent(log: &[Event]) -> bool {
    let last = log.last();
    matches!(last, Some(Event::Ended { end: talk::End::StoppedByAgent, .. }))
        && !format!("{log:?}").contains("kill myself")
}

#[tokio::test]
async fn own_risk_is_heard_in_a_turn_that_is_stale_ahead_too_long_or_after_the_end() {
    let running = Running::start().await;
    let (mut sam, owner, _) = begun(&running).await;
    let long = format!("{OWN_RISK} {}", "and so on ".repeat(500));
    for (turn, said) in [("1", OWN_RISK), ("7", OWN_RISK), ("2", long.as_str())] {
        let call = start(&mut sam).await;
        let at = format!("/calls/{call}");
        sam.get(&at).await.must(200);
        sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
        let page = sam.post(&format!("{at}/say"), &[("turn", turn), ("said", said)]).await;
        let page = page.must(200).says("Practice has stopped").says("988");
        assert!(!page.body.contains("kill myself"), "turn {turn}");
        assert!(is_stopped_and_silent(&events(&running, call, owner).await), "turn {turn}");
        sam.get(&at).await.must(200);
        let page = sam.post(&format!("{at}/say"), &[("turn", "2"), ("said", OWN_RISK)]).await;
        assert!(!page.must(200).says("Practice has stopped").body.contains("kill myself"));
    }
    for (turn, said) in [(1, OWN_RISK.to_owned()), (9, OWN_RISK.to_owned()), (2, long.repeat(8))] {
        let call = start(&mut sam).await;
        let mut socket = Socket::open(&sam, call).await;
        socket.ask(json!({"said": HELLO, "turn": 1, "key": "a"})).await;
        let frame = socket.ask(json!({"said": said, "turn": turn, "key": "b"})).await;
        assert!(frame["stopped"].is_object(), "turn {turn}: {frame}");
        assert!(is_stopped_and_silent(&events(&running, call, owner).await), "turn {turn}");
    }
}

#[tokio::test]
async fn own_risk_in_a_note_is_answered_with_care_and_not_kept() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    let note = [("turn", "1"), ("code", "ASK_OPEN"), ("note", OWN_RISK)];
    let page = sam.post(&format!("{at}/disagree"), &note).await.must(200);
    assert!(!page.says("Practice has stopped").body.contains("kill myself"));
    assert!(is_stopped_and_silent(&events(&running, call, owner).await));
    let n = events(&running, call, owner).await.len();
    sam.get(&format!("{at}/debrief")).await.must(200);
    sam.post(&format!("{at}/disagree"), &note).await.must(200).says("Practice has stopped");
    assert_eq!(events(&running, call, owner).await.len(), n);
}

#[tokio::test]
async fn a_busy_site_gives_the_words_back_and_still_hears_own_risk() {
    let raw = RawConfig::default();
    let running = Running::start_changed(raw, |_| {}, |site| site.pool = Pool::new(1, 0)).await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    let page = sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await;
    let page = page.must(200).says("Many calls are going on just now");
    assert!(page.body.contains(&format!(">{HELLO}</textarea>")), "{}", page.body);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", OWN_RISK)])
        .await
        .must(200)
        .says("Practice has stopped");
    assert!(is_stopped_and_silent(&events(&running, call, owner).await));
}

#[tokio::test]
async fn a_message_that_is_too_long_is_answered_before_the_socket_closes() {
    let running = Running::start().await;
    let (sam, owner, call) = begun(&running).await;
    for n_bytes in [33 * 1024, 300 * 1024] {
        let mut socket = Socket::open(&sam, call).await;
        let said = json!({"said": "a".repeat(n_bytes), "turn": 1, "key": "k"});
        let _ = socket.0.send(Message::text(said.to_string())).await;
        let frame = socket.hear().await.expect("an error frame");
        assert_eq!(frame["error"]["code"], "too_long");
        let Some(Ok(Message::Close(Some(reason)))) = socket.0.next().await else {
            panic!("{n_bytes}: no reason");
        };
        assert_eq!(u16::from(reason.code), 1009);
    }
    assert_eq!(n_said(&events(&running, call, owner).await), 0);
}

#[tokio::test]
async fn the_futures_tell_nothing_of_a_call_that_goes_on_or_was_stopped() {
    let running = Running::start().await;
    let (mut sam, _, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    sam.post(&format!("{at}/end"), &[]).await.must(303);
    sam.get(&format!("{at}/debrief")).await.must(200);
    let new = sam.post(&format!("{at}/rewind"), &[("turn", "1")]).await.must(303);
    let new = new.location().to_owned();
    sam.get(&new).await.must(200);
    sam.post(&format!("{new}/say"), &[("turn", "1"), ("said", "You sound worn out.")])
        .await
        .must(303);
    let shown = |page: &str| page.matches("<table").count();
    let page = sam.get(&format!("{new}/futures")).await.must(200).says("still going on");
    assert_eq!(shown(&page.body), 1, "the old one alone");
    assert!(!page.body.contains("You sound worn out."));
    sam.get(&new).await.must(200);
    sam.post(&format!("{new}/say"), &[("turn", "2"), ("said", OWN_RISK)]).await.must(200);
    let page = sam.get(&format!("{new}/futures")).await.must(200).says("Nothing is scored");
    assert_eq!(shown(&page.body), 1);
}

#[tokio::test]
async fn a_rewind_sent_twice_makes_one_call() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    sam.post(&format!("{at}/end"), &[]).await.must(303);
    let page = sam.get(&format!("{at}/debrief")).await.must(200).body;
    // The fields of the form itself: the page's first `once` may be another form's.
    let form = page.split(&format!("action=\"{at}/rewind\"")).nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let field = |name: &str| crate::html::hidden(form, name).unwrap_or_default();
    let (csrf, once) = (field("csrf"), field("once"));
    assert!(!once.is_empty(), "the form names itself");
    let fields = [("csrf", csrf.as_str()), ("once", once.as_str()), ("turn", "1")];
    sam.post_raw(&format!("{at}/rewind"), &fields).await.must(303);
    sam.post_raw(&format!("{at}/rewind"), &fields).await.must(409);
    assert_eq!(running.site.store.calls_of(owner).await.unwrap().calls.len(), 2);
}

#[tokio::test]
async fn a_reset_or_a_closed_account_leaves_no_live_call_behind() {
    let running = Running::start().await;
    let (mut sam, owner, call) = begun(&running).await;
    let at = format!("/calls/{call}");
    sam.get(&at).await.must(200);
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    assert_eq!(running.site.calls.n_live(), 1);
    let (mut robin, _) = running.sign_in("root@example.org", PASSWORD).await;
    let person = format!("/people/person/{owner}");
    robin.get(&format!("{person}/reset")).await.must(200);
    let link = robin.post(&format!("{person}/reset"), &[]).await.must(200).link().unwrap();
    assert_eq!(running.site.calls.n_live(), 0);
    let (mut imposter, _) = running.accept(&link).await;
    imposter.get("/account").await.must(200);
    let put = imposter.post(&format!("{at}/say"), &[("turn", "2"), ("said", "Mine now.")]).await;
    assert_ne!(put.status, 303);
    let fresh = start(&mut imposter).await;
    let fresh = format!("/calls/{fresh}");
    imposter.get(&fresh).await.must(200);
    imposter.post(&format!("{fresh}/say"), &[("turn", "1"), ("said", HELLO)]).await.must(303);
    assert_eq!(running.site.calls.n_live(), 1);
    robin.get(&person).await.must(200);
    robin.post(&format!("{person}/deactivate"), &[]).await.must(303);
    assert_eq!(running.site.calls.n_live(), 0);
}
