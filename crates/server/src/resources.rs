//! Crisis resources of one place: data, read from `content/resources/*.toml` or the site's own file.
//!
//! Not advice, and never behind a sign-in. Every page shows them through `Shell`.

use serde::Deserialize;

use crate::config::Fault;

/// Resources in one file.
const RESOURCES_MAX: usize = 40;
/// Characters of one field.
const FIELD_CHARS_MAX: usize = 300;

const SHIPPED: [(&str, &str); 3] = [
    ("us", include_str!("../../../content/resources/us.toml")),
    ("uk", include_str!("../../../content/resources/uk.toml")),
    ("ca", include_str!("../../../content/resources/ca.toml")),
];

/// Somebody to turn to.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    pub id: String,
    pub name: String,
    /// Whom it is for.
    #[serde(rename = "for")]
    pub for_whom: String,
    /// A number, perhaps with words after it; empty when there is none.
    pub call: String,
    pub text: String,
    pub url: String,
    pub hours: String,
    pub languages: Vec<String>,
    pub source: String,
    pub checked: String,
    pub checked_by: String,
}

impl Resource {
    /// `tel:988`, when the number to call starts with one.
    #[must_use]
    pub fn tel(&self) -> Option<String> {
        number_at_start(&self.call).map(|number| format!("tel:{number}"))
    }

    /// `sms:741741`, from "988" or "HOME to 741741".
    #[must_use]
    pub fn sms(&self) -> Option<String> {
        let number = self.text.rsplit(" to ").next().unwrap_or(&self.text);
        number_at_start(number).map(|number| format!("sms:{number}"))
    }

    #[must_use]
    pub fn languages(&self) -> String {
        self.languages.join(", ")
    }
}

fn number_at_start(text: &str) -> Option<String> {
    let of_a_number = |c: &char| c.is_ascii_digit() || "+- ".contains(*c);
    let digits: String =
        text.trim().chars().take_while(of_a_number).filter(|c| !" -".contains(*c)).collect();
    (!digits.is_empty()).then_some(digits)
}

/// All resources of a place, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resources {
    pub setting: String,
    pub list: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    resources: Head,
    resource: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    version: u32,
    setting: String,
}

impl Resources {
    /// Reads a file of resources.
    ///
    /// # Errors
    /// With a fault that says where and what to do.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let fault = |what: String, remedy: &str| Fault {
            place: "resources",
            what,
            remedy: remedy.to_owned(),
        };
        let file: File = toml::from_str(text).map_err(|error| {
            fault(error.to_string().trim().to_owned(), "compare it with content/resources/us.toml")
        })?;
        if file.resources.version != 1 {
            let what = format!("version {} is unknown", file.resources.version);
            return Err(fault(what, "write version = 1"));
        }
        if file.resource.is_empty() || file.resource.len() > RESOURCES_MAX {
            let what = format!("{} resources", file.resource.len());
            return Err(fault(what, "name at least one and at most 40"));
        }
        for resource in &file.resource {
            let fields = [
                &resource.id,
                &resource.name,
                &resource.for_whom,
                &resource.call,
                &resource.text,
                &resource.url,
            ];
            if fields.iter().any(|field| field.chars().count() > FIELD_CHARS_MAX) {
                return Err(fault(
                    format!("`{}` has a field over 300 characters", resource.id),
                    "shorten it",
                ));
            }
            if resource.call.is_empty() && resource.text.is_empty() && resource.url.is_empty() {
                return Err(fault(
                    format!("`{}` has no way in", resource.id),
                    "give call, text or url",
                ));
            }
            if !(resource.url.is_empty() || resource.url.starts_with("https://")) {
                return Err(fault(
                    format!("the url of `{}` is not https", resource.id),
                    "write https://…",
                ));
            }
        }
        Ok(Self { setting: file.resources.setting, list: file.resource })
    }

    /// The resources that ship with the binary for a place.
    ///
    /// # Errors
    /// When none ship for it.
    pub fn shipped(place: &str) -> Result<Self, Fault> {
        let found = SHIPPED.iter().find(|(name, _)| *name == place);
        let (_, text) = found.ok_or_else(|| Fault {
            place: "place",
            what: format!("no resources ship for `{place}`"),
            remedy: "choose us, uk or ca, or give a resources file of your own".to_owned(),
        })?;
        Self::parse(text)
    }

    /// The one line to say when there is room for one: the first service that is there to talk.
    #[must_use]
    pub fn headline(&self) -> String {
        let talk = self.list.iter().find(|resource| resource.id != "emergency");
        let Some(first) = talk.or(self.list.first()) else { return String::new() };
        if first.call == first.text && !first.call.is_empty() {
            format!("Call or text {}", first.call)
        } else if first.call.is_empty() {
            format!("Text {}", first.text)
        } else {
            format!("Call {}", first.call)
        }
    }

    /// For tests of templates.
    #[must_use]
    pub fn sample() -> Self {
        Self::shipped("us").unwrap_or(Self { setting: "us".to_owned(), list: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shipped_resources_read_and_have_a_headline() {
        let headlines: Vec<_> = SHIPPED
            .iter()
            .map(|(place, _)| Resources::shipped(place).unwrap().headline())
            .collect();
        assert_eq!(headlines, ["Call or text 988", "Call 116 123", "Call or text 988"]);
    }

    #[test]
    fn numbers_become_links() {
        let us = Resources::shipped("us").unwrap();
        let by_id = |id: &str| us.list.iter().find(|resource| resource.id == id).unwrap();
        assert_eq!(by_id("veterans").tel().as_deref(), Some("tel:988"));
        assert_eq!(by_id("crisis-text-line").tel(), None);
        assert_eq!(by_id("crisis-text-line").sms().as_deref(), Some("sms:741741"));
        assert_eq!(by_id("trevor").tel().as_deref(), Some("tel:18664887386"));
    }

    #[test]
    fn a_broken_file_says_where() {
        assert!(Resources::parse("resource = 3").unwrap_err().what.contains("line 1"));
        assert!(Resources::shipped("mars").is_err());
    }
}
