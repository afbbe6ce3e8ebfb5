//! Links that open an account once: the first admin's, invitations and resets; and the recovery code.
//!
//! Here a person's data key is made, locked and unlocked. The server hashes passwords and sends nobody mail:
//! an admin hands the link over.

use sqlx::Row;
use talk::{Instant, PersonId};

use crate::audit;
use crate::error::StoreError;
use crate::key::{key_rows, open_by_code};
use crate::people::{
    self, NewPerson, Person, Role, end_links, end_sign_ins, keep_an_admin, login_key, read_id,
    read_person,
};
use crate::recovery::RecoveryCode;
use crate::store::{Store, Tx};
use crate::token::Token;

/// How long the link of a reset is good: two days, so that it outlasts a day off.
pub const RESET_LINK_MS: i64 = 48 * 60 * 60 * 1000;
/// Who is named in a reset notice when nobody signed in did it.
const OPERATOR: &str = "the operator of this server";

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    FirstAdmin,
    Invite,
    Reset,
}

impl LinkKind {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            LinkKind::FirstAdmin => "first_admin",
            LinkKind::Invite => "invite",
            LinkKind::Reset => "reset",
        }
    }
    fn parse(text: &str) -> Option<Self> {
        [LinkKind::FirstAdmin, LinkKind::Invite, LinkKind::Reset]
            .into_iter()
            .find(|kind| kind.as_str() == text)
    }
}

/// A link that can still be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub kind: LinkKind,
    /// `None` only for a first admin who is yet to say who they are: see `accept_first_admin`.
    pub person: Option<Person>,
    pub expires_at: Instant,
}

/// A link, or a recovery, that went through. The code is shown once.
#[derive(Debug)]
pub struct Accepted {
    pub person: PersonId,
    pub recovery_code: RecoveryCode,
}

impl Store {
    /// Makes a link; earlier links of the same person end. `Invite` is for those without a password,
    /// `FirstAdmin` only while there is no admin who can sign in; for a reset see `start_reset`.
    pub async fn make_link(
        &self,
        kind: LinkKind,
        person: Option<PersonId>,
        at: Instant,
        ttl_ms: i64,
    ) -> Result<Token, StoreError> {
        let mut tx = self.begin_people().await?;
        match (kind, person) {
            (LinkKind::FirstAdmin, _) => no_admin_yet(&mut tx).await?,
            (LinkKind::Invite | LinkKind::Reset, None) => {
                return Err(StoreError::refused("the link is for nobody", "name the person"));
            }
            (LinkKind::Invite | LinkKind::Reset, Some(_)) => {}
        }
        if let Some(person) = person {
            let person = read_person(&mut *tx, person).await?;
            if person.has_password || person.deactivated_at.is_some() {
                return Err(StoreError::refused(
                    format!("`{}` has a password already, or is deactivated", person.login),
                    "start a reset, or reactivate the account",
                ));
            }
        }
        let token = insert_link(&mut tx, kind, person, at, ttl_ms).await?;
        tx.commit().await?;
        Ok(token)
    }

