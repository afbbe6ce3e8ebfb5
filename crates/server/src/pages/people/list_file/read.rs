//! Reading a list of people from CSV text: everybody it names, and every fault with its row, column and value.
//!
//! Knows no HTTP and no store: the logins that exist are handed in. The store has the last word.

use std::collections::HashMap;

use store::{LOGIN_CHARS_MAX, NAME_CHARS_MAX, NewPerson, Role};

/// Bytes of a file of people.
pub(super) const LIST_CSV_BYTES_MAX: usize = 256 * 1024;
/// People in one file.
pub(super) const LIST_ROWS_MAX: usize = 2_000;
/// Faults shown. More of them say the same.
const FAULTS_MAX: usize = 100;
/// Characters of a wrong value that are shown.
const VALUE_CHARS_MAX: usize = 80;
const COLUMNS: [&str; 3] = ["login", "name", "role"];

/// One thing wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The row as a spreadsheet counts it: the heading is row 1.
    pub(super) row: u64,
    pub(super) column: &'static str,
    pub(super) value: String,
    pub(super) what: String,
    pub(super) remedy: String,
}

/// What the file holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) people: Vec<NewPerson>,
    pub(super) faults: Vec<Fault>,
}

impl Read {
    fn fault(&mut self, row: u64, column: &'static str, value: &str, what: &str, remedy: &str) {
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(Fault {
                row,
                column,
                value: value.chars().take(VALUE_CHARS_MAX).collect(),
                what: what.to_owned(),
                remedy: remedy.to_owned(),
            });
        }
    }
}

/// Reads all rows. When there is one fault, nobody is to be added.
pub(super) fn people(text: &str, known: &[String]) -> Read {
    let mut read = Read::default();
    let text = text.trim_start_matches('\u{feff}');
    let heading = text.lines().next().unwrap_or("");
    // Spreadsheets in much of Europe write semicolons; a paste from one brings tabs.
    let delimiter =
        [b',', b';', b'\t'].into_iter().max_by_key(|d| heading.bytes().filter(|b| b == d).count());
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = reader.records();
    let Some(Ok(heading)) = rows.next() else {
        read.fault(1, "", "", "The file has no rows.", "Start it with: login,name,role");
        return read;
    };
    let places =
        COLUMNS.map(|column| heading.iter().position(|cell| cell.eq_ignore_ascii_case(column)));
    for (column, place) in COLUMNS.into_iter().zip(places) {
        if place.is_none() {
            let cells = heading.iter().collect::<Vec<_>>().join(", ");
            read.fault(
                1,
                column,
                &cells,
                "The heading does not name this column.",
                "Let row 1 be: login,name,role",
            );
        }
    }
    let [Some(login), Some(name), Some(role)] = places else { return read };
    let mut seen: HashMap<String, u64> = HashMap::new();
    for (index, record) in rows.enumerate() {
        let counted = u64::try_from(index).unwrap_or(u64::MAX).saturating_add(2);
        let Ok(record) = record else {
            read.fault(
                counted,
                "",
                "",
                "This row could not be read.",
                "Look for a quotation mark that is not closed.",
            );
            continue;
        };
        let row = record.position().map_or(counted, csv::Position::line);
        if record.iter().all(str::is_empty) {
            continue;
        }
        let [login, name, role] = [login, name, role].map(|place| record.get(place).unwrap_or(""));
        if let Some(new) = person(&mut read, row, login, name, role, known, &mut seen) {
            read.people.push(new);
        }
        if read.people.len() > LIST_ROWS_MAX {
            let what = format!("There are more than {LIST_ROWS_MAX} people in this file.");
            read.fault(row, "", "", &what, "Split it into several files.");
            break;
        }
    }
    if read.people.is_empty() && read.faults.is_empty() {
        read.fault(2, "", "", "The file names nobody.", "Write one row for each person.");
    }
    read
}

fn person(
    read: &mut Read,
    row: u64,
    login: &str,
    name: &str,
    role_text: &str,
    known: &[String],
    seen: &mut HashMap<String, u64>,
) -> Option<NewPerson> {
    let n_before = read.faults.len();
    for (column, value, max) in [("login", login, LOGIN_CHARS_MAX), ("name", name, NAME_CHARS_MAX)]
    {
        if value.is_empty() {
            read.fault(row, column, "", "This is empty.", "Fill it in, or take the row out.");
        } else if value.chars().count() > max {
            read.fault(
                row,
                column,
                value,
                &format!("This is longer than {max} characters."),
                "Shorten it.",
            );
        } else if value.chars().any(char::is_control) {
            read.fault(
                row,
                column,
                value,
                "This holds a line break or a control character.",
                "Type it by hand.",
            );
        }
    }
    let role = Role::parse(&role_text.to_lowercase());
    if role.is_none() {
        read.fault(
            row,
            "role",
            role_text,
            "There is no such role.",
            "Write agent, trainer, lead or admin.",
        );
    }
    let folded = login.to_lowercase();
    if !login.is_empty() && known.iter().any(|other| other.to_lowercase() == folded) {
        read.fault(
            row,
            "login",
            login,
            "Somebody here has this login already.",
            "Take the row out, or choose another login.",
        );
    }
    if let Some(first) = seen.get(&folded).filter(|_| !login.is_empty()) {
        let what = format!("Row {first} has the same login.");
        read.fault(row, "login", login, &what, "Give each person a login of their own.");
    } else {
        seen.insert(folded, row);
    }
    let role = role?;
    (read.faults.len() == n_before).then(|| NewPerson {
        login: login.to_owned(),
        name: name.to_owned(),
        role,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_row_column_and_value() {
        let text = "login,name,role\nsam,Sam,agent\nSAM,Sam Two,agent\n,No Login,agent\nbob,Bob,boss\nann,Ann,lead\n";
        let read = people(text, &["Ann".to_owned()]);
        let told: Vec<_> =
            read.faults.iter().map(|f| (f.row, f.column, f.value.as_str())).collect();
        assert_eq!(
            told,
            [(3, "login", "SAM"), (4, "login", ""), (5, "role", "boss"), (6, "login", "ann")]
        );
        assert_eq!(read.people.len(), 1);
    }

    #[test]
    fn spreadsheets_of_all_kinds_are_read() {
        for text in [
            "\u{feff}Login;Name;Role\r\nsam;\"Okafor; Sam\";Agent\r\n",
            "role\tlogin\tname\nagent\tsam\tOkafor; Sam\n",
            "login , name,role,extra\n sam ,\"Okafor; Sam\" , agent,x\n\n,,,\n",
        ] {
            let read = people(text, &[]);
            assert_eq!(read.faults, [], "{text}");
            assert_eq!(
                (read.people[0].login.as_str(), read.people[0].name.as_str()),
                ("sam", "Okafor; Sam")
            );
        }
    }

    #[test]
    fn an_empty_or_headless_file_says_what_it_needs() {
        assert_eq!(people("", &[]).faults[0].row, 1);
        assert_eq!(people("sam,Sam,agent\n", &[]).faults.len(), 3);
        assert_eq!(people("login,name,role\n", &[]).faults[0].what, "The file names nobody.");
        let many = format!(
            "login,name,role\n{}",
            (0..2500).fold(String::new(), |t, n| t + &format!("p{n},P,agent\n"))
        );
        assert_eq!(people(&many, &[]).faults.len(), 1);
    }
}
