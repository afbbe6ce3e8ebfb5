//! People: who has an account, in which role, and whether it is active.
//!
//! Not how they prove who they are: see `link` (invitations, resets, recovery) and `sign_in`.

use sqlx::any::AnyRow;
use sqlx::{Any, Executor, Row};
use talk::{Instant, PersonId};
use unicode_normalization::UnicodeNormalization;

use crate::audit;
use crate::error::StoreError;
use crate::seal::random;
use crate::store::{Store, Tx};

/// Unicode scalar values in a login, and in a name.
pub const LOGIN_CHARS_MAX: usize = 100;
pub const NAME_CHARS_MAX: usize = 120;

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Agent,
    Trainer,
    Lead,
    Admin,
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Agent, Role::Trainer, Role::Lead, Role::Admin];

    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Agent => "agent",
            Role::Trainer => "trainer",
            Role::Lead => "lead",
            Role::Admin => "admin",
        }
    }
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }
}

/// Somebody to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPerson {
    pub login: String,
    pub name: String,
    pub role: Role,
}

/// A reset that the owner has not yet put away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResetNotice {
    pub at: Instant,
    pub by_name: String,
}

/// Somebody with an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    pub id: PersonId,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub created_at: Instant,
    pub deactivated_at: Option<Instant>,
    pub has_password: bool,
    pub reset: Option<ResetNotice>,
    /// Generations of this person's key that wait for a recovery code.
    pub n_locked_keys: u64,
}

/// The columns of a `Person`, ready for a `where` or an `order by`.
macro_rules! select_person {
    ($rest:literal) => {
        concat!(
            "select p.id, p.login, p.name, p.role, p.created_at_ms, p.deactivated_at_ms, ",
            "cast(case when p.password_hash is null then 0 else 1 end as bigint) as has_password, ",
            "p.reset_at_ms, p.reset_by_name, (select count(*) from person_key k ",
            "where k.person_id = p.id and k.master_wrap is null) as n_locked_keys from person p ",
            $rest
        )
    };
}

