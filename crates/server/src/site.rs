//! The site: what every handler has at hand, and what the frame of every page needs.
//!
//! Holds no rules of its own. The binary and the tests build it; `router` hands it to the handlers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use call::Stage;
use coder::Coder;
use store::{ResetNotice, Role, Store};
use talk::{Clock, Codebook, Feedback, Instant};

use crate::config::Config;
use crate::live;
use crate::pages::people::Handouts;
use crate::password::Hasher;
use crate::rate::Limits;
use crate::resources::Resources;
use crate::security::Once;

/// What the site plays and says: data that ships with the binary or lies in the data folder.
pub struct Content {
    pub coder: Arc<Coder>,
    pub book: Arc<Codebook>,
    pub feedback: Arc<Feedback>,
    /// By the scenario's id.
    pub stages: BTreeMap<String, Arc<Stage>>,
    pub resources: Arc<Resources>,
}

/// The whole site.
pub struct Site {
    pub store: Store,
    pub coder: Arc<Coder>,
    pub book: Arc<Codebook>,
    pub feedback: Arc<Feedback>,
    pub stages: BTreeMap<String, Arc<Stage>>,
    pub resources: Arc<Resources>,
    pub clock: Arc<dyn Clock>,
    /// Random bytes, for ids and seeds.
    pub chance: fn() -> [u8; 32],
    pub config: Config,
    pub calls: live::Calls,
    pub pool: live::Pool,
    pub limits: Limits,
    pub hasher: Hasher,
    pub once: Once,
    pub handouts: Handouts,
}

/// The site as handlers get it.
pub type Shared = Arc<Site>;

impl Site {
    #[must_use]
    pub fn new(
        store: Store,
        content: Content,
        config: Config,
        clock: Arc<dyn Clock>,
        chance: fn() -> [u8; 32],
    ) -> Shared {
        let Content { coder, book, feedback, stages, resources } = content;
        let limits = Limits::new(config.limits);
        Arc::new(Self {
            store,
            coder,
            book,
            feedback,
            stages,
            resources,
            clock,
            chance,
            config,
            calls: live::Calls::default(),
            pool: live::Pool::default(),
            limits,
            hasher: Hasher::default(),
            once: Once::default(),
            handouts: Handouts::default(),
        })
    }

    #[must_use]
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// A fresh random name for a form or a handout: 128 bits as hex.
    #[must_use]
    pub fn nonce(&self) -> String {
        let bytes = (self.chance)();
        bytes[..16].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The person in front of a page.
#[derive(Clone, Debug)]
pub struct Who {
    pub name: String,
    pub login: String,
    pub role: Role,
    pub is_admin: bool,
    /// May look at what people gave away so that the coder learns.
    pub is_reviewer: bool,
    pub csrf: String,
}

/// What every page's frame needs. A handler takes it as an argument and gives it a title:
/// `shell.titled("Your account")`. Templates have it as the field `shell`.
#[derive(Clone, Debug)]
pub struct Shell {
    pub title: String,
    /// The name of the site.
    pub site: String,
    pub signed_in: Option<Who>,
    /// Whom people can turn to at this place; empty when nobody is named.
    pub contact: String,
    /// The place's crisis resources, for the help panel in every page.
    pub resources: Arc<Resources>,
    /// The hidden field `csrf` of every form.
    pub csrf: String,
    /// The hidden field `once` of a form that must not be sent twice; optional.
    pub once: String,
    /// Shown on every page until its owner puts it away.
    pub notice: Option<Notice>,
    /// The path of this page.
    pub path: String,
    pub lang: &'static str,
    pub version: &'static str,
    /// The site runs as a demonstration: nothing in it is kept for long.
    pub demo: bool,
}

/// "Your password was reset by … on …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub by: String,
    /// The day, in words.
    pub on: String,
    /// Earlier practice waits for the recovery code.
    pub locked: bool,
}

impl Notice {
    #[must_use]
    pub fn new(reset: &ResetNotice, locked: bool) -> Self {
        Self { by: reset.by_name.clone(), on: crate::when::day_and_time(reset.at), locked }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Your password was reset by {} on {}.", self.by, self.on)?;
        if self.locked {
            f.write_str(
                " Your earlier practice stays locked until you enter your recovery code on your account page. \
                 Nobody else can open it.",
            )?;
        }
        Ok(())
    }
}

impl Shell {
    /// The address of an asset, with its content hash.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        crate::assets::url(name)
    }

    #[must_use]
    pub fn titled(mut self, title: impl Into<String>) -> Self {
        self.title = title.into();
        self
    }

    /// The frame without anybody in it, for pages that a browser may keep: help and offline.
    #[must_use]
    pub fn public(site: &Site, title: &str, path: &str) -> Self {
        Self {
            title: title.to_owned(),
            site: site.config.name.clone(),
            signed_in: None,
            contact: site.config.contact.clone(),
            resources: Arc::clone(&site.resources),
            csrf: String::new(),
            once: String::new(),
            notice: None,
            path: path.to_owned(),
            lang: "en",
            version: env!("CARGO_PKG_VERSION"),
            demo: site.config.demo,
        }
    }

    /// For tests of templates: somebody signed in, with a reset to see.
    #[must_use]
    pub fn sample(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            site: "Evenkeel".to_owned(),
            signed_in: Some(Who {
                name: "Sam <b>Okafor</b>".to_owned(),
                login: "sam".to_owned(),
                role: Role::Admin,
                is_admin: true,
                is_reviewer: false,
                csrf: "sample-csrf".to_owned(),
            }),
            contact: "Ana Lopez, ext. 4410".to_owned(),
            resources: Arc::new(Resources::sample()),
            csrf: "sample-csrf".to_owned(),
            once: "sample-once".to_owned(),
            notice: Some(Notice {
                by: "Robin Vale".to_owned(),
                on: "1 March 2026, 09:30 UTC".to_owned(),
                locked: true,
            }),
            path: "/sample".to_owned(),
            lang: "en",
            version: env!("CARGO_PKG_VERSION"),
            demo: false,
        }
    }

    /// For tests of templates: nobody signed in.
    #[must_use]
    pub fn sample_signed_out(title: &str) -> Self {
        Self { signed_in: None, notice: None, ..Self::sample(title) }
    }
}
