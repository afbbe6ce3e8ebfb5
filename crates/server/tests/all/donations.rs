//! A disputed code is the owner's own affair until they give that one item away; then trainers see its words, and no name.

use crate::browser::Browser;
use crate::site::{Running, SCENARIO};
use server::routes;

const WORDS: &str =
    "This is Heliotrope. No wonder you are tired of that form, Mr Bell, after three weeks of it.";
const NOTE: &str = "I meant the queue, Sam";
/// The donor's login is `sam-heliotrope`, and so is their name in these tests.
const SHOWN: &str =
    "This is [name]. No wonder you are tired of that form, Mr Bell, after three weeks of it.";

/// A finished call with one disputed code: its address and the code.
async fn disputed(sam: &mut Browser) -> (String, String) {
    sam.get("/").await;
    let start = routes::Start(SCENARIO.to_owned()).path();
    let at = sam.post(&start, &[]).await.must(303).location().to_owned();
    sam.get(&at).await;
    sam.post(&format!("{at}/say"), &[("turn", "1"), ("said", WORDS)]).await.must(303);
    sam.get(&at).await;
    sam.post(&format!("{at}/end"), &[]).await.must(303);
    let debrief = sam.get(&format!("{at}/debrief")).await.must(200);
    let code = debrief.body.split("name=\"code\" value=\"").nth(1).expect("a code");
    let code = code.split('"').next().unwrap().to_owned();
    let fields = [("turn", "1"), ("code", &*code), ("note", NOTE)];
    sam.post(&format!("{at}/disagree"), &fields).await.must(303);
    (at, code)
}

#[tokio::test]
async fn an_item_is_private_until_it_is_given_and_again_when_it_is_taken_back() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam-heliotrope", "agent").await;
    let (mut tess, _) = running.add(&mut admin, "tess", "trainer").await;
    let (at, code) = disputed(&mut sam).await;
    let nothing = tess.get("/donations").await.must(200).says("Nobody has given anything yet");
    assert!(!nothing.body.contains("No wonder"));
    let given = sam.get(&format!("{at}/debrief")).await.must(200).says("no name, no time");
    assert!(given.body.contains("Give this item"));
    sam.post(&format!("{at}/donate"), &[("turn", "1"), ("code", &code)]).await.must(303);
    sam.get(&format!("{at}/debrief")).await.must(200).says("You gave this item");
    let page = tess.get("/donations").await.must(200).says("I meant the queue").says("1 of 1 wait");
    assert!(page.body.contains(SHOWN));
    assert!(!page.body.to_lowercase().contains("heliotrope"), "the donor is named");
    let verdict = page.body.split("action=\"/donations/item/").nth(1).unwrap();
    let path = format!("/donations/item/{}", verdict.split('"').next().unwrap());
    tess.post(&path, &[("verdict", "perhaps")]).await.must(422);
    tess.get("/donations").await;
    tess.post(&path, &[("verdict", "donor")]).await.must(303);
    tess.get("/donations").await.must(200).says("Judged: the code is wrong");
    let file = tess.post("/donations/file", &[]).await.must(200);
    let row: serde_json::Value = serde_json::from_str(file.body.trim()).unwrap();
    assert_eq!(row["text"], SHOWN);
    assert_eq!((&row["verdict"], &row["code"]), (&"donor".into(), &(*code).into()));
    assert!(!file.body.to_lowercase().contains("heliotrope"));
    admin.get("/people/audit").await.must(200).says("took the file of given items");
    sam.get("/account").await.must(200).says("What you gave so that the coder learns");
    let back = [("turn", "1"), ("code", &*code), ("withdrawn", "yes"), ("account", "yes")];
    let gone = sam.post(&format!("{at}/donate"), &back).await.must(303);
    assert!(gone.location().starts_with("/account"));
    tess.get("/donations").await.must(200).says("Nobody has given anything yet");
}

#[tokio::test]
async fn only_what_is_disputed_is_given_and_taking_the_dispute_back_takes_the_item_back() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    let (mut lee, _) = running.add(&mut admin, "lee", "lead").await;
    let (at, code) = disputed(&mut sam).await;
    sam.get(&format!("{at}/debrief")).await;
    sam.post(&format!("{at}/donate"), &[("turn", "1"), ("code", "HOSTILE")]).await.must(404);
    sam.get(&format!("{at}/debrief")).await;
    sam.post(&format!("{at}/donate"), &[("turn", "9"), ("code", &code)]).await.must(404);
    lee.get("/account").await;
    lee.post(&format!("{at}/donate"), &[("turn", "1"), ("code", &code)]).await.must(404);
    sam.get(&format!("{at}/debrief")).await;
    sam.post(&format!("{at}/donate"), &[("turn", "1"), ("code", &code)]).await.must(303);
    lee.get("/donations").await.must(200).says("I meant the queue");
    sam.get(&format!("{at}/debrief")).await;
    let back = [("turn", "1"), ("code", &*code), ("withdrawn", "yes")];
    sam.post(&format!("{at}/disagree"), &back).await.must(303);
    lee.get("/donations").await.must(200).says("Nobody has given anything yet");
}

#[tokio::test]
async fn agents_and_admins_do_not_review() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    for browser in [&mut sam, &mut admin] {
        browser.get("/donations").await.must(403).says("for trainers and leads");
        browser.get("/account").await;
        browser.post("/donations/file", &[]).await.must(403).says("for trainers and leads");
    }
    sam.get("/account").await;
    sam.post("/donations/item/aa/verdict", &[("verdict", "donor")]).await.must(403);
}
