//! People, links, resets, recovery codes and sign-ins.

use store::{LinkKind, NewPerson, Role, Store, StoreError, Token};

use crate::place::{DAY_MS, NOW, Place, join, new_person, on_both, practise};

on_both! {
    a_login_is_taken_once_in_any_spelling
    many_people_are_added_all_or_none
    a_link_works_once_and_in_time
    the_first_admin_says_who_they_are
    the_last_admin_stays
    an_admin_who_cannot_sign_in_does_not_count
    a_code_that_opens_nothing_leaves_no_trace
    two_admins_cannot_remove_each_other_at_once
    a_reset_locks_and_the_recovery_code_unlocks
    one_code_is_enough_after_two_resets
    a_recovery_code_sets_a_new_password_and_locks_nothing
    a_sign_in_lasts_until_it_ends
    a_deactivated_person_is_nobody
    the_audit_names_who_did_what
}

async fn a_login_is_taken_once_in_any_spelling(place: &Place) {
    let store = place.open().await;
    let ren = store.add_person(&new_person("Ren\u{e9}", Role::Agent), None, NOW).await.unwrap();
    for same in ["ren\u{e9}", "RENE\u{301}", " \u{ff32}en\u{e9}"] {
        let again = store.add_person(&new_person(same, Role::Agent), None, NOW).await;
        assert!(matches!(again, Err(StoreError::Taken { .. })), "{same}");
        assert_eq!(store.person_by_login(same).await.unwrap().unwrap().id, ren);
    }
    for odd in
        ["\u{738b}\u{5c0f}\u{660e}", "o'brien\"; drop table person", "\u{1f984}", "%", "ann smith"]
    {
        let id = store.add_person(&new_person(odd, Role::Agent), None, NOW).await.unwrap();
        assert_eq!(store.person(id).await.unwrap().login, odd);
    }
    assert!(store.add_person(&new_person("a\u{200b}b", Role::Agent), None, NOW).await.is_err());
    assert!(store.person_by_login("nobody\0").await.unwrap().is_none());
    assert_eq!(store.people().await.unwrap().len(), 6);
    store.close().await;
}

async fn many_people_are_added_all_or_none(place: &Place) {
    let store = place.open().await;
    let list = |logins: &[&str]| -> Vec<NewPerson> {
        logins.iter().map(|login| new_person(login, Role::Agent)).collect()
    };
    let error = store.add_people(&list(&["ann", "bob", "ANN"]), None, NOW).await.err().unwrap();
    assert!(matches!(error, StoreError::Taken { login } if login == "ANN"));
    assert!(store.people().await.unwrap().is_empty());
    assert_eq!(store.add_people(&list(&["ann", "bob"]), None, NOW).await.unwrap().len(), 2);
    assert!(store.audit_all().await.unwrap().len() == 2);
    store.close().await;
}

async fn a_link_works_once_and_in_time(place: &Place) {
    let store = place.open().await;
    let ann = store.add_person(&new_person("ann", Role::Agent), None, NOW).await.unwrap();
    let old = store.make_link(LinkKind::Invite, Some(ann), NOW, DAY_MS).await.unwrap();
    let token = store.make_link(LinkKind::Invite, Some(ann), NOW, DAY_MS).await.unwrap();
    assert!(store.look_at_link(&old, NOW).await.unwrap().is_none(), "a newer link ends it");
    let late = NOW.plus_ms(DAY_MS);
    assert!(store.look_at_link(&token, late).await.unwrap().is_none());
    assert!(matches!(store.accept_link(&token, "h", late).await, Err(StoreError::NotFound)));
    let link = store.look_at_link(&token, NOW).await.unwrap().unwrap();
    assert_eq!((link.kind, link.person.unwrap().id), (LinkKind::Invite, ann));
    let (a, b) = tokio::join!(
        store.accept_link(&token, "hash-a", NOW),
        store.accept_link(&token, "hash-b", NOW)
    );
    assert!(a.is_ok() != b.is_ok(), "one of two gets it");
    assert!(store.accept_link(&token, "h", NOW).await.is_err());
    assert!(store.make_link(LinkKind::Invite, Some(ann), NOW, DAY_MS).await.is_err());
    assert!(
        store.look_at_link(&Token::parse(&"A".repeat(43)).unwrap(), NOW).await.unwrap().is_none()
    );
    let (id, hash) = store.password_hash("ANN").await.unwrap().unwrap();
    assert!(id == ann && hash.starts_with("hash-"));
    store.close().await;
}

