//! Accounts from the admin's side: adding, importing, roles, closing, resets, and what was done.

use crate::html;
use crate::site::{PASSWORD, Running};

#[tokio::test]
async fn only_admins_see_the_people() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    for role in ["agent", "trainer", "lead"] {
        let (mut browser, _) = running.add(&mut admin, role, role).await;
        for path in ["/people", "/people/add", "/people/import", "/people/audit"] {
            browser.get(path).await.must(403).says("This page is for admins.");
        }
        browser.get("/account").await;
        let id = running.id_of(role).await;
        let to = format!("/people/person/{id}/role");
        browser.post(&to, &[("role", "admin")]).await.must(403);
    }
}

#[tokio::test]
async fn an_added_person_takes_up_the_invitation_and_a_new_one_ends_the_old() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    admin.get("/people/add").await;
    let fields = [("login", "sam"), ("name", "Sam <b>"), ("role", "agent")];
    let first =
        admin.post("/people/add", &fields).await.must(200).says("Sam &#60;b&#62;").link().unwrap();
    admin.get("/people/add").await;
    admin
        .post("/people/add", &[("login", "SAM"), ("name", "Two"), ("role", "agent")])
        .await
        .must(422)
        .says("is taken");
    admin
        .post("/people/add", &[("login", "x"), ("name", "Two"), ("role", "boss")])
        .await
        .must(422)
        .says("no such role");
    let person = format!("/people/person/{}", running.id_of("sam").await);
    admin.get(&person).await.must(200).says("invited");
    let second = admin.post(&format!("{person}/invite"), &[]).await.must(200).link().unwrap();
    running.browser().get(&first).await.must(422);
    running.accept(&second).await;
    running.sign_in("sam", PASSWORD).await.1.must(303);
    admin.get(&person).await.must(200).says("active");
    admin.post(&format!("{person}/invite"), &[]).await.must(422);
}

#[tokio::test]
async fn a_form_that_comes_twice_does_nothing_the_second_time() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    running.add(&mut admin, "sam", "agent").await;
    let path = format!("/people/person/{}/reset", running.id_of("sam").await);
    let page = admin.get(&path).await.must(200);
    let link = admin.post(&path, &[]).await.must(200).link().unwrap();
    admin.page = page.body;
    admin.post(&path, &[]).await.must(409).says("already sent");
    running.browser().get(&link).await.must(200);
}

#[tokio::test]
async fn the_role_changes_and_the_last_admin_stays() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    let own = format!("/people/person/{}", running.id_of("root@example.org").await);
    let sams = format!("/people/person/{}", running.id_of("sam").await);
    admin.get(&own).await;
    admin.post(&format!("{own}/deactivate"), &[]).await.must(422).says("last active admin");
    admin.get(&own).await;
    admin
        .post(&format!("{own}/role"), &[("role", "agent")])
        .await
        .must(422)
        .says("last active admin");
    admin.get(&sams).await;
    admin.post(&format!("{sams}/role"), &[("role", "admin")]).await.must(303);
    sam.get("/people").await.must(200);
    admin.get(&own).await;
    admin.post(&format!("{own}/deactivate"), &[]).await.must(303);
    admin.get("/people").await.must(303);
}

#[tokio::test]
async fn somebody_who_leaves_is_out_at_once_and_may_come_back() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, _) = running.add(&mut admin, "sam", "agent").await;
    let person = format!("/people/person/{}", running.id_of("sam").await);
    sam.get("/account").await.must(200);
    admin.get(&person).await;
    admin.post(&format!("{person}/deactivate"), &[]).await.must(303);
    sam.get("/account").await.must(303);
    running.sign_in("sam", PASSWORD).await.1.must(422).says("do not go together");
    admin.get(&person).await.must(200).says("deactivated");
    admin.post(&format!("{person}/reactivate"), &[]).await.must(303);
    running.sign_in("sam", PASSWORD).await.1.must(303);
    sam.get("/account").await.must(303);
}

