//! Accounts from their owner's side: the first admin, signing in and out, passwords, recovery, sign-ins, cookies.

use crate::html;
use crate::site::{PASSWORD, Running};
use server::{Allowance, RawConfig};

#[tokio::test]
async fn the_first_admin_comes_by_a_link_that_works_once() {
    let running = Running::start().await;
    let link = server::first_admin_link(&running.site, "http://x/").await.unwrap().unwrap();
    let link = link.strip_prefix("http://x").unwrap().to_owned();
    let mut browser = running.browser();
    browser.get(&link).await.must(200).says("You are the first");
    let fields = [("login", "root"), ("name", "Robin"), ("password", "short")];
    browser
        .post(&link, &fields)
        .await
        .must(422)
        .says("at least 10 characters")
        .says("value=\"root\"");
    let fields = [("login", "root"), ("name", "Robin"), ("password", PASSWORD)];
    let shown =
        browser.post(&link, &fields).await.must(200).says("never again").says("type=\"checkbox\"");
    assert_eq!(shown.header("cache-control"), Some("no-store"));
    assert_eq!(shown.code().unwrap().len(), 33 + 6);
    assert_eq!(browser.post("/code-kept", &[("kept", "yes")]).await.must(303).location(), "/");
    browser.get("/people").await.must(200).says("Robin");
    running.browser().get(&link).await.must(422).says("does not work any more");
    assert!(server::first_admin_link(&running.site, "").await.unwrap().is_none());
}

#[tokio::test]
async fn somebody_signs_in_and_out_and_comes_back_to_where_they_were() {
    let running = Running::start().await;
    running.admin().await;
    let mut browser = running.browser();
    let sent = browser.get("/account").await.must(303);
    assert_eq!(sent.location(), "/sign-in?back=/account");
    browser.get(sent.location()).await.must(200);
    let fields = [("login", "ROOT@example.org "), ("password", PASSWORD), ("back", "/account")];
    assert_eq!(browser.post("/sign-in", &fields).await.must(303).location(), "/account");
    browser.get("/account").await.must(200).says("(this one)");
    let session = browser.jar.clone();
    assert_eq!(browser.post("/sign-out", &[]).await.must(303).location(), "/sign-in");
    assert!(!browser.jar.contains_key("evenkeel"));
    browser.jar = session;
    browser.get("/account").await.must(303);
}

#[tokio::test]
async fn an_unknown_login_and_a_wrong_password_get_the_same_answer() {
    let running = Running::start().await;
    running.admin().await;
    let (_, wrong) = running.sign_in("root@example.org", "not this one").await;
    let (_, unknown) = running.sign_in("root@example.orh", "not this one").await;
    let told = |page: &str| html::text_after(page, "role=\"alert\">").unwrap().to_owned();
    assert_eq!((wrong.status, told(&wrong.body)), (422, told(&unknown.body)));
    assert_eq!(unknown.status, 422);
    assert!(!wrong.body.contains("not this one"), "a password is never shown again");
    let (_, evil) = running.sign_in("root@example.org", &"x".repeat(10_000)).await;
    assert_eq!(evil.status, 422);
}

#[tokio::test]
async fn guessing_is_slowed_down_and_nobody_is_locked_out_for_ever() {
    let running = Running::start().await;
    running.admin().await;
    for _ in 0..8 {
        running.sign_in("root@example.org", "not this one").await.1.must(422);
    }
    let (_, refused) = running.sign_in("root@example.org", PASSWORD).await;
    let refused = refused.must(429).says("Try again in 2 minutes.");
    assert_eq!(refused.header("retry-after"), Some("120"));
    running.move_clock(120_000);
    running.sign_in("root@example.org", PASSWORD).await.1.must(303);
}

