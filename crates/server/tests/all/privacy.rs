//! No back door: whatever an admin does, another person's call is not there for them. And logs hold nobody's words.

use crate::site::{self, Running, SCENARIO};
use server::routes;

const MARKER: &str = "heliotrope-quagga";

/// Every address of the site with this call and this person in it.
fn all_paths(call: &str, person: &str) -> Vec<String> {
    let fill = |pattern: &&str| {
        pattern
            .replace("{call}", call)
            .replace("{person}", person)
            .replace("{scenario}", SCENARIO)
            .replace("{name}", "app.css")
            .replace("{token}", "AAAA")
            .replace("{handout}", "AAAA")
    };
    routes::ALL.iter().map(fill).collect()
}

#[tokio::test]
async fn an_admin_finds_nothing_of_anybody_elses_call_on_any_address() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (_, _) = running.add(&mut admin, "sam", "agent").await;
    let sam = running.id_of("sam").await;
    let call = running.call_of(sam, MARKER).await;
    let gone = "00000000-0000-4000-8000-000000000000";
    let harmless =
        |path: &String| !path.ends_with("/deactivate") && path != routes::SignOut::PATTERN;
    for path in all_paths(&call.to_string(), &sam.to_string()).iter().filter(|path| harmless(path))
    {
        let got = admin.clone().get(path).await;
        assert!(!got.body.contains(MARKER), "GET {path}");
        let mut sender = admin.clone();
        sender.get("/account").await;
        let fields =
            [("turn", "1"), ("said", "x"), ("code", "VALIDATE"), ("role", "agent"), ("note", "")];
        let posted = sender.post(path, &fields).await;
        assert!(!posted.body.contains(MARKER), "POST {path}");
        if path.contains(&call.to_string()) {
            let none = path.replace(&call.to_string(), gone);
            let without = admin.clone().get(&none).await;
            assert_eq!(
                got.status, without.status,
                "GET {path} differs from a call that is not there"
            );
            assert!([404, 405, 426, 400, 422].contains(&got.status), "GET {path}: {}", got.status);
            assert!([404, 405, 422].contains(&posted.status), "POST {path}: {}", posted.status);
        }
    }
    let events = running.site.store.events(call, sam).await;
    // The walk above started a reset of sam: locked is right, changed or gone would be wrong.
    assert!(matches!(events, Err(store::StoreError::Locked)) || events.unwrap().len() == 2);
}

#[tokio::test]
async fn an_admin_who_takes_the_reset_link_themselves_finds_everything_locked() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (_, _) = running.add(&mut admin, "sam", "agent").await;
    let sam = running.id_of("sam").await;
    let call = running.call_of(sam, MARKER).await;
    let path = format!("/people/person/{sam}/reset");
    admin.get(&path).await;
    let link = admin.post(&path, &[]).await.must(200).link().unwrap();
    let (mut posing, _) = running.accept(&link).await;
    posing.get("/account").await.must(200).says("Your earlier practice is locked");
    for path in all_paths(&call.to_string(), &sam.to_string()) {
        let got = posing.clone().get(&path).await;
        assert!(!got.body.contains(MARKER), "GET {path}");
        if path.contains(&call.to_string()) {
            assert_ne!(got.status, 200, "GET {path}");
        }
    }
    assert!(matches!(running.site.store.events(call, sam).await, Err(store::StoreError::Locked)));
}

#[tokio::test]
async fn the_log_holds_no_words_no_secrets_and_no_link() {
    let running = Running::start().await;
    let (mut admin, code) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam-heliotrope", "agent").await;
    sam.get("/").await;
    let start = routes::Start(SCENARIO.to_owned()).path();
    let started = sam.post(&start, &[]).await;
    let call = started.location().to_owned();
    sam.get(&call).await;
    sam.post(&format!("{call}/say"), &[("turn", "0"), ("said", MARKER)]).await;
    sam.get(&format!("{call}/debrief")).await;
    running.sign_in("sam-heliotrope", "wrong-quagga-wrong").await;
    sam.get(&format!("/no-such-page/{MARKER}?{MARKER}")).await.must(404);
    let log = site::log();
    assert!(log.contains("answered"), "the log is being listened to");
    let token = &admin.jar["evenkeel"];
    for secret in [MARKER, "quagga", "heliotrope", site::PASSWORD, &code, token, "/link/"] {
        let found =
            log.lines().filter(|line| line.contains(secret) && !line.contains("/link/{token}"));
        assert_eq!(found.collect::<Vec<_>>(), Vec::<&str>::new(), "{secret}");
    }
}