#[tokio::test]
async fn a_reset_locks_earlier_practice_until_its_owner_enters_the_code() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let (mut sam, code) = running.add(&mut admin, "sam", "agent").await;
    let id = running.id_of("sam").await;
    let call = running.call_of(id, "what sam said").await;
    let path = format!("/people/person/{id}/reset");
    admin.get(&path).await.must(200).says("You will not be able to read it.");
    let link = admin.post(&path, &[]).await.must(200).link().unwrap();
    sam.get("/account").await.must(303);
    running.sign_in("sam", PASSWORD).await.1.must(422);
    let (mut sam, fresh) = running.accept(&link).await;
    assert!(running.site.store.events(call, id).await.is_err());
    for path in ["/account", "/"] {
        let page = sam
            .get(path)
            .await
            .must(200)
            .says("Your password was reset by Robin Vale on 1 March 2026");
        assert_eq!(html::faults(&page.body), Vec::<String>::new());
    }
    sam.get("/account").await.says("Your earlier practice is locked");
    sam.post("/account/unlock", &[("recovery_code", &fresh)]).await.must(422).says("opens nothing");
    sam.post("/account/unlock", &[("recovery_code", "nonsense")])
        .await
        .must(422)
        .says("33 characters");
    sam.post("/account/unlock", &[("recovery_code", &code)]).await.must(200).says("open again");
    assert_eq!(running.site.store.events(call, id).await.unwrap().len(), 2);
    sam.get("/account").await;
    sam.post("/account/notice", &[]).await.must(303);
    assert!(!sam.get("/account").await.must(200).body.contains("Your password was reset by"));
    admin
        .get("/people/audit")
        .await
        .must(200)
        .says("started a reset of")
        .says("opened earlier practice of");
}

#[tokio::test]
async fn an_admin_does_not_reset_themselves() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let path = format!("/people/person/{}/reset", running.id_of("root@example.org").await);
    admin.get(&path).await.must(200);
    admin.post(&path, &[]).await.must(422).says("your own account");
    admin.get("/account").await.must(200);
}

#[tokio::test]
async fn a_file_of_people_is_checked_first_and_added_whole() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let page = admin.get("/people/import").await.must(200);
    let csrf = html::hidden(&page.body, "csrf").unwrap();
    let file = b"login,name,role\nann,Ann & Co,agent\nbob,=Bob,lead\n";
    let check =
        admin.upload("/people/import", &csrf, file).await.must(200).says("This would add 2");
    assert_eq!(running.site.store.people().await.unwrap().len(), 1, "looking adds nobody");
    assert_eq!(html::faults(&check.body), Vec::<String>::new());
    let text = std::str::from_utf8(file).unwrap();
    let links =
        admin.post("/people/import/confirm", &[("text", text)]).await.must(200).says("2 added");
    assert_eq!(running.site.store.people().await.unwrap().len(), 3);
    running.accept(&links.link().unwrap()).await;
    let at = links.body.find("/people/links/").unwrap();
    let download = links.body[at..].split('"').next().unwrap().to_owned();
    let csv = admin.get(&download).await.must(200);
    assert!(csv.body.starts_with("name,login,link\nAnn & Co,ann,http://127.0.0.1"), "{}", csv.body);
    assert!(csv.body.contains("\n'=Bob,bob,"), "{}", csv.body);
    assert_eq!(
        csv.header("content-disposition"),
        Some("attachment; filename=\"invitation-links.csv\"")
    );
    admin.get(&download).await.must(422).says("once");
}

#[tokio::test]
async fn a_file_with_faults_adds_nobody_and_names_each_place() {
    let running = Running::start().await;
    let (mut admin, _) = running.admin().await;
    let csrf = html::hidden(&admin.get("/people/import").await.body, "csrf").unwrap();
    let text = "login,name,role\nann,Ann,agent\nROOT@example.org,Again,agent\nbob,Bob,boss<b>\n";
    let told = admin.upload("/people/import", &csrf, text.as_bytes()).await.must(422);
    let told = told.says("<td>3</td><td>login</td><td><code>ROOT@example.org</code></td>");
    told.says("<td>4</td><td>role</td><td><code>boss&#60;b&#62;</code></td>")
        .says("Nobody was added");
    admin
        .upload("/people/import", &csrf, b"login,name,role\nann,\xff,agent\n")
        .await
        .must(422)
        .says("Row 2 holds letters");
    admin.upload("/people/import", &csrf, b"").await.must(422).says("Choose a file");
    admin
        .upload("/people/import", &csrf, &b"x".repeat(300 * 1024))
        .await
        .must(422)
        .says("larger than 256 KiB");
    admin.upload("/people/import", &csrf, &b"x".repeat(1100 * 1024)).await.must(413);
    admin.get("/account").await;
    admin
        .post("/people/import/confirm", &[("text", text)])
        .await
        .must(422)
        .says("Nobody was added");
    assert_eq!(running.site.store.people().await.unwrap().len(), 1);
}