async fn the_first_admin_says_who_they_are(place: &Place) {
    let store = place.open().await;
    let token = store.make_link(LinkKind::FirstAdmin, None, NOW, DAY_MS).await.unwrap();
    assert!(store.accept_link(&token, "h", NOW).await.is_err());
    let wrong = store.accept_first_admin(&token, &new_person("", Role::Admin), "h", NOW).await;
    assert!(wrong.is_err());
    let new = new_person("eve", Role::Agent);
    let accepted = store.accept_first_admin(&token, &new, "h", NOW).await.unwrap();
    let eve = store.person(accepted.person).await.unwrap();
    assert_eq!((eve.role, eve.has_password), (Role::Admin, true));
    assert!(store.make_link(LinkKind::FirstAdmin, None, NOW, DAY_MS).await.is_err());
    store.close().await;
}

async fn the_last_admin_stays(place: &Place) {
    let store = place.open().await;
    let eve = join(&store, "eve", Role::Admin).await.person;
    let last = store.deactivate(eve, None, NOW).await;
    assert!(matches!(last, Err(StoreError::LastAdmin)));
    let last = store.set_role(eve, Role::Lead, None, NOW).await;
    assert!(matches!(last, Err(StoreError::LastAdmin)));
    let fay = join(&store, "fay", Role::Agent).await.person;
    store.set_role(fay, Role::Admin, Some(eve), NOW).await.unwrap();
    store.deactivate(eve, Some(fay), NOW).await.unwrap();
    assert!(matches!(store.deactivate(fay, None, NOW).await, Err(StoreError::LastAdmin)));
    store.reactivate(eve, Some(fay), NOW).await.unwrap();
    store.rename(eve, "Eve Adams", Some(fay), NOW).await.unwrap();
    assert_eq!(store.person(eve).await.unwrap().name, "Eve Adams");
    store.close().await;
}

async fn an_admin_who_cannot_sign_in_does_not_count(place: &Place) {
    let store = place.open().await;
    let eve = join(&store, "eve", Role::Admin).await.person;
    let invited = store.add_person(&new_person("fay", Role::Admin), Some(eve), NOW).await.unwrap();
    let last = |done: Result<(), StoreError>| matches!(done, Err(StoreError::LastAdmin));
    assert!(last(store.deactivate(eve, Some(eve), NOW).await));
    assert!(last(store.set_role(eve, Role::Agent, Some(eve), NOW).await));
    assert!(last(store.start_reset(eve, Some(eve), NOW).await.map(drop)));
    let gus = join(&store, "gus", Role::Admin).await.person;
    store.start_reset(gus, Some(eve), NOW).await.unwrap();
    assert!(last(store.start_reset(eve, Some(gus), NOW).await.map(drop)), "both at once");
    // One who cannot sign in is no loss, and the operator may always.
    store.deactivate(invited, Some(eve), NOW).await.unwrap();
    store.start_reset(eve, None, NOW).await.unwrap();
    store.make_link(LinkKind::FirstAdmin, None, NOW, DAY_MS).await.unwrap();
    store.close().await;
}

async fn a_code_that_opens_nothing_leaves_no_trace(place: &Place) {
    let store = place.open().await;
    let ann = join(&store, "ann", Role::Agent).await;
    let code = ann.recovery_code.text();
    let opens_nothing = store.unlock(ann.person, &code, NOW).await;
    assert!(matches!(opens_nothing, Err(StoreError::WrongCode)), "{opens_nothing:?}");
    let audit = store.audit_of(ann.person).await.unwrap();
    assert!(audit.iter().all(|line| line.action != "practice_unlocked"));
    store.close().await;
}

async fn two_admins_cannot_remove_each_other_at_once(place: &Place) {
    let (one, two) = (place.open().await, place.open().await);
    let eve = join(&one, "eve", Role::Admin).await.person;
    let fay = join(&one, "fay", Role::Admin).await.person;
    let (a, b) =
        tokio::join!(one.deactivate(eve, Some(fay), NOW), two.deactivate(fay, Some(eve), NOW));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    one.close().await;
    two.close().await;
}

