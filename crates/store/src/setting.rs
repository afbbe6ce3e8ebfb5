//! Small settings of the whole installation, as key and value. Nothing of a person belongs here.
//!
//! Keys that begin with `store.` are the store's own.

use sqlx::Row;

use crate::error::StoreError;
use crate::store::Store;

const SETTING_CHARS_MAX: usize = 10_000;

impl Store {
    pub async fn setting(&self, key: &str) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select value from setting where key = $1")
            .bind(key)
            .fetch_optional(&self.pools().read)
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), StoreError> {
        if key.is_empty() || key.starts_with("store.") {
            return Err(StoreError::refused(
                format!("the setting `{key}` is not yours to set"),
                "choose another key",
            ));
        }
        let long = key.chars().count() + value.chars().count() > SETTING_CHARS_MAX;
        if long || key.contains('\0') || value.contains('\0') {
            return Err(StoreError::refused(
                format!("the setting `{}` is too long or holds a zero byte", key.escape_default()),
                format!("keep it below {SETTING_CHARS_MAX} characters"),
            ));
        }
        let mut tx = self.begin().await?;
        sqlx::query(
            "insert into setting (key, value) values ($1, $2) \
             on conflict (key) do update set value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }
}
