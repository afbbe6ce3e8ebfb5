//! Every address of the site as a type: its pattern for the router, and its text for links and redirects.
//!
//! Not the handlers: those are in `pages` and `live`. A template writes `{{ crate::routes::Person(id) }}`.

use std::fmt;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use talk::{CallId, PersonId};

use crate::problem::Problem;
use crate::site::Shared;

macro_rules! routes {
    ($( $(#[$doc:meta])* $name:ident $(($arg:ty))? = $pattern:literal; )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug)]
            pub struct $name $((pub $arg))?;

            impl $name {
                /// What the router matches.
                pub const PATTERN: &'static str = $pattern;

                /// The address as text.
                #[must_use]
                pub fn path(&self) -> String {
                    self.to_string()
                }
            }

            impl fmt::Display for $name {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    routes!(@write self f $pattern $($arg)?)
                }
            }
        )*

        /// All patterns, for tests that walk the whole site.
        pub const ALL: &[&str] = &[$($pattern),*];
    };
    (@write $self:ident $f:ident $pattern:literal) => { $f.write_str($pattern) };
    (@write $self:ident $f:ident $pattern:literal $arg:ty) => { fill($f, $pattern, &$self.0) };
}

routes! {
    Home = "/";
    /// The demonstration's door: who to come in as.
    Demo(String) = "/demo/{secret}";
    /// A scenario before the call: what it holds, and the way out.
    Brief(String) = "/scenarios/{scenario}";
    /// Every code in plain words, to read before practice.
    Rubric = "/rubric";
    /// Starts a call of the scenario.
    Start(String) = "/scenarios/{scenario}/start";
    Call(CallId) = "/calls/{call}";
    /// One turn as a form, for browsers without script.
    Say(CallId) = "/calls/{call}/say";
    EndCall(CallId) = "/calls/{call}/end";
    /// Stops practising: nothing is scored.
    Stop(CallId) = "/calls/{call}/stop";
    /// The live call over a web socket.
    Socket(CallId) = "/calls/{call}/live";
    Debrief(CallId) = "/calls/{call}/debrief";
    Disagree(CallId) = "/calls/{call}/disagree";
    /// The owner gives one disputed item away, or takes it back.
    Donate(CallId) = "/calls/{call}/donate";
    Rewind(CallId) = "/calls/{call}/rewind";
    /// A rewound call beside the one it was taken from.
    Futures(CallId) = "/calls/{call}/futures";
    ForgetCall(CallId) = "/calls/{call}/forget";

    SignIn = "/sign-in";
    SignOut = "/sign-out";
    Recover = "/recover";
    /// An invitation, a reset or the first admin's link.
    Link(String) = "/link/{token}";
    /// The owner says that the recovery code is written down.
    CodeKept = "/code-kept";

    Account = "/account";
    ChangePassword = "/account/password";
    Unlock = "/account/unlock";
    RevokeSignIn = "/account/sign-ins/revoke";
    RevokeOthers = "/account/sign-ins/revoke-others";
    DismissReset = "/account/notice";

    /// Items that people gave, for reviewers.
    Donations = "/donations";
    DonationsFile = "/donations/file";
    JudgeDonation(String) = "/donations/item/{item}/verdict";

    People = "/people";
    AddPerson = "/people/add";
    ImportPeople = "/people/import";
    ConfirmImport = "/people/import/confirm";
    /// Invitation links as CSV, once.
    LinksFile(String) = "/people/links/{handout}";
    Audit = "/people/audit";
    Person(PersonId) = "/people/person/{person}";
    SetRole(PersonId) = "/people/person/{person}/role";
    Invite(PersonId) = "/people/person/{person}/invite";
    Deactivate(PersonId) = "/people/person/{person}/deactivate";
    Reactivate(PersonId) = "/people/person/{person}/reactivate";
    Reset(PersonId) = "/people/person/{person}/reset";

    Help = "/help";
    Privacy = "/privacy";
    Offline = "/offline";
    /// The service worker: at the root, so that it may answer for the whole site.
    Worker = "/offline.js";
    Health = "/healthz";
    Asset(String) = "/assets/{name}";
}

/// Writes the pattern with its one `{…}` filled in, percent-encoded.
fn fill(f: &mut fmt::Formatter<'_>, pattern: &str, value: &dyn fmt::Display) -> fmt::Result {
    let (before, rest) = pattern.split_once('{').unwrap_or((pattern, ""));
    let (_, after) = rest.split_once('}').unwrap_or(("", ""));
    f.write_str(before)?;
    for byte in value.to_string().bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            write!(f, "{}", char::from(byte))?;
        } else {
            write!(f, "%{byte:02X}")?;
        }
    }
    f.write_str(after)
}

/// The one variable part of a path, read as `T`. What cannot be read does not exist: 404.
pub struct Part<T>(pub T);

impl<T: FromStr + Send> FromRequestParts<Shared> for Part<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Problem> {
        let Path(text) =
            Path::<String>::from_request_parts(parts, site).await.map_err(|_| Problem::NotFound)?;
        text.parse().map(Part).map_err(|_| Problem::NotFound)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_its_pattern_with_the_part_filled_in() {
        let person = PersonId::from_random([1; 16]);
        assert_eq!(SetRole(person).path(), format!("/people/person/{person}/role"));
        assert_eq!(Link("a/b ?".to_owned()).path(), "/link/a%2Fb%20%3F");
        assert_eq!(Home.path(), "/");
    }

    #[test]
    fn no_two_routes_share_a_pattern() {
        let mut all = ALL.to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), ALL.len());
    }
}
