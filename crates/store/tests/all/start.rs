//! Opening: migrations, the master key, durability.

use sqlx::{AnyConnection, Connection};
use store::{Database, MasterKey, Role, Store, StoreError};

use crate::place::{NOW, Place, join, new_person, on_both, practise};

on_both! {
    a_database_opens_twice_and_migrates_once
    two_nodes_may_start_together
    another_master_key_is_refused
    health_tells_the_durability
    a_setting_is_kept
    a_dropped_store_has_kept_what_it_answered
}

async fn a_database_opens_twice_and_migrates_once(place: &Place) {
    for _ in 0..2 {
        let store = place.open().await;
        assert_eq!(store.health().await.unwrap().schema_version, 2);
        store.close().await;
    }
    assert_eq!(place.number("select count(*) from migration").await, 2);
    place.sql("insert into migration (number, digest) values (3, 'from tomorrow')").await;
    let error = Store::open(&place.database, MasterKey::from_bytes([7; 32])).await.err().unwrap();
    assert!(matches!(error, StoreError::Refused { .. }), "{error}");
}

async fn two_nodes_may_start_together(place: &Place) {
    let open = |_| {
        let database = place.database.clone();
        tokio::spawn(async move { Store::open(&database, MasterKey::from_bytes([7; 32])).await })
    };
    let nodes: Vec<_> = (0..6).map(open).collect();
    for (n, node) in nodes.into_iter().enumerate() {
        let store = node.await.unwrap().unwrap();
        store.add_person(&new_person(&format!("p{n}"), Role::Agent), None, NOW).await.unwrap();
        store.close().await;
    }
    assert_eq!(place.number("select count(*) from person").await, 6);
}

async fn another_master_key_is_refused(place: &Place) {
    place.open().await.close().await;
    let error = Store::open(&place.database, MasterKey::from_bytes([8; 32])).await.err().unwrap();
    assert!(error.to_string().contains("master key"), "{error}");
}

async fn health_tells_the_durability(place: &Place) {
    let store = place.open().await;
    let health = store.health().await.unwrap();
    let of = |name: &str| {
        let found = health.durability.iter().find(|(setting, _)| setting == name);
        found.map(|(_, value)| value.clone())
    };
    match place.database {
        Database::Sqlite(_) => {
            assert_eq!(of("journal_mode").as_deref(), Some("wal"));
            assert_eq!(of("synchronous").as_deref(), Some("2"));
        }
        Database::Postgres(_) => {
            assert_eq!(of("synchronous_commit").as_deref(), Some("on"));
            assert_eq!(of("fsync").as_deref(), Some("on"));
        }
    }
    store.close().await;
}

async fn a_setting_is_kept(place: &Place) {
    let store = place.open().await;
    assert_eq!(store.setting("board.k").await.unwrap(), None);
    store.set_setting("board.k", "5").await.unwrap();
    store.set_setting("board.k", "6").await.unwrap();
    assert_eq!(store.setting("board.k").await.unwrap().as_deref(), Some("6"));
    assert!(store.set_setting("store.master", "x").await.is_err());
    assert!(store.set_setting("a", "\0").await.is_err());
    store.close().await;
}

async fn a_dropped_store_has_kept_what_it_answered(place: &Place) {
    let store = place.open().await;
    let owner = join(&store, "ann", Role::Agent).await.person;
    let call = practise(&store, owner).await;
    drop(store);
    let store = place.open().await;
    assert_eq!(store.events(call, owner).await.unwrap().len(), 3);
    store.close().await;
}

#[tokio::test]
async fn a_postgres_that_answers_before_it_has_written_is_refused() {
    let Some(place) = Place::postgres().await else { return };
    let name = place.url().rsplit('/').next().unwrap().to_owned();
    for weak in ["off", "local", "remote_write"] {
        place.sql(&format!("alter database {name} set synchronous_commit = {weak}")).await;
        let error = Store::open(&place.database, MasterKey::from_bytes([7; 32])).await;
        let error = error.err().unwrap();
        assert!(error.to_string().contains(weak), "{error}");
        assert!(matches!(error, StoreError::Refused { .. }), "{error}");
    }
    place.sql(&format!("alter database {name} set synchronous_commit = on")).await;
    place.open().await.close().await;
    place.drop_postgres().await;
}

#[tokio::test]
async fn a_sqlite_file_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::sqlite();
    let store = place.open().await;
    let Database::Sqlite(path) = &place.database else { return };
    for entry in std::fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
    store.close().await;
    AnyConnection::connect(&place.url()).await.unwrap().close().await.unwrap();
}
