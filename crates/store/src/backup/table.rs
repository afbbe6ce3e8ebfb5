//! The tables of a backup, as data: their columns, and a row's way from the database to a line and back.
//!
//! A column that a migration adds is added here, too; a test holds the lists together.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::query::Query;
use sqlx::{Any, Row};

use crate::error::StoreError;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Text,
    Int,
    Blob,
}

/// One value of a row; empty where the column is null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Text(Option<String>),
    Int(Option<i64>),
    Blob(Option<Vec<u8>>),
}

impl Cell {
    pub(super) fn bind<'q>(
        &self,
        query: Query<'q, Any, AnyArguments>,
    ) -> Query<'q, Any, AnyArguments> {
        match self {
            Cell::Text(value) => query.bind(value.clone()),
            Cell::Int(value) => query.bind(*value),
            Cell::Blob(value) => query.bind(value.clone()),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Cell::Text(value) => Value::from(value.clone()),
            Cell::Int(value) => Value::from(*value),
            Cell::Blob(value) => Value::from(value.as_ref().map(|bytes| STANDARD.encode(bytes))),
        }
    }

    fn from_json(holds: Holds, value: &Value) -> Result<Self, String> {
        let wrong = || format!("`{value}` is not what the column holds");
        Ok(match holds {
            Holds::Text if value.is_null() => Cell::Text(None),
            Holds::Int if value.is_null() => Cell::Int(None),
            Holds::Blob if value.is_null() => Cell::Blob(None),
            Holds::Text => Cell::Text(Some(value.as_str().ok_or_else(wrong)?.to_owned())),
            Holds::Int => Cell::Int(Some(value.as_i64().ok_or_else(wrong)?)),
            Holds::Blob => {
                let bytes = STANDARD.decode(value.as_str().ok_or_else(wrong)?);
                Cell::Blob(Some(bytes.map_err(|error| error.to_string())?))
            }
        })
    }
}

/// One table. Its first `n_key` columns are its primary key.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [(&'static str, Holds)],
    pub(super) n_key: usize,
}

use Holds::{Blob, Int, Text};

/// In the order in which they can be loaded.
pub(super) const TABLES: &[Table] = &[
    Table { name: "setting", n_key: 1, columns: &[("key", Text), ("value", Text)] },
    Table {
        name: "person",
        n_key: 1,
        columns: &[
            ("id", Text),
            ("login", Text),
            ("login_key", Text),
            ("name", Text),
            ("role", Text),
            ("created_at_ms", Int),
            ("deactivated_at_ms", Int),
            ("password_hash", Text),
            ("reset_at_ms", Int),
            ("reset_by_name", Text),
        ],
    },
    Table {
        name: "call",
        n_key: 1,
        columns: &[
            ("id", Text),
            ("owner_id", Text),
            ("next_seq", Int),
            ("ended_seq", Int),
            ("opened_at_ms", Int),
            ("last_at_ms", Int),
        ],
    },
    Table {
        name: "event",
        n_key: 2,
        columns: &[
            ("call_id", Text),
            ("seq", Int),
            ("generation", Int),
            ("at_ms", Int),
            ("payload", Blob),
        ],
    },
    Table {
        name: "audit",
        n_key: 1,
        columns: &[
            ("id", Text),
            ("at_ms", Int),
            ("actor_id", Text),
            ("action", Text),
            ("subject_id", Text),
            ("detail", Text),
        ],
    },
];

/// The wrapped keys: in the keyring, never in the folder.
pub(super) const KEYS: Table = Table {
    name: "person_key",
    n_key: 2,
    columns: &[
        ("person_id", Text),
        ("generation", Int),
        ("master_wrap", Blob),
        ("code_wrap", Blob),
        ("newer_wrap", Blob),
        ("newer_generation", Int),
    ],
};

impl Table {
    fn names(&self, n: usize) -> String {
        let names: Vec<&str> = self.columns[..n].iter().map(|(name, _)| *name).collect();
        names.join(", ")
    }

    fn places(n: usize) -> String {
        (1..=n).map(|n| format!("${n}")).collect::<Vec<_>>().join(", ")
    }

    /// A page of rows in the order of the key; `after` a key when that is bound first.
    pub(super) fn select(&self, after: bool) -> String {
        let (columns, key) = (self.names(self.columns.len()), self.names(self.n_key));
        let name = self.name;
        if after {
            let (places, limit) = (Self::places(self.n_key), self.n_key + 1);
            return format!(
                "select {columns} from {name} where ({key}) > ({places}) order by {key} limit ${limit}"
            );
        }
        format!("select {columns} from {name} order by {key} limit $1")
    }

    pub(super) fn insert(&self) -> String {
        let n = self.columns.len();
        format!("insert into {} ({}) values ({})", self.name, self.names(n), Self::places(n))
    }

    pub(super) fn read(&self, row: &AnyRow) -> Result<Vec<Cell>, StoreError> {
        let cell = |(place, (_, holds)): (usize, &(&str, Holds))| {
            Ok(match holds {
                Text => Cell::Text(row.try_get(place)?),
                Int => Cell::Int(row.try_get(place)?),
                Blob => Cell::Blob(row.try_get(place)?),
            })
        };
        self.columns.iter().enumerate().map(cell).collect()
    }

    pub(super) fn to_line(&self, cells: &[Cell]) -> String {
        let pairs = self.columns.iter().zip(cells);
        let object: Map<String, Value> =
            pairs.map(|((name, _), cell)| ((*name).to_owned(), cell.to_json())).collect();
        Value::Object(object).to_string()
    }

    pub(super) fn parse_line(&self, line: &str) -> Result<Vec<Cell>, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let object = value.as_object().ok_or("it is not an object")?;
        if object.len() != self.columns.len() {
            return Err(format!("it has {} columns, not {}", object.len(), self.columns.len()));
        }
        let cell = |(name, holds): &(&str, Holds)| {
            let value = object.get(*name).ok_or_else(|| format!("it lacks `{name}`"))?;
            Cell::from_json(*holds, value).map_err(|what| format!("{name}: {what}"))
        };
        self.columns.iter().map(cell).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_the_schema_is_in_a_backup_unless_it_is_left_out_on_purpose() {
        let schema = concat!(
            include_str!("../../migrations/0001_start.sql"),
            "\n",
            include_str!("../../migrations/0002_donation.sql")
        );
        let left_out = ["link", "sign_in", "donation"];
        for block in schema.split("create table ").skip(1) {
            let (name, body) = block.split_once(" (").unwrap();
            if left_out.contains(&name) {
                continue;
            }
            let table = TABLES.iter().chain([&KEYS]).find(|table| table.name == name).unwrap();
            let body = body.split("\n);").next().unwrap();
            let columns: Vec<&str> = body
                .lines()
                .filter_map(|line| line.split_whitespace().next())
                .filter(|word| *word != "primary" && *word != "--")
                .collect();
            let known: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
            assert_eq!(columns, known, "{name}");
        }
    }

    #[test]
    fn a_row_survives_its_line() {
        let table = &TABLES[3];
        let cells = vec![
            Cell::Text(Some("a \"b\" \u{1f44b}\n".to_owned())),
            Cell::Int(Some(i64::MIN)),
            Cell::Int(Some(i64::MAX)),
            Cell::Int(None),
            Cell::Blob(Some(vec![0, 255, 10])),
        ];
        let line = table.to_line(&cells);
        assert!(!line.contains('\n'));
        assert_eq!(table.parse_line(&line).unwrap(), cells);
        assert!(table.parse_line("{}").is_err());
        assert!(table.parse_line(&line.replace("seq", "sec")).is_err());
    }
}
