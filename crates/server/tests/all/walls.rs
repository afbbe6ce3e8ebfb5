//! What stands around every page: headers, tokens of forms, origins, sizes, methods, errors, TLS settings, the public pages.

use std::time::Duration;

use axum::routing::get;
use server::{Patience, Problem, RawConfig, routes};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tower::ServiceExt;

use crate::html;
use crate::site::{PASSWORD, Running, SCENARIO};

#[tokio::test]
async fn every_address_answers_with_all_the_headers_and_a_whole_page() {
    let running = Running::start().await;
    let (admin, _) = running.admin().await;
    for (browser, who) in [(admin, "admin"), (running.browser(), "nobody")] {
        for pattern in routes::ALL.iter().copied().chain(["/no/such/page"]) {
            if pattern == routes::SignOut::PATTERN {
                continue;
            }
            let path = pattern
                .replace("{scenario}", SCENARIO)
                .replace("{name}", "app.css")
                .replace(['{', '}'], "");
            let answer = browser.clone().get(&path).await;
            assert!(answer.status < 500, "{who} {path}: {}", answer.status);
            let header = |name: &str| {
                answer.header(name).unwrap_or_else(|| panic!("{who} {path}: no {name}"))
            };
            let csp = header("content-security-policy");
            assert!(csp.starts_with("default-src 'none'") && !csp.contains("unsafe"), "{csp}");
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("cross-origin-opener-policy"), "same-origin");
            assert_eq!(header("cross-origin-resource-policy"), "same-origin");
            header("permissions-policy");
            let kept = ["/help", "/privacy", "/offline", "/offline.js", "/assets/app.css"]
                .contains(&path.as_str());
            assert!(kept || header("cache-control") == "no-store", "{path}");
            assert_eq!(answer.header("strict-transport-security"), None);
            if answer.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
                assert_eq!(
                    html::faults(&answer.body),
                    Vec::<String>::new(),
                    "{who} {path}\n{}",
                    answer.body
                );
            }
        }
    }
}

#[tokio::test]
async fn help_is_there_for_everybody_and_names_nobody() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    for path in ["/help", "/offline", "/privacy"] {
        let alone = running.browser().get(path).await.must(200);
        assert_eq!(alone.header("set-cookie"), None);
        let signed_in = admin.get(path).await.must(200);
        assert_eq!(alone.body, signed_in.body, "{path} is the same for everybody");
    }
    running.browser().get("/help").await.says("tel:988").says("sms:741741");
    let health = running.browser().get("/healthz").await.must(200);
    assert_eq!(health.body, "ok\n");
}

#[tokio::test]
async fn a_form_without_the_right_token_does_nothing() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    let other = html::hidden(&sam.get("/account").await.body, "csrf").unwrap();
    let before = html::hidden(&running.browser().get("/sign-in").await.body, "csrf").unwrap();
    for csrf in [None, Some(""), Some("x"), Some(other.as_str()), Some(before.as_str())] {
        let mut fields = vec![("login", "eve"), ("name", "Eve"), ("role", "admin")];
        fields.extend(csrf.map(|csrf| ("csrf", csrf)));
        admin.post_raw("/people/add", &fields).await.must(403).says("gone stale");
    }
    let json = "{\"login\":\"eve\",\"name\":\"Eve\",\"role\":\"admin\"}";
    admin.send("POST", "/people/add", Some("application/json"), json.as_bytes()).await.must(403);
    admin.send("POST", "/people/add", Some("text/plain"), b"login=eve").await.must(403);
    let fields = [("login", "root@example.org"), ("password", PASSWORD), ("csrf", before.as_str())];
    running.browser().post_raw("/sign-in", &fields).await.must(403);
    assert!(running.site.store.person_by_login("eve").await.unwrap().is_none());
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_even_with_the_token() {
    let running = Running::start().await;
    let (admin, _) = running.admin().await;
    let own = format!("http://{}", running.at);
    let refused = [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ];
    for (name, value) in refused {
        let mut browser = admin.clone().with(name, value);
        browser.get("/account").await;
        browser.post("/account/sign-ins/revoke-others", &[]).await.must(403).says("another site");
    }
    for (name, value) in
        [("origin", own.as_str()), ("origin", "null"), ("sec-fetch-site", "same-origin")]
    {
        let mut browser = admin.clone().with(name, value);
        browser.get("/account").await;
        browser.post("/account/sign-ins/revoke-others", &[]).await.must(303);
    }
}