async fn a_reset_locks_and_the_recovery_code_unlocks(place: &Place) {
    let (store, other) = (place.open().await, place.open().await);
    let eve = join(&store, "eve", Role::Admin).await.person;
    let accepted = join(&store, "ann", Role::Agent).await;
    let ann = accepted.person;
    let call = practise(&other, ann).await;
    let token = store.start_reset(ann, Some(eve), NOW).await.unwrap();
    for node in [&store, &other] {
        assert!(matches!(node.events(call, ann).await, Err(StoreError::Locked)));
        assert_eq!(node.calls_of(ann).await.unwrap().n_locked, 1);
        assert!(node.password_hash("ann").await.unwrap().is_none());
    }
    let person = store.person(ann).await.unwrap();
    assert_eq!((person.n_locked_keys, person.has_password), (1, false));
    assert_eq!(person.reset.unwrap().by_name, "eve by name");
    let again = store.accept_link(&token, "hash-2", NOW).await.unwrap();
    // The other node still has the old key at hand and must not seal under it.
    let newer = practise(&other, ann).await;
    assert_eq!(store.events(newer, ann).await.unwrap().len(), 3);
    assert!(matches!(store.events(call, ann).await, Err(StoreError::Locked)));
    let stranger = join(&store, "bob", Role::Agent).await.recovery_code.text();
    assert!(matches!(store.unlock(ann, &stranger, NOW).await, Err(StoreError::WrongCode)));
    let mistyped = store.unlock(ann, "0000-1111", NOW).await;
    assert!(matches!(mistyped, Err(StoreError::Refused { .. })));
    let opens_nothing = store.unlock(ann, &again.recovery_code.text(), NOW).await;
    assert!(matches!(opens_nothing, Err(StoreError::WrongCode)));
    let typed = accepted.recovery_code.text().to_lowercase().replace('-', " ");
    assert_eq!(store.unlock(ann, &typed, NOW).await.unwrap(), 1);
    assert_eq!(other.events(call, ann).await.unwrap().len(), 3);
    assert!(store.person(ann).await.unwrap().reset.is_some(), "shown until it is put away");
    store.dismiss_reset_notice(ann).await.unwrap();
    let person = store.person(ann).await.unwrap();
    assert_eq!((person.reset, person.n_locked_keys), (None, 0));
    store.close().await;
    other.close().await;
}

async fn one_code_is_enough_after_two_resets(place: &Place) {
    let store = place.open().await;
    let first = join(&store, "ann", Role::Agent).await;
    let ann = first.person;
    let call = practise(&store, ann).await;
    let token = store.start_reset(ann, None, NOW).await.unwrap();
    let second = store.accept_link(&token, "h2", NOW).await.unwrap();
    store.unlock(ann, &first.recovery_code.text(), NOW).await.unwrap();
    let token = store.start_reset(ann, None, NOW).await.unwrap();
    store.accept_link(&token, "h3", NOW).await.unwrap();
    assert_eq!(store.person(ann).await.unwrap().n_locked_keys, 2);
    assert_eq!(store.unlock(ann, &second.recovery_code.text(), NOW).await.unwrap(), 2);
    assert_eq!(store.events(call, ann).await.unwrap().len(), 3);
    store.close().await;
}

async fn a_recovery_code_sets_a_new_password_and_locks_nothing(place: &Place) {
    let store = place.open().await;
    let accepted = join(&store, "ann", Role::Agent).await;
    let (ann, code) = (accepted.person, accepted.recovery_code.text());
    let call = practise(&store, ann).await;
    let session = store.sign_in(ann, NOW, DAY_MS, "phone").await.unwrap();
    let stranger = join(&store, "bob", Role::Agent).await.recovery_code.text();
    for (login, code) in [("ann", &stranger), ("nobody", &code), ("bob", &code)] {
        let wrong = store.recover_with_code(login, code, "h", NOW).await;
        assert!(matches!(wrong, Err(StoreError::WrongCode)));
    }
    let fresh = store.recover_with_code("Ann", &code, "hash-2", NOW).await.unwrap();
    assert_eq!(store.password_hash("ann").await.unwrap(), Some((ann, "hash-2".to_owned())));
    assert!(store.who(&session, NOW).await.unwrap().is_none());
    assert_eq!(store.events(call, ann).await.unwrap().len(), 3);
    let void = store.recover_with_code("ann", &code, "h", NOW).await;
    assert!(matches!(void, Err(StoreError::WrongCode)));
    // After a reset the owner may take the account back before the link is used.
    let token = store.start_reset(ann, None, NOW).await.unwrap();
    let code = fresh.recovery_code.text();
    store.recover_with_code("ann", &code, "hash-3", NOW).await.unwrap();
    assert_eq!(store.events(call, ann).await.unwrap().len(), 3);
    assert!(store.accept_link(&token, "h", NOW).await.is_err(), "the reset's link has ended");
    store.close().await;
}