#[tokio::test]
async fn strangers_who_guess_from_everywhere_do_not_keep_the_owner_out_of_a_known_browser() {
    let raw = RawConfig {
        public_origin: Some("https://practice.example".to_owned()),
        trusted_proxies: vec!["127.0.0.1".to_owned()],
        ..RawConfig::default()
    };
    let few = |n_burst| Allowance { n_burst, refill_ms: 600_000 };
    let running = Running::start_changed(
        raw,
        |config| (config.limits.person, config.limits.address) = (few(3), few(2)),
        |_| {},
    )
    .await;
    let (mut desk, _) = running.admin().await;
    desk.get("/account").await.must(200);
    desk.post("/sign-out", &[]).await.must(303);
    let guess = |n: u32, password: &'static str, mut browser: crate::browser::Browser| async move {
        browser.headers = vec![("x-forwarded-for".to_owned(), format!("203.0.113.{n}"))];
        browser.get("/sign-in").await.must(200);
        let fields = [("login", "root@example.org"), ("password", password)];
        let answer = browser.post("/sign-in", &fields).await;
        (browser, answer.status)
    };
    for n in 0..3 {
        assert_eq!(guess(n, "not this one", running.browser()).await.1, 422);
    }
    assert_eq!(guess(9, PASSWORD, running.browser()).await.1, 429, "a stranger's browser waits");
    let (desk, status) = guess(10, PASSWORD, desk).await;
    assert_eq!(status, 303);
    let name = desk.jar.keys().find(|name| name.ends_with("-known")).expect("a mark").clone();
    // The mark opens nothing, counts for nobody else, and its own guesses are counted too.
    let mut forged = running.browser();
    forged.jar.insert(name.clone(), "a".repeat(96));
    assert_eq!(guess(11, PASSWORD, forged).await.1, 429);
    let mut marked = running.browser();
    marked.jar.insert(name.clone(), desk.jar[&name].clone());
    assert_eq!(marked.get("/account").await.status, 303);
    for n in 12..15 {
        assert_eq!(guess(n, "not this one", marked.clone()).await.1, 422);
    }
    assert_eq!(guess(15, PASSWORD, marked.clone()).await.1, 429);
    // And the address counts for everybody.
    for login in ["a", "b", "c"] {
        let mut browser = marked.clone().with("x-forwarded-for", "203.0.113.99");
        browser.get("/sign-in").await.must(200);
        let status = browser.post("/sign-in", &[("login", login), ("password", "x")]).await.status;
        assert_eq!(status, if login == "c" { 429 } else { 422 });
    }
}

#[tokio::test]
async fn an_endless_login_that_nobody_has_makes_no_endless_bucket() {
    let one = Allowance { n_burst: 1, refill_ms: 600_000 };
    let raw = RawConfig::default();
    let running = Running::start_changed(raw, |config| config.limits.pair = one, |_| {}).await;
    running.sign_in(&format!("{}a", "x".repeat(200)), PASSWORD).await.1.must(422);
    running.sign_in(&format!("{}b", "x".repeat(200)), PASSWORD).await.1.must(429);
    running.sign_in(&format!("{}c", "x".repeat(100)), PASSWORD).await.1.must(422);
}

#[tokio::test]
async fn an_office_behind_one_address_signs_in_together() {
    let running = Running::start().await;
    running.admin().await;
    let tries: Vec<_> = (0..60)
        .map(|n| {
            let at = std::net::IpAddr::from([192, 0, 2, 1]);
            running.site.limits.attempt(&format!("person {n}"), at, running.site.now()).unwrap()
        })
        .collect();
    assert_eq!(tries.len(), 60);
}

#[tokio::test]
async fn the_first_admins_link_comes_back_when_no_admin_can_sign_in() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    running.add(&mut admin, "sam", "agent").await;
    let root = running.id_of("root@example.org").await;
    assert!(server::first_admin_link(&running.site, "").await.unwrap().is_none());
    running.site.store.start_reset(root, None, running.site.now()).await.unwrap();
    let link = server::first_admin_link(&running.site, "").await.unwrap().expect("a link again");
    let mut browser = running.browser();
    browser.get(&link).await.must(200);
    let fields = [("login", "second"), ("name", "Second"), ("password", PASSWORD)];
    browser.post(&link, &fields).await.must(200);
    browser.get("/people").await.must(200);
    assert!(server::first_admin_link(&running.site, "").await.unwrap().is_none());
}

