//! Single items that people gave away: theirs to give and to take back, without a name, sealed, gone with the call.

use store::{Database, Item, Role, StoreError, Verdict};

use crate::place::{MARKER, NOW, Place, find, join, on_both, practise};

on_both! {
    an_item_is_given_judged_and_taken_back
    only_the_owner_gives_and_takes_back
    a_given_item_lies_nowhere_in_the_clear_and_goes_with_its_call
    what_a_reset_has_locked_is_not_shown
    what_a_closed_account_gave_is_not_shown
    a_key_that_changed_elsewhere_is_not_sealed_with
    one_damaged_item_hides_no_other
}

pub fn item(code: &str) -> Item {
    Item {
        code: code.to_owned(),
        before: "I rang twice.".to_owned(),
        said: format!("So {MARKER}."),
        note: "I was asking \u{1f44b}".to_owned(),
        coder: "rules-1".to_owned(),
    }
}

async fn an_item_is_given_judged_and_taken_back(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    for code in ["VALIDATE", "ARGUE", "VALIDATE"] {
        store.donate(call, owner, 1, &item(code)).await.unwrap();
    }
    let mut codes = store.donated(call, owner).await.unwrap();
    codes.sort();
    assert_eq!(codes, [(1, "ARGUE".to_owned()), (1, "VALIDATE".to_owned())]);
    let given = store.donations().await.unwrap();
    let validate = given.iter().find(|one| one.item == item("VALIDATE")).unwrap();
    assert_eq!((given.len(), validate.verdict), (2, None));
    store.judge(&validate.id, Verdict::Donor).await.unwrap();
    let again = store.donations().await.unwrap();
    let again = again.iter().find(|one| one.id == validate.id).unwrap();
    assert_eq!(again.verdict, Some(Verdict::Donor));
    // Given again unchanged, it keeps its verdict.
    store.donate(call, owner, 1, &item("VALIDATE")).await.unwrap();
    let again = store.donations().await.unwrap();
    assert!(again.iter().any(|one| one.verdict == Some(Verdict::Donor)));
    assert_eq!(store.donations_of(owner).await.unwrap().len(), 2);
    assert!(matches!(store.judge("\0", Verdict::Donor).await, Err(StoreError::NotFound)));
    store.take_back(call, owner, 1, "VALIDATE").await.unwrap();
    store.take_back(call, owner, 1, "VALIDATE").await.unwrap();
    assert_eq!(store.donated(call, owner).await.unwrap(), [(1, "ARGUE".to_owned())]);
    let gone = store.judge(&validate.id, Verdict::Coder).await;
    assert!(matches!(gone, Err(StoreError::NotFound)));
    // Giving and taking back leave no line that would name the donor.
    let audit = store.audit_all().await.unwrap();
    assert!(audit.iter().all(|line| !line.action.contains("donat")), "{audit:?}");
    store.close().await;
}

async fn only_the_owner_gives_and_takes_back(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let other = join(&store, "ben", Role::Lead).await.person;
    let call = practise(&store, owner).await;
    let put = store.donate(call, other, 1, &item("ARGUE")).await;
    assert!(matches!(put, Err(StoreError::NotFound)));
    store.donate(call, owner, 1, &item("ARGUE")).await.unwrap();
    store.take_back(call, other, 1, "ARGUE").await.unwrap();
    assert_eq!(store.donated(call, other).await.unwrap(), []);
    assert_eq!(store.donations().await.unwrap().len(), 1);
    store.close().await;
}

async fn a_given_item_lies_nowhere_in_the_clear_and_goes_with_its_call(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    store.donate(call, owner, 1, &item("ARGUE")).await.unwrap();
    assert_eq!(place.number("select count(*) from donation").await, 1);
    if let Database::Sqlite(path) = &place.database {
        for secret in [MARKER, "rang twice", "ARGUE"] {
            assert_eq!(find(path.parent().unwrap(), secret.as_bytes()), Vec::<String>::new());
        }
    }
    store.forget_call(call, owner, NOW).await.unwrap();
    assert_eq!(place.number("select count(*) from donation").await, 0);
    assert_eq!(store.donations().await.unwrap(), []);
    store.close().await;
}

async fn what_a_reset_has_locked_is_not_shown(place: &Place) {
    let store = place.open().await;
    let accepted = join(&store, "ann", Role::Agent).await;
    let call = practise(&store, accepted.person).await;
    store.donate(call, accepted.person, 1, &item("ARGUE")).await.unwrap();
    store.start_reset(accepted.person, None, NOW).await.unwrap();
    assert_eq!(store.donations().await.unwrap(), []);
    assert_eq!(place.number("select count(*) from donation").await, 1);
    store.close().await;
}

async fn what_a_closed_account_gave_is_not_shown(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    store.donate(call, owner, 1, &item("ARGUE")).await.unwrap();
    store.deactivate(owner, None, NOW).await.unwrap();
    assert_eq!(store.donations().await.unwrap(), []);
    store.close().await;
}

/// Two nodes: on one the account was reset and taken up again, the other still knows the old key.
async fn a_key_that_changed_elsewhere_is_not_sealed_with(place: &Place) {
    let (one, two) = (place.open().await, place.open().await);
    let owner = join(&one, "ann", Role::Agent).await.person;
    let call = practise(&two, owner).await;
    two.donate(call, owner, 1, &item("ARGUE")).await.unwrap();
    let link = one.start_reset(owner, None, NOW).await.unwrap();
    one.accept_link(&link, "hash-2", NOW).await.unwrap();
    two.donate(call, owner, 2, &item("ARGUE")).await.unwrap();
    assert_eq!(
        one.donations().await.unwrap().len(),
        1,
        "the new one shows, the locked one does not"
    );
    // The locked one cannot be told from others of its turn: taking back takes it along.
    two.take_back(call, owner, 1, "ARGUE").await.unwrap();
    assert_eq!(place.number("select count(*) from donation").await, 1);
    one.close().await;
    two.close().await;
}

async fn one_damaged_item_hides_no_other(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    store.donate(call, owner, 1, &item("ARGUE")).await.unwrap();
    place.sql("update donation set turn = 7").await;
    store.donate(call, owner, 2, &item("BLAME")).await.unwrap();
    assert_eq!(store.donations().await.unwrap().len(), 1);
    assert_eq!(store.donated(call, owner).await.unwrap(), [(2, "BLAME".to_owned())]);
    store.close().await;
}
