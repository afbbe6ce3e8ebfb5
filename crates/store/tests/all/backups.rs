//! Backups: whole, consistent, sealed, and from either database into either.

use std::path::PathBuf;

use store::{MasterKey, Role, Store, StoreError};

use crate::donations;
use crate::place::{MARKER, NOW, Place, join, on_both, practise};

on_both! {
    a_backup_restores_everything
    a_damaged_backup_changes_nothing
    a_reset_reaches_older_backups_by_the_keyring
    a_backup_needs_its_own_master_key_and_an_empty_database
}

fn paths(place: &Place) -> (PathBuf, PathBuf) {
    (place.folder.path().join("backup"), place.folder.path().join("keyring.json"))
}

async fn round(from: &Place, to: &Place) {
    let store = from.open().await;
    let ann = join(&store, "ann", Role::Agent).await;
    let mut calls = Vec::new();
    for _ in 0..210 {
        calls.push(practise(&store, ann.person).await);
    }
    store.set_setting("board.k", "5").await.unwrap();
    // What was given stays out of backups: a restore would show again what was taken back since.
    store.donate(calls[0], ann.person, 1, &donations::item("ARGUE")).await.unwrap();
    let (dir, keyring) = paths(from);
    let report = store.dump(&dir, &keyring).await.unwrap();
    assert!(report.n_rows.contains(&("event".to_owned(), 630)), "{report:?}");
    assert_eq!(report.n_keys, 1);
    let events = store.events(calls[0], ann.person).await.unwrap();
    store.close().await;
    for entry in std::fs::read_dir(&dir).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(!text.contains(MARKER) && !text.contains("master_wrap"));
    }
    let store = to.open().await;
    let loaded = store.load(&dir, &keyring).await.unwrap();
    assert_eq!((loaded.n_rows, loaded.n_keys), (report.n_rows, report.n_keys));
    assert_eq!(store.events(calls[0], ann.person).await.unwrap(), events);
    assert_eq!(store.calls_of(ann.person).await.unwrap().calls.len(), 210);
    assert_eq!(store.donations().await.unwrap(), []);
    assert_eq!(store.setting("board.k").await.unwrap().as_deref(), Some("5"));
    assert_eq!(store.password_hash("ann").await.unwrap().unwrap().1, "hash-1");
    practise(&store, ann.person).await;
    store.close().await;
    // It opens again: the mark of the master key came with it.
    to.open().await.close().await;
}

async fn a_backup_restores_everything(place: &Place) {
    let another = place.another().await;
    round(place, &another).await;
    another.drop_postgres().await;
}

#[tokio::test]
async fn a_backup_crosses_from_either_database_to_the_other() {
    let Some(postgres) = Place::postgres().await else { return };
    round(&Place::sqlite(), &postgres).await;
    let another = postgres.another().await;
    round(&another, &Place::sqlite()).await;
    postgres.drop_postgres().await;
    another.drop_postgres().await;
}

async fn a_damaged_backup_changes_nothing(place: &Place) {
    let store = place.open().await;
    let ann = join(&store, "ann", Role::Agent).await.person;
    practise(&store, ann).await;
    let (dir, keyring) = paths(place);
    store.dump(&dir, &keyring).await.unwrap();
    assert!(store.dump(&dir, &keyring).await.is_err(), "the folder is not empty");
    store.close().await;
    let another = place.another().await;
    let store = another.open().await;
    let whole: Vec<(PathBuf, Vec<u8>)> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .chain([keyring.clone()])
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect();
    assert_eq!(whole.len(), 7);
    for (path, bytes) in &whole {
        let mut bent = bytes.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        let cut = bytes[..bytes.len() - bytes.len() / 3].to_vec();
        for wrong in [bent, cut, Vec::new()] {
            std::fs::write(path, &wrong).unwrap();
            let error = store.load(&dir, &keyring).await.err();
            let error = error.unwrap_or_else(|| panic!("{} was taken", path.display()));
            let refused = matches!(
                error,
                StoreError::Corrupt { .. } | StoreError::File { .. } | StoreError::Refused { .. }
            );
            assert!(refused, "{error}");
        }
        std::fs::remove_file(path).unwrap();
        assert!(matches!(store.load(&dir, &keyring).await, Err(StoreError::File { .. })));
        // A device that never ends is refused, not read.
        std::os::unix::fs::symlink("/dev/zero", path).unwrap();
        assert!(matches!(store.load(&dir, &keyring).await, Err(StoreError::File { .. })));
        std::fs::remove_file(path).unwrap();
        std::fs::write(path, bytes).unwrap();
        assert!(store.people().await.unwrap().is_empty());
    }
    store.load(&dir, &keyring).await.unwrap();
    assert_eq!(store.people().await.unwrap().len(), 1);
    store.close().await;
    another.drop_postgres().await;
}

async fn a_reset_reaches_older_backups_by_the_keyring(place: &Place) {
    let store = place.open().await;
    let ann = join(&store, "ann", Role::Agent).await;
    let call = practise(&store, ann.person).await;
    let (dir, keyring) = paths(place);
    store.dump(&dir, &keyring).await.unwrap();
    store.start_reset(ann.person, None, NOW).await.unwrap();
    store.dump(&place.folder.path().join("later"), &keyring).await.unwrap();
    store.close().await;
    let another = place.another().await;
    let store = another.open().await;
    store.load(&dir, &keyring).await.unwrap();
    assert!(matches!(store.events(call, ann.person).await, Err(StoreError::Locked)));
    store.unlock(ann.person, &ann.recovery_code.text(), NOW).await.unwrap();
    assert_eq!(store.events(call, ann.person).await.unwrap().len(), 3);
    store.close().await;
    another.drop_postgres().await;
}

async fn a_backup_needs_its_own_master_key_and_an_empty_database(place: &Place) {
    let store = place.open().await;
    join(&store, "ann", Role::Agent).await;
    let (dir, keyring) = paths(place);
    let inside = store.dump(&dir, &dir.join("keyring.json")).await;
    assert!(matches!(inside, Err(StoreError::Refused { .. })));
    store.dump(&dir, &keyring).await.unwrap();
    assert!(matches!(store.load(&dir, &keyring).await, Err(StoreError::Refused { .. })));
    store.close().await;
    let another = place.another().await;
    let store = Store::open(&another.database, MasterKey::from_bytes([9; 32])).await.unwrap();
    let error = store.load(&dir, &keyring).await.err().unwrap();
    assert!(error.to_string().contains("master key"), "{error}");
    assert!(store.people().await.unwrap().is_empty());
    join(&store, "bob", Role::Agent).await;
    let foreign = store.dump(&another.folder.path().join("backup"), &keyring).await;
    assert!(matches!(foreign, Err(StoreError::Refused { .. })), "another installation's keyring");
    store.close().await;
    another.drop_postgres().await;
}