async fn a_sign_in_lasts_until_it_ends(place: &Place) {
    let store = place.open().await;
    let ann = join(&store, "ann", Role::Agent).await.person;
    let token = store.sign_in(ann, NOW, DAY_MS, "phone\n<b>").await.unwrap();
    let other = store.sign_in(ann, NOW, DAY_MS, "desk").await.unwrap();
    let who = store.who(&token, NOW.plus_ms(59_999)).await.unwrap().unwrap();
    assert_eq!((who.person.id, who.made_at), (ann, NOW));
    assert_ne!(who.csrf, store.who(&other, NOW).await.unwrap().unwrap().csrf);
    assert!(!who.csrf.contains(&token.text()));
    let mark = |person, browser| store.browser_mark(person, browser).unwrap();
    assert_eq!(mark(ann, "a"), mark(ann, "a"));
    assert_ne!(mark(ann, "a"), mark(ann, "b"));
    let seen = |id| {
        let store: Store = store.clone();
        async move {
            let list = store.sign_ins_of(ann, NOW).await.unwrap();
            list.into_iter().find(|one| one.id == id).unwrap().last_seen_at
        }
    };
    assert_eq!(seen(who.sign_in.clone()).await, NOW);
    store.who(&token, NOW.plus_ms(60_000)).await.unwrap().unwrap();
    assert_eq!(seen(who.sign_in.clone()).await, NOW.plus_ms(60_000));
    assert!(store.who(&token, NOW.plus_ms(DAY_MS)).await.unwrap().is_none());
    assert_eq!(store.revoke_others(ann, &who.sign_in).await.unwrap(), 1);
    assert!(store.who(&other, NOW).await.unwrap().is_none());
    let bob = join(&store, "bob", Role::Agent).await.person;
    store.revoke(bob, &who.sign_in).await.unwrap();
    assert!(store.who(&token, NOW).await.unwrap().is_some(), "not theirs to end");
    store.revoke(ann, &who.sign_in).await.unwrap();
    assert!(store.who(&token, NOW).await.unwrap().is_none());
    store.close().await;
}

async fn a_deactivated_person_is_nobody(place: &Place) {
    let store = place.open().await;
    let ann = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, ann).await;
    let token = store.sign_in(ann, NOW, DAY_MS, "").await.unwrap();
    store.deactivate(ann, None, NOW).await.unwrap();
    assert!(store.who(&token, NOW).await.unwrap().is_none());
    assert!(store.password_hash("ann").await.unwrap().is_none());
    assert!(store.sign_in(ann, NOW, DAY_MS, "").await.is_err());
    assert!(store.start_reset(ann, None, NOW).await.is_err());
    store.reactivate(ann, None, NOW).await.unwrap();
    assert!(store.who(&token, NOW).await.unwrap().is_none(), "a sign-in does not come back");
    assert_eq!(store.events(call, ann).await.unwrap().len(), 3);
    store.close().await;
}

async fn the_audit_names_who_did_what(place: &Place) {
    let store = place.open().await;
    let eve = join(&store, "eve", Role::Admin).await.person;
    let ann = join(&store, "ann", Role::Agent).await.person;
    store.start_reset(ann, Some(eve), NOW.plus_ms(1)).await.unwrap();
    store.audit(NOW.plus_ms(2), Some(ann), "practice_exported", Some(ann), "a\nb").await.unwrap();
    let of_ann = store.audit_of(ann).await.unwrap();
    let actions: Vec<&str> = of_ann.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["practice_exported", "reset_started", "link_accepted", "person_added"]);
    assert_eq!(of_ann[1].actor_name.as_deref(), Some("eve by name"));
    assert_eq!(of_ann[1].subject_name.as_deref(), Some("ann by name"));
    assert_eq!(of_ann[0].detail, "ab");
    assert_eq!(store.audit_all().await.unwrap().len(), 6);
    store.close().await;
}