    /// What a link is for, without using it up. `None` when it is unknown, used or expired.
    pub async fn look_at_link(
        &self,
        token: &Token,
        at: Instant,
    ) -> Result<Option<Link>, StoreError> {
        let row = sqlx::query(
            "select kind, person_id, expires_at_ms from link \
             where token_hash = $1 and expires_at_ms > $2",
        )
        .bind(token.hash())
        .bind(at.0)
        .fetch_optional(&self.pools().read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let (kind, person) = read_link(&row)?;
        let person = match person {
            None => None,
            Some(id) => Some(read_person(&self.pools().read, id).await?),
        };
        Ok(Some(Link { kind, person, expires_at: Instant(row.try_get("expires_at_ms")?) }))
    }

    /// Uses a link of a known person: sets the password, makes the next data key and its recovery code.
    /// `NotFound` when the link is unknown, used or expired.
    pub async fn accept_link(
        &self,
        token: &Token,
        password_hash: &str,
        at: Instant,
    ) -> Result<Accepted, StoreError> {
        let mut tx = self.begin_people().await?;
        let (kind, person) = take_link(&mut tx, token, at).await?;
        let person = person.ok_or_else(|| {
            StoreError::refused("this link is for somebody yet unnamed", "say who you are")
        })?;
        self.accept(tx, kind, person, password_hash, at).await
    }

    /// Uses the first admin's link when it names nobody: adds the person as an admin, too.
    pub async fn accept_first_admin(
        &self,
        token: &Token,
        new: &NewPerson,
        password_hash: &str,
        at: Instant,
    ) -> Result<Accepted, StoreError> {
        let mut tx = self.begin_people().await?;
        let (kind, person) = take_link(&mut tx, token, at).await?;
        if kind != LinkKind::FirstAdmin || person.is_some() {
            return Err(StoreError::NotFound);
        }
        no_admin_yet(&mut tx).await?;
        let new = NewPerson { role: Role::Admin, ..new.clone() };
        let person = people::add(&mut tx, &new, None, at).await?;
        self.accept(tx, kind, person, password_hash, at).await
    }

    async fn accept(
        &self,
        mut tx: Tx,
        kind: LinkKind,
        person: PersonId,
        password_hash: &str,
        at: Instant,
    ) -> Result<Accepted, StoreError> {
        if read_person(&mut *tx, person).await?.deactivated_at.is_some() {
            return Err(StoreError::NotFound);
        }
        put_password(&mut tx, person, password_hash).await?;
        end_links(&mut tx, person).await?;
        end_sign_ins(&mut tx, person).await?;
        let recovery_code = self.make_key(&mut tx, person).await?;
        audit::write(&mut tx, at, Some(person), "link_accepted", Some(person), kind.as_str())
            .await?;
        tx.commit().await?;
        self.drop_key(person);
        Ok(Accepted { person, recovery_code })
    }

    /// Starts a reset: no password, no sign-ins, and every data key locked until its owner enters the
    /// recovery code. The owner is shown it; the audit keeps it. `LastAdmin` when
    /// anybody but the operator asks and no other admin could sign in.
    pub async fn start_reset(
        &self,
        person: PersonId,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<Token, StoreError> {
        let mut tx = self.begin_people().await?;
        let was = read_person(&mut *tx, person).await?;
        if was.deactivated_at.is_some() {
            return Err(StoreError::refused(
                format!("`{}` is deactivated", was.login),
                "reactivate the account first",
            ));
        }
        if key_rows(&mut tx, person).await?.is_empty() {
            return Err(StoreError::refused(
                format!("`{}` has never signed in", was.login),
                "make a new invitation instead",
            ));
        }
        // Two admins could reset each other at once. Only the operator may, who makes the first link anew.
        if by.is_some() {
            keep_an_admin(&mut tx, &was).await?;
        }
        let by_name = match by {
            None => OPERATOR.to_owned(),
            Some(by) => read_person(&mut *tx, by).await?.name,
        };
        sqlx::query("update person_key set master_wrap = null where person_id = $1")
            .bind(person.to_string())
            .execute(&mut *tx)
            .await?;
        sqlx::query(
            "update person set password_hash = null, reset_at_ms = $2, reset_by_name = $3 where id = $1",
        )
        .bind(person.to_string())
        .bind(at.0)
        .bind(by_name)
        .execute(&mut *tx)
        .await?;
        end_sign_ins(&mut tx, person).await?;
        let token = insert_link(&mut tx, LinkKind::Reset, Some(person), at, RESET_LINK_MS).await?;
        audit::write(&mut tx, at, by, "reset_started", Some(person), "").await?;
        tx.commit().await?;
        self.drop_key(person);
        self.scrub().await;
        Ok(token)
    }

    /// Opens what a reset has locked. Returns how many generations of the key; `WrongCode` when none.
    pub async fn unlock(
        &self,
        person: PersonId,
        recovery_code: &str,
        at: Instant,
    ) -> Result<u64, StoreError> {
        let code = RecoveryCode::parse(recovery_code)?;
        let mut tx = self.begin_people().await?;
        let was = read_person(&mut *tx, person).await?;
        if !was.has_password {
            return Err(StoreError::refused("this account has no password", "use its link first"));
        }
        let rows = key_rows(&mut tx, person).await?;
        let opened = open_by_code(person, &rows, &code)?;
        // The newest code opens the newest key, which is not locked: nothing comes of it, and nothing is noted.
        let n = self.unlock_keys(&mut tx, person, &rows, &opened).await?;
        if n == 0 {
            return Err(StoreError::WrongCode);
        }
        audit::write(&mut tx, at, Some(person), "practice_unlocked", Some(person), "").await?;
        tx.commit().await?;
        self.drop_key(person);
        Ok(n)
    }

    /// A new password by the recovery code, with nothing locked: the code given last opens the newest key.
    /// That code is void from now on; a new one comes back. Sign-ins and open links end.
    pub async fn recover_with_code(
        &self,
        login: &str,
        recovery_code: &str,
        new_password_hash: &str,
        at: Instant,
    ) -> Result<Accepted, StoreError> {
        let code = RecoveryCode::parse(recovery_code)?;
        let mut tx = self.begin_people().await?;
        let row =
            sqlx::query("select id from person where login_key = $1 and deactivated_at_ms is null")
                .bind(login_key(login))
                .fetch_optional(&mut *tx)
                .await?;
        // A login that is not there answers as a wrong code does.
        let row = row.ok_or(StoreError::WrongCode)?;
        let person = read_id(row.try_get(0)?)?.ok_or(StoreError::WrongCode)?;
        let rows = key_rows(&mut tx, person).await?;
        let opened = open_by_code(person, &rows, &code)?;
        let newest = rows.last().map(|row| row.generation);
        // An older code opens older practice (`unlock`), not the account.
        if newest.is_none() || !opened.iter().any(|key| Some(key.generation) == newest) {
            return Err(StoreError::WrongCode);
        }
        self.unlock_keys(&mut tx, person, &rows, &opened).await?;
        let fresh = RecoveryCode::new()?;
        for key in &opened {
            sqlx::query(
                "update person_key set code_wrap = $3 where person_id = $1 and generation = $2",
            )
            .bind(person.to_string())
            .bind(key.generation)
            .bind(key.wrap_by_code(fresh.bytes())?)
            .execute(&mut *tx)
            .await?;
        }
        put_password(&mut tx, person, new_password_hash).await?;
        end_links(&mut tx, person).await?;
        end_sign_ins(&mut tx, person).await?;
        audit::write(&mut tx, at, Some(person), "recovered_with_code", Some(person), "").await?;
        tx.commit().await?;
        self.drop_key(person);
        self.scrub().await;
        Ok(Accepted { person, recovery_code: fresh })
    }
}

async fn insert_link(
    tx: &mut Tx,
    kind: LinkKind,
    person: Option<PersonId>,
    at: Instant,
    ttl_ms: i64,
) -> Result<Token, StoreError> {
    let token = Token::new()?;
    sqlx::query(
        "delete from link where expires_at_ms <= $1 or person_id = $2 \
         or (kind = 'first_admin' and $3 = 'first_admin')",
    )
    .bind(at.0)
    .bind(person.map(|id| id.to_string()))
    .bind(kind.as_str())
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "insert into link (token_hash, kind, person_id, made_at_ms, expires_at_ms) \
         values ($1, $2, $3, $4, $5)",
    )
    .bind(token.hash())
    .bind(kind.as_str())
    .bind(person.map(|id| id.to_string()))
    .bind(at.0)
    .bind(at.plus_ms(ttl_ms).0)
    .execute(&mut **tx)
    .await?;
    Ok(token)
}

/// Uses a link up: of two who come at once, one gets it.
async fn take_link(
    tx: &mut Tx,
    token: &Token,
    at: Instant,
) -> Result<(LinkKind, Option<PersonId>), StoreError> {
    let rows = sqlx::query(
        "delete from link where token_hash = $1 and expires_at_ms > $2 returning kind, person_id",
    )
    .bind(token.hash())
    .bind(at.0)
    .fetch_all(&mut **tx)
    .await?;
    read_link(rows.first().ok_or(StoreError::NotFound)?)
}

fn read_link(row: &sqlx::any::AnyRow) -> Result<(LinkKind, Option<PersonId>), StoreError> {
    let kind: String = row.try_get("kind")?;
    let kind = LinkKind::parse(&kind)
        .ok_or_else(|| StoreError::corrupt("a link", format!("the kind `{kind}`")))?;
    Ok((kind, read_id(row.try_get("person_id")?)?))
}

async fn put_password(tx: &mut Tx, person: PersonId, hash: &str) -> Result<(), StoreError> {
    sqlx::query("update person set password_hash = $2 where id = $1")
        .bind(person.to_string())
        .bind(hash)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// The first admin's link works only while no admin can sign in.
async fn no_admin_yet(tx: &mut Tx) -> Result<(), StoreError> {
    let n: i64 = sqlx::query(
        "select count(*) from person where role = 'admin' and deactivated_at_ms is null \
         and password_hash is not null",
    )
    .fetch_one(&mut **tx)
    .await?
    .try_get(0)?;
    if n == 0 {
        return Ok(());
    }
    Err(StoreError::refused(
        "there is an admin already",
        "ask them for an invitation; if the only admin has lost the password, start a reset for them",
    ))
}
