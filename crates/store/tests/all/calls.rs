//! The event log: what is appended is read back by its owner, and by nobody else.

use store::{Database, Role, StoreError};
use talk::{End, Event, Seq};

use crate::place::{
    MARKER, NOW, Place, call_id, ended, find, join, on_both, opened, practise, said,
};

on_both! {
    what_is_appended_reads_back
    a_call_appended_to_by_two_nodes_goes_on_for_one
    two_hundred_appends_at_once_all_arrive
    only_the_owner_reads_a_call
    nothing_is_appended_to_a_call_that_a_reset_has_locked
    the_calls_of_a_person_are_listed_with_their_ends
    a_forgotten_call_is_gone
    what_was_said_lies_nowhere_in_the_clear
    a_damaged_payload_is_noticed
    one_of_many_racing_appends_wins
}

async fn what_is_appended_reads_back(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = call_id();
    let first = [opened(), said("hello")];
    assert_eq!(store.open_call(call, owner, &first, NOW).await.unwrap(), Seq(2));
    let more: Vec<Event> = (0..100).map(|n| said(&format!("line {n}\n\u{1f44b}\0"))).collect();
    assert_eq!(store.append(call, owner, Seq(2), &more, NOW).await.unwrap(), Seq(102));
    assert_eq!(store.append(call, owner, Seq(102), &[], NOW).await.unwrap(), Seq(102));
    let expected: Vec<Event> = first.into_iter().chain(more).collect();
    assert_eq!(store.events(call, owner).await.unwrap(), expected);
    let again = store.open_call(call, owner, &[opened()], NOW).await;
    assert!(matches!(again, Err(StoreError::Conflict)));
    assert!(store.open_call(call_id(), owner, &[said("x")], NOW).await.is_err());
    store.close().await;
    let store = place.open().await;
    assert_eq!(store.events(call, owner).await.unwrap(), expected);
    store.close().await;
}

async fn a_call_appended_to_by_two_nodes_goes_on_for_one(place: &Place) {
    let (one, two) = (place.open().await, place.open().await);
    let owner = join(&one, "ann", Role::Agent).await.person;
    let call = call_id();
    let next = two.open_call(call, owner, &[opened()], NOW).await.unwrap();
    one.append(call, owner, next, &[said("one")], NOW).await.unwrap();
    let late = two.append(call, owner, next, &[said("two")], NOW).await;
    assert!(matches!(late, Err(StoreError::Conflict)));
    let events = two.events(call, owner).await.unwrap();
    assert_eq!(events[1..], [said("one")]);
    two.append(call, owner, Seq(2), &[said("two")], NOW).await.unwrap();
    one.close().await;
    two.close().await;
}

async fn two_hundred_appends_at_once_all_arrive(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                let call = call_id();
                let next = store.open_call(call, owner, &[opened()], NOW).await.unwrap();
                let text = format!("call {n}");
                store.append(call, owner, next, &[said(&text)], NOW).await.unwrap();
                (call, text)
            })
        })
        .collect();
    for task in tasks {
        let (call, text) = task.await.unwrap();
        assert_eq!(store.events(call, owner).await.unwrap()[1..], [said(&text)]);
    }
    let health = store.health().await.unwrap();
    assert_eq!((health.n_calls, health.n_events), (200, 400));
    store.close().await;
}

async fn one_of_many_racing_appends_wins(place: &Place) {
    let stores = [place.open().await, place.open().await];
    let owner = join(&stores[0], "ann", Role::Agent).await.person;
    let call = call_id();
    let next = stores[0].open_call(call, owner, &[opened()], NOW).await.unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let store = stores[n % 2].clone();
            let event = said(&format!("racer {n}"));
            tokio::spawn(async move { store.append(call, owner, next, &[event], NOW).await })
        })
        .collect();
    let mut n_won = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(next) => {
                assert_eq!(next, Seq(2));
                n_won += 1;
            }
            Err(error) => assert!(matches!(error, StoreError::Conflict), "{error}"),
        }
    }
    assert_eq!(n_won, 1);
    assert_eq!(stores[1].events(call, owner).await.unwrap().len(), 2);
    for store in stores {
        store.close().await;
    }
}

async fn nothing_is_appended_to_a_call_that_a_reset_has_locked(place: &Place) {
    let (store, other) = (place.open().await, place.open().await);
    let accepted = join(&store, "ann", Role::Agent).await;
    let ann = accepted.person;
    let call = practise(&other, ann).await;
    let token = store.start_reset(ann, None, NOW).await.unwrap();
    let put = other.append(call, ann, Seq(3), &[said("none yet")], NOW).await;
    assert!(matches!(put, Err(StoreError::Locked)), "{put:?}");
    store.accept_link(&token, "hash-2", NOW).await.unwrap();
    // Whoever took the link has a key of their own; the call is not theirs to go on with.
    for node in [&store, &other] {
        let put = node.append(call, ann, Seq(3), &[said("an imposter's")], NOW).await;
        assert!(matches!(put, Err(StoreError::Locked)), "{put:?}");
    }
    let newer = practise(&other, ann).await;
    assert_eq!(store.append(newer, ann, Seq(3), &[said("mine")], NOW).await.unwrap(), Seq(4));
    store.unlock(ann, &accepted.recovery_code.text(), NOW).await.unwrap();
    assert_eq!(other.append(call, ann, Seq(3), &[said("back")], NOW).await.unwrap(), Seq(4));
    assert_eq!(store.events(call, ann).await.unwrap()[3], said("back"));
    store.close().await;
    other.close().await;
}