impl Store {
    /// Adds one person, without a password: they choose it by an invitation.
    pub async fn add_person(
        &self,
        new: &NewPerson,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<PersonId, StoreError> {
        let mut tx = self.begin_people().await?;
        let id = add(&mut tx, new, by, at).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Adds all of them or, when one cannot be added, none.
    pub async fn add_people(
        &self,
        new: &[NewPerson],
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<Vec<PersonId>, StoreError> {
        let mut tx = self.begin_people().await?;
        let mut ids = Vec::with_capacity(new.len());
        for new in new {
            ids.push(add(&mut tx, new, by, at).await?);
        }
        tx.commit().await?;
        Ok(ids)
    }

    pub async fn person(&self, person: PersonId) -> Result<Person, StoreError> {
        read_person(&self.pools().read, person).await
    }

    pub async fn person_by_login(&self, login: &str) -> Result<Option<Person>, StoreError> {
        let row = sqlx::query(select_person!("where p.login_key = $1"))
            .bind(login_key(login))
            .fetch_optional(&self.pools().read)
            .await?;
        row.as_ref().map(from_row).transpose()
    }

    /// Everybody, by login, with those that are deactivated.
    pub async fn people(&self) -> Result<Vec<Person>, StoreError> {
        let rows = sqlx::query(select_person!("order by p.login_key"))
            .fetch_all(&self.pools().read)
            .await?;
        rows.iter().map(from_row).collect()
    }

    pub async fn rename(
        &self,
        person: PersonId,
        name: &str,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let name = checked_name(name)?;
        let mut tx = self.begin_people().await?;
        let done = sqlx::query("update person set name = $2 where id = $1")
            .bind(person.to_string())
            .bind(name)
            .execute(&mut *tx)
            .await?;
        found(done.rows_affected())?;
        audit::write(&mut tx, at, by, "person_renamed", Some(person), "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// Changes the role; never that of the last admin who can sign in.
    pub async fn set_role(
        &self,
        person: PersonId,
        role: Role,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let was = read_person(&mut *tx, person).await?;
        if role != Role::Admin {
            keep_an_admin(&mut tx, &was).await?;
        }
        sqlx::query("update person set role = $2 where id = $1")
            .bind(person.to_string())
            .bind(role.as_str())
            .execute(&mut *tx)
            .await?;
        let detail = format!("{} to {}", was.role.as_str(), role.as_str());
        audit::write(&mut tx, at, by, "role_changed", Some(person), &detail).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Closes an account: its sign-ins and links end now. Its practice stays, sealed. Never the last admin
    /// who can sign in.
    pub async fn deactivate(
        &self,
        person: PersonId,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let was = read_person(&mut *tx, person).await?;
        if was.deactivated_at.is_some() {
            return Ok(());
        }
        keep_an_admin(&mut tx, &was).await?;
        sqlx::query("update person set deactivated_at_ms = $2 where id = $1")
            .bind(person.to_string())
            .bind(at.0)
            .execute(&mut *tx)
            .await?;
        end_sign_ins(&mut tx, person).await?;
        end_links(&mut tx, person).await?;
        audit::write(&mut tx, at, by, "person_deactivated", Some(person), "").await?;
        tx.commit().await?;
        self.drop_key(person);
        Ok(())
    }

    pub async fn reactivate(
        &self,
        person: PersonId,
        by: Option<PersonId>,
        at: Instant,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let was = read_person(&mut *tx, person).await?;
        if was.deactivated_at.is_none() {
            return Ok(());
        }
        sqlx::query("update person set deactivated_at_ms = null where id = $1")
            .bind(person.to_string())
            .execute(&mut *tx)
            .await?;
        audit::write(&mut tx, at, by, "person_reactivated", Some(person), "").await?;
        tx.commit().await?;
        Ok(())
    }

    /// The stored hash of an active person's password, for signing in.
    pub async fn password_hash(
        &self,
        login: &str,
    ) -> Result<Option<(PersonId, String)>, StoreError> {
        let row = sqlx::query(
            "select id, password_hash from person where login_key = $1 \
             and deactivated_at_ms is null and password_hash is not null",
        )
        .bind(login_key(login))
        .fetch_optional(&self.pools().read)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id = read_id(Some(row.try_get(0)?))?.ok_or(StoreError::NotFound)?;
        Ok(Some((id, row.try_get(1)?)))
    }

    /// A new password for somebody who has one. After a reset only a link or the recovery code sets it.
    pub async fn set_password(
        &self,
        person: PersonId,
        password_hash: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let done = sqlx::query(
            "update person set password_hash = $2 where id = $1 and password_hash is not null",
        )
        .bind(person.to_string())
        .bind(password_hash)
        .execute(&mut *tx)
        .await?;
        found(done.rows_affected())?;
        tx.commit().await?;
        Ok(())
    }

    /// The owner has seen that the account was reset. The audit keeps it.
    pub async fn dismiss_reset_notice(&self, person: PersonId) -> Result<(), StoreError> {
        let mut tx = self.begin_people().await?;
        let done =
            sqlx::query("update person set reset_at_ms = null, reset_by_name = null where id = $1")
                .bind(person.to_string())
                .execute(&mut *tx)
                .await?;
        found(done.rows_affected())?;
        tx.commit().await?;
        Ok(())
    }
}

pub(crate) async fn add(
    tx: &mut Tx,
    new: &NewPerson,
    by: Option<PersonId>,
    at: Instant,
) -> Result<PersonId, StoreError> {
    let login = checked_login(&new.login)?;
    let name = checked_name(&new.name)?;
    let id = PersonId::from_random(random()?);
    let done = sqlx::query(
        "insert into person (id, login, login_key, name, role, created_at_ms) \
         values ($1, $2, $3, $4, $5, $6) on conflict (login_key) do nothing",
    )
    .bind(id.to_string())
    .bind(&login)
    .bind(login_key(&login))
    .bind(name)
    .bind(new.role.as_str())
    .bind(at.0)
    .execute(&mut **tx)
    .await?;
    if done.rows_affected() == 0 {
        return Err(StoreError::Taken { login });
    }
    audit::write(tx, at, by, "person_added", Some(id), new.role.as_str()).await?;
    Ok(id)
}

pub(crate) async fn read_person<'e>(
    from: impl Executor<'e, Database = Any>,
    person: PersonId,
) -> Result<Person, StoreError> {
    let row = sqlx::query(select_person!("where p.id = $1"))
        .bind(person.to_string())
        .fetch_optional(from)
        .await?;
    from_row(&row.ok_or(StoreError::NotFound)?)
}

fn from_row(row: &AnyRow) -> Result<Person, StoreError> {
    let id: Option<String> = row.try_get("id")?;
    let role: String = row.try_get("role")?;
    let reset_at: Option<i64> = row.try_get("reset_at_ms")?;
    let by_name: Option<String> = row.try_get("reset_by_name")?;
    let n_locked: i64 = row.try_get("n_locked_keys")?;
    Ok(Person {
        id: read_id(id)?.ok_or(StoreError::NotFound)?,
        login: row.try_get("login")?,
        name: row.try_get("name")?,
        role: Role::parse(&role)
            .ok_or_else(|| StoreError::corrupt("a person", format!("the role `{role}`")))?,
        created_at: Instant(row.try_get("created_at_ms")?),
        deactivated_at: row.try_get::<Option<i64>, _>("deactivated_at_ms")?.map(Instant),
        has_password: row.try_get::<i64, _>("has_password")? == 1,
        reset: reset_at
            .map(|at| ResetNotice { at: Instant(at), by_name: by_name.unwrap_or_default() }),
        n_locked_keys: u64::try_from(n_locked).unwrap_or(0),
    })
}

pub(crate) fn read_id(text: Option<String>) -> Result<Option<PersonId>, StoreError> {
    text.map(|text| text.parse().map_err(|error| StoreError::corrupt("a person's id", error)))
        .transpose()
}

pub(crate) async fn end_sign_ins(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    sqlx::query("delete from sign_in where person_id = $1")
        .bind(person.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(crate) async fn end_links(tx: &mut Tx, person: PersonId) -> Result<(), StoreError> {
    sqlx::query("delete from link where person_id = $1")
        .bind(person.to_string())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// Refuses to lose the last admin who can sign in. Call it under `begin_people`.
pub(crate) async fn keep_an_admin(tx: &mut Tx, person: &Person) -> Result<(), StoreError> {
    if person.role != Role::Admin || person.deactivated_at.is_some() || !person.has_password {
        return Ok(());
    }
    let others: i64 = sqlx::query(
        "select count(*) from person where role = 'admin' and deactivated_at_ms is null \
         and password_hash is not null and id <> $1",
    )
    .bind(person.id.to_string())
    .fetch_one(&mut **tx)
    .await?
    .try_get(0)?;
    if others == 0 { Err(StoreError::LastAdmin) } else { Ok(()) }
}

fn found(n_rows: u64) -> Result<(), StoreError> {
    if n_rows == 0 { Err(StoreError::NotFound) } else { Ok(()) }
}

/// Logins are one when they look alike: compatibility forms, case and spaces around do not tell them apart.
pub(crate) fn login_key(login: &str) -> String {
    let folded = login.trim().nfkc().collect::<String>().to_lowercase();
    folded.nfkc().filter(|c| *c != '\0').take(LOGIN_CHARS_MAX * 4).collect()
}

fn checked_login(login: &str) -> Result<String, StoreError> {
    let login: String = login.trim().nfc().collect();
    check_text("login", &login, LOGIN_CHARS_MAX)?;
    if let Some(c) = login.chars().find(|c| is_invisible(*c) || (c.is_whitespace() && *c != ' ')) {
        return Err(StoreError::refused(
            format!("the login holds a character that cannot be seen ({})", c.escape_unicode()),
            "type it by hand, without copying",
        ));
    }
    if login.contains("  ") {
        return Err(StoreError::refused("the login holds two spaces in a row", "write one"));
    }
    Ok(login)
}

fn checked_name(name: &str) -> Result<String, StoreError> {
    let name: String = name.trim().nfc().collect();
    check_text("name", &name, NAME_CHARS_MAX)?;
    Ok(name)
}

fn check_text(what: &str, text: &str, chars_max: usize) -> Result<(), StoreError> {
    if text.is_empty() {
        return Err(StoreError::refused(format!("the {what} is empty"), "write one"));
    }
    if text.chars().count() > chars_max {
        return Err(StoreError::refused(
            format!("the {what} is longer than {chars_max} characters"),
            "shorten it",
        ));
    }
    match text.chars().find(|c| c.is_control() || turns_direction(*c)) {
        None => Ok(()),
        Some(c) => Err(StoreError::refused(
            format!("the {what} holds a control character ({})", c.escape_unicode()),
            "type it by hand, without copying",
        )),
    }
}

/// Characters that show text in another order than it stands: a name could pose as another.
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
        | '\u{115F}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{FFA0}' | '\u{2060}'..='\u{2065}' | '\u{206A}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logins_that_look_alike_are_one() {
        for (a, b) in [
            ("Ann@Example.org", "ann@example.org"),
            (" ann ", "ann"),
            ("ren\u{e9}", "rene\u{301}"),
            ("\u{ff41}nn", "ann"),
            ("\u{130}lker", "i\u{307}lker"),
            ("stra\u{df}e", "STRA\u{1e9e}E"),
        ] {
            assert_eq!(login_key(a), login_key(b), "{a} and {b}");
        }
        assert_ne!(login_key("ann"), login_key("anna"));
    }

    #[test]
    fn a_login_that_cannot_be_typed_is_refused() {
        for wrong in [
            "",
            "  ",
            "a\u{200b}nn",
            "a\tb",
            "a\0b",
            "\u{202e}nna",
            "ann  smith",
            "\u{3164}",
            "a\u{2800}",
            "\u{115f}a",
            "a\u{1160}",
            "\u{ffa0}",
            &"x".repeat(101),
        ] {
            assert!(matches!(checked_login(wrong), Err(StoreError::Refused { .. })), "{wrong:?}");
        }
        assert!(checked_login("\u{738b}\u{5c0f}\u{660e}").is_ok());
        assert!(checked_name("O\u{2019}Neill \u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}").is_ok());
    }
}