#[tokio::test]
async fn the_recovery_code_lets_its_owner_back_in_and_is_replaced() {
    let running = Running::start().await;
    let (_, code) = running.admin().await;
    let mut browser = running.browser();
    browser.get("/recover").await.must(200);
    let with = |code: &str| {
        [
            ("login", "root@example.org".to_owned()),
            ("recovery_code", code.to_owned()),
            ("password", "another ten words".to_owned()),
        ]
    };
    let send = |code: &str| with(code).map(|(name, value)| (name, value));
    let fields = send("AAAAA");
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    browser.post("/recover", &fields).await.must(422).says("33 characters");
    let fields = send(&code.to_lowercase().replace('-', " "));
    let fields: Vec<_> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fresh = browser.post("/recover", &fields).await.must(200).code().unwrap();
    assert_ne!(fresh, code);
    browser.get("/account").await.must(200);
    running.sign_in("root@example.org", PASSWORD).await.1.must(422);
    running.sign_in("root@example.org", "another ten words").await.1.must(303);
    let mut late = running.browser();
    late.get("/recover").await;
    late.post("/recover", &fields).await.must(422).says("do not go together");
}

#[tokio::test]
async fn a_password_is_changed_with_the_old_one_and_ends_the_other_sign_ins() {
    let running = Running::start().await;
    let (mut browser, _) = running.admin().await;
    let (mut other, _) = running.sign_in("root@example.org", PASSWORD).await;
    browser.get("/account").await.must(200);
    let change =
        |current: &'static str, new: &'static str| [("current", current), ("password", new)];
    browser
        .post("/account/password", &change("wrong", "another ten words"))
        .await
        .must(422)
        .says("current password is not right");
    browser
        .post("/account/password", &change(PASSWORD, "qwertyuiop"))
        .await
        .must(422)
        .says("first passwords");
    browser
        .post("/account/password", &change(PASSWORD, "another ten words"))
        .await
        .must(200)
        .says("Your password is changed");
    browser.get("/account").await.must(200);
    other.get("/account").await.must(303);
}

#[tokio::test]
async fn sign_ins_are_listed_and_ended_one_by_one_or_all_others() {
    let running = Running::start().await;
    let (mut browser, _) = running.admin().await;
    let (mut phone, _) = running.sign_in("root@example.org", PASSWORD).await;
    let (mut laptop, _) = running.sign_in("root@example.org", PASSWORD).await;
    let page = browser.get("/account").await.must(200);
    let id = html::hidden(&page.body, "id").unwrap();
    browser.post("/account/sign-ins/revoke", &[("id", &id)]).await.must(303);
    let left = [phone.get("/account").await.status, laptop.get("/account").await.status];
    assert_eq!(left.iter().filter(|status| **status == 200).count(), 1, "{left:?}");
    browser.get("/account").await;
    browser.post("/account/sign-ins/revoke-others", &[]).await.must(303);
    phone.get("/account").await.must(303);
    laptop.get("/account").await.must(303);
    browser.get("/account").await.must(200);
}

#[tokio::test]
async fn nobody_ends_the_sign_in_of_somebody_else() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    let of_admin = running
        .site
        .store
        .sign_ins_of(running.id_of("root@example.org").await, running.site.now())
        .await
        .unwrap();
    sam.get("/account").await.must(200);
    sam.post("/account/sign-ins/revoke", &[("id", &of_admin[0].id.0)]).await.must(303);
    admin.get("/account").await.must(200);
}

#[tokio::test]
async fn a_broken_cookie_counts_as_none_and_is_cleared() {
    let running = Running::start().await;
    let (browser, _) = running.admin().await;
    let right = browser.jar["evenkeel"].clone();
    for broken in ["", "x", "\"", "%00", &right[1..], &right.repeat(50), &format!("{right}A")] {
        let mut browser = running.browser();
        browser.jar.insert("evenkeel".to_owned(), broken.to_owned());
        let answer = browser.get("/sign-in").await.must(200);
        assert!(
            answer.headers.iter().any(|(n, v)| n == "set-cookie"
                && v.starts_with("evenkeel=;")
                && v.contains("Max-Age=0")),
            "{broken}"
        );
        assert!(!browser.jar.contains_key("evenkeel"));
    }
}

#[tokio::test]
async fn a_sign_in_ends_when_its_time_is_over() {
    let running = Running::start().await;
    let (mut browser, _) = running.admin().await;
    running.move_clock(31 * 24 * 3_600_000);
    browser.get("/account").await.must(303);
}