async fn only_the_owner_reads_a_call(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    for (login, role) in [("bob", Role::Agent), ("cyd", Role::Trainer), ("eve", Role::Admin)] {
        let other = join(&store, login, role).await.person;
        assert!(matches!(store.events(call, other).await, Err(StoreError::NotFound)));
        assert!(matches!(store.events(call_id(), other).await, Err(StoreError::NotFound)));
        let put = store.append(call, other, Seq(3), &[said("mine")], NOW).await;
        assert!(matches!(put, Err(StoreError::NotFound)));
        assert!(matches!(store.forget_call(call, other, NOW).await, Err(StoreError::NotFound)));
        assert!(store.calls_of(other).await.unwrap().calls.is_empty());
    }
    assert_eq!(store.events(call, owner).await.unwrap().len(), 3);
    store.close().await;
}

async fn the_calls_of_a_person_are_listed_with_their_ends(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let (done, open) = (practise(&store, owner).await, call_id());
    store.open_call(open, owner, &[opened()], NOW.plus_ms(10)).await.unwrap();
    let mine = said("a later word");
    store.append(done, owner, Seq(3), &[mine], NOW.plus_ms(20)).await.unwrap();
    let list = store.calls_of(owner).await.unwrap();
    let seen: Vec<_> = list.calls.iter().map(|c| (c.id, c.end, c.n_events)).collect();
    assert_eq!(seen, [(open, None, 1), (done, Some(End::Resolved), 4)]);
    assert_eq!(list.calls[1].last_at, NOW.plus_ms(20));
    assert_eq!(list.calls[0].opened.scenario, "eviction-notice");
    assert_eq!(list.n_locked, 0);
    store.close().await;
}

async fn a_forgotten_call_is_gone(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let (call, kept) = (practise(&store, owner).await, practise(&store, owner).await);
    store.forget_call(call, owner, NOW).await.unwrap();
    assert!(matches!(store.events(call, owner).await, Err(StoreError::NotFound)));
    let put = store.append(call, owner, Seq(3), &[ended()], NOW).await;
    assert!(matches!(put, Err(StoreError::NotFound)));
    assert_eq!(store.events(kept, owner).await.unwrap().len(), 3);
    let audit = store.audit_of(owner).await.unwrap();
    assert_eq!((audit[0].action.as_str(), audit[0].detail.as_str()), ("call_forgotten", ""));
    assert_eq!(place.number("select count(*) from event").await, 3);
    store.close().await;
}

async fn what_was_said_lies_nowhere_in_the_clear(place: &Place) {
    let store = place.open().await;
    let accepted = join(&store, "ann", Role::Agent).await;
    practise(&store, accepted.person).await;
    let code = accepted.recovery_code.text();
    let n = place.number("select count(*) from event").await;
    assert_eq!(n, 3);
    if let Database::Sqlite(path) = &place.database {
        // While it is open, the newest rows are in the write-ahead log; afterwards in the file.
        let folder = path.parent().unwrap();
        assert!(find(folder, b"eviction").is_empty());
        assert!(!find(folder, b"hash-1").is_empty(), "the search itself must find what is there");
        for secret in [MARKER, "marmalade", &code, "resolved"] {
            assert_eq!(find(folder, secret.as_bytes()), Vec::<String>::new(), "{secret}");
        }
        store.close().await;
        assert_eq!(find(folder, b"marmalade"), Vec::<String>::new());
        return;
    }
    let sql = "select count(*) from event where position('marmalade'::bytea in payload) > 0";
    assert_eq!(place.number(sql).await, 0);
    store.close().await;
}

async fn a_damaged_payload_is_noticed(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let (one, two) = (practise(&store, owner).await, practise(&store, owner).await);
    let swap = format!(
        "update event set payload = (select payload from event where call_id = '{two}' and seq = 1) \
         where call_id = '{one}' and seq = 1"
    );
    place.sql(&swap).await;
    assert!(matches!(store.events(one, owner).await, Err(StoreError::Corrupt { .. })));
    place.sql(&format!("delete from event where call_id = '{two}' and seq = 2")).await;
    assert!(matches!(store.events(two, owner).await, Err(StoreError::Corrupt { .. })));
    store.close().await;
}
