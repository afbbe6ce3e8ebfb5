//! Who is in front of the page: the visitor of a request, and the extractors that handlers ask with.
//!
//! Not passwords (`pages::sign_in`). `serve` finds the visitor once; the extractors only look at it.

use std::fmt::Write as _;
use std::ops::Deref;
use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use sha2::{Digest, Sha256};
use store::{Role, Token};
use talk::PersonId;

use crate::problem::Problem;
use crate::security::{self, Cookie, Via};
use crate::site::{Notice, Shared, Shell, Site, Who};

/// Characters of the cookie for forms before a sign-in: 128 bits as hex.
const FORM_COOKIE_CHARS: usize = 32;

/// Whoever sent a request.
#[derive(Clone, Debug)]
pub struct Visitor {
    pub signed_in: Option<SignedIn>,
    /// What a form of this visitor must carry.
    pub csrf: String,
    pub via: Via,
    /// A form cookie to give, when there was none that fits.
    fresh_form: Option<String>,
    /// The sign-in cookie is broken or ended: take it away.
    clear_sign_in: bool,
}

impl Visitor {
    /// Nobody we know.
    #[must_use]
    pub fn nobody(via: Via) -> Self {
        Self { signed_in: None, csrf: String::new(), via, fresh_form: None, clear_sign_in: false }
    }

    /// Reads the cookies. A broken one counts as none.
    ///
    /// # Errors
    /// When the store cannot answer.
    pub async fn of(site: &Site, headers: &HeaderMap, via: Via) -> Result<Self, Problem> {
        let sent = Cookie::SignIn.read(&site.config, headers);
        let token = sent.as_deref().and_then(Token::parse);
        let found = match token {
            Some(token) => site.store.who(&token, site.now()).await?,
            None => None,
        };
        if let Some(found) = found {
            let csrf = found.csrf.clone();
            let signed_in = Some(SignedIn(Arc::new(found)));
            return Ok(Self { signed_in, csrf, ..Self::nobody(via) });
        }
        let fits = |value: &String| {
            value.len() == FORM_COOKIE_CHARS && value.bytes().all(|b| b.is_ascii_hexdigit())
        };
        let kept = Cookie::Form.read(&site.config, headers).filter(fits);
        let value = kept.clone().unwrap_or_else(|| site.nonce());
        Ok(Self {
            csrf: form_csrf(&value),
            fresh_form: kept.is_none().then_some(value),
            clear_sign_in: Cookie::SignIn.is_there(&site.config, headers),
            ..Self::nobody(via)
        })
    }

    /// Gives and takes away cookies. A page that browsers may keep gets none.
    pub fn cookies(&self, site: &Site, public: bool, headers: &mut HeaderMap) {
        if headers.contains_key(axum::http::header::SET_COOKIE) || public {
            return;
        }
        if self.clear_sign_in {
            Cookie::SignIn.clear(&site.config, headers);
        }
        if let Some(value) = &self.fresh_form {
            security::keep_form(&site.config, value, headers);
        }
    }

    /// The frame of a page for this visitor.
    #[must_use]
    pub fn shell(&self, site: &Site, path: &str) -> Shell {
        let public = Shell::public(site, "", path);
        Shell {
            csrf: self.csrf.clone(),
            once: site.nonce(),
            notice: self.signed_in.as_ref().and_then(SignedIn::notice),
            signed_in: self.signed_in.as_ref().map(SignedIn::face),
            ..public
        }
    }
}

/// The token of a form before a sign-in: found from the cookie, which scripts and other sites cannot read.
fn form_csrf(cookie: &str) -> String {
    let digest = Sha256::digest(format!("evenkeel form {cookie}"));
    digest.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Somebody who is signed in. As an argument of a handler it sends everybody else to the sign-in page.
#[derive(Clone, Debug)]
pub struct SignedIn(Arc<store::SignedIn>);

impl Deref for SignedIn {
    type Target = store::SignedIn;
    fn deref(&self) -> &store::SignedIn {
        &self.0
    }
}

impl SignedIn {
    #[must_use]
    pub fn new(found: store::SignedIn) -> Self {
        Self(Arc::new(found))
    }
    #[must_use]
    pub fn id(&self) -> PersonId {
        self.person.id
    }

    fn face(&self) -> Who {
        Who {
            name: self.person.name.clone(),
            login: self.person.login.clone(),
            role: self.person.role,
            is_admin: self.person.role == Role::Admin,
            is_reviewer: reviews(self.person.role),
            csrf: self.csrf.clone(),
        }
    }

    fn notice(&self) -> Option<Notice> {
        let reset = self.person.reset.as_ref()?;
        Some(Notice::new(reset, self.person.n_locked_keys > 0))
    }

    /// The frame of the first page after a sign-in has just been made.
    #[must_use]
    pub fn shell(&self, site: &Site, path: &str) -> Shell {
        let visitor = Visitor {
            csrf: self.csrf.clone(),
            signed_in: Some(self.clone()),
            ..Visitor::nobody(Via { address: std::net::Ipv4Addr::UNSPECIFIED.into(), https: false })
        };
        visitor.shell(site, path)
    }
}

fn visitor(parts: &Parts) -> Result<&Visitor, Problem> {
    // `serve` puts it there before any handler runs.
    parts.extensions.get::<Visitor>().ok_or(Problem::Fault)
}

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        visitor(parts)?.signed_in.clone().ok_or(Problem::SignInFirst)
    }
}

impl OptionalFromRequestParts<Shared> for SignedIn {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Option<Self>, Problem> {
        Ok(visitor(parts)?.signed_in.clone())
    }
}

/// Somebody signed in, or nobody.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

impl FromRequestParts<Shared> for MaybeSignedIn {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        Ok(Self(visitor(parts)?.signed_in.clone()))
    }
}

/// Somebody who looks after the accounts. They see accounts, never practice.
#[derive(Clone, Debug)]
pub struct Admin(pub SignedIn);

impl FromRequestParts<Shared> for Admin {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let signed_in = visitor(parts)?.signed_in.clone().ok_or(Problem::SignInFirst)?;
        if signed_in.person.role == Role::Admin {
            return Ok(Self(signed_in));
        }
        Err(Problem::Forbidden {
            what: "This page is for admins.".to_owned(),
            remedy: "Ask an admin of this site if you need something changed.".to_owned(),
        })
    }
}

/// Somebody who may look at what people gave away: trainers and leads.
#[derive(Clone, Debug)]
pub struct Reviewer(pub SignedIn);

impl FromRequestParts<Shared> for Reviewer {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        let signed_in = visitor(parts)?.signed_in.clone().ok_or(Problem::SignInFirst)?;
        if reviews(signed_in.person.role) {
            return Ok(Self(signed_in));
        }
        Err(Problem::Forbidden {
            what: "This page is for trainers and leads.".to_owned(),
            remedy: "Ask an admin of this site for that role if you need it.".to_owned(),
        })
    }
}

fn reviews(role: Role) -> bool {
    matches!(role, Role::Trainer | Role::Lead)
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Problem> {
        visitor(parts).cloned()
    }
}

impl FromRequestParts<Shared> for Shell {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, site: &Shared) -> Result<Self, Problem> {
        Ok(visitor(parts)?.shell(site, parts.uri.path()))
    }
}