#[tokio::test]
async fn errors_say_what_happened_and_what_to_do_as_a_page_and_as_json() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    admin.get("/nothing").await.must(404).says("There is nothing here");
    admin.get("/account").await;
    let wrong = admin.post("/help", &[]).await.must(405);
    assert!(wrong.header("allow").is_some());
    admin.send("DELETE", "/account", None, b"").await.must(405);
    admin.post_raw("/sign-in", &[("csrf", &"x".repeat(70 * 1024))]).await.must(413);
    admin.get("/people/person/not-an-id").await.must(404);
    let mut program = running.browser().with("accept", "application/json");
    for (path, status) in [("/nothing", 404), ("/account", 401)] {
        let answer = program.get(path).await.must(status);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"));
        assert!(
            answer.body.contains("\"detail\"") && answer.body.contains("\"remedy\""),
            "{}",
            answer.body
        );
    }
}

#[tokio::test]
async fn a_panic_becomes_a_page_without_its_words() {
    let running = Running::start().await;
    let pages = axum::Router::new()
        .route("/panic", get(|| async { panic!("the secret words") as &'static str }))
        .route("/busy", get(|| async { Err::<(), _>(Problem::Busy) }));
    let app = server::walled(pages, server::Shared::clone(&running.site));
    for (path, status) in [("/panic", 500), ("/busy", 503)] {
        let request =
            axum::http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
        let answer = app.clone().oneshot(request).await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        assert_eq!(answer.headers().contains_key("retry-after"), status == 503);
        assert!(answer.headers().contains_key("content-security-policy"));
        let page = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        let page = String::from_utf8(page.to_vec()).unwrap();
        assert!(!page.contains("secret") && page.contains("Reference for whoever runs"), "{page}");
        assert_eq!(html::faults(&page), Vec::<String>::new());
    }
}

#[tokio::test]
async fn behind_https_cookies_are_bound_to_the_host_and_browsers_stay_on_https() {
    let raw = RawConfig {
        public_origin: Some("https://practice.example".to_owned()),
        trusted_proxies: vec!["127.0.0.1".to_owned()],
        ..RawConfig::default()
    };
    let running = Running::start_with(raw).await;
    let mut browser = running
        .browser()
        .with("x-forwarded-for", "203.0.113.7")
        .with("origin", "https://practice.example");
    let link = server::first_admin_link(&running.site, "").await.unwrap().unwrap();
    browser.get(&link).await.must(200);
    let fields = [("login", "root"), ("name", "Robin"), ("password", PASSWORD)];
    let answer = browser.post(&link, &fields).await.must(200);
    assert!(answer.header("strict-transport-security").is_some());
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.starts_with("__Host-evenkeel="), "{cookie}");
    for part in ["; Path=/", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    browser.get("/people/add").await;
    let fields = [("login", "sam"), ("name", "Sam"), ("role", "agent")];
    browser.post("/people/add", &fields).await.must(200).says("https://practice.example/link/");
}

#[tokio::test]
async fn a_connection_that_says_nothing_or_never_finishes_is_closed() {
    let patience = Patience { head_ms: 100, request_ms: 200, ..Patience::default() };
    let raw = RawConfig::default();
    let running = Running::start_changed(raw, |config| config.patience = patience, |_| {}).await;
    let form = "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n\
        content-length: 1000\r\n\r\ncsrf=";
    let http2 = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0";
    let answered = "GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n";
    for (name, sent, status) in [
        ("silent", "", None),
        ("half a head", "GET / HTTP/1.1\r\nhost: x\r\n", None),
        ("a body that never comes", form, Some("503")),
        ("half a preface", "PRI * HTTP/2.0\r\n", None),
        ("idle HTTP/2", http2, None),
        ("kept alive", answered, Some("200")),
    ] {
        let mut stream = TcpStream::connect(running.at).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut whole = Vec::new();
        let closed = stream.read_to_end(&mut whole);
        let closed = tokio::time::timeout(Duration::from_secs(20), closed).await;
        assert!(closed.is_ok(), "{name} stays open");
        let told = String::from_utf8_lossy(&whole);
        if let Some(status) = status {
            assert!(told.starts_with(&format!("HTTP/1.1 {status}")), "{name}: {told}");
        }
        if status == Some("503") {
            assert!(told.contains("content-security-policy") && told.contains("retry-after"));
        }
    }
}
