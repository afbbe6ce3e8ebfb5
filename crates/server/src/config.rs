//! The server's settings: typed as given (`RawConfig`), then checked once (`Config::check`), every fault reported together.
//!
//! Reads no file and no environment: the binary does, and hands the raw values in.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use crate::rate::LimitsConfig;

/// Characters of the site's name.
pub const SITE_NAME_CHARS_MAX: usize = 60;
/// Characters of the name and number of whom people can turn to.
pub const CONTACT_CHARS_MAX: usize = 200;
/// Days that a sign-in lasts unless the site says otherwise: a working month.
pub const SIGN_IN_DAYS_DEFAULT: u32 = 30;
/// Days that a sign-in may last at most.
pub const SIGN_IN_DAYS_MAX: u32 = 365;
/// Days that an invitation is good for: somebody may start after their holiday.
pub const INVITE_DAYS_DEFAULT: u32 = 14;
pub const INVITE_DAYS_MAX: u32 = 90;
/// Milliseconds that the first admin's link is good for: a day; the next start makes a new one.
pub const FIRST_ADMIN_LINK_MS: i64 = 24 * 60 * 60 * 1000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// The settings as given.
#[derive(Clone, Debug, Default)]
pub struct RawConfig {
    pub name: Option<String>,
    /// Whose crisis resources are shown: `us`, `uk`, `ca` or the site's own.
    pub place: Option<String>,
    /// Whom people can turn to at this place, such as "Ana Lopez, ext. 4410"; empty when nobody is named.
    pub contact: String,
    /// `address:port`.
    pub listen: Option<String>,
    pub tls_cert: Option<PathBuf>,
    pub tls_key: Option<PathBuf>,
    /// How browsers reach the site, such as `https://practice.example.org`.
    pub public_origin: Option<String>,
    /// Addresses or networks (`10.0.0.0/8`) of proxies whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<String>,
    /// Says yes to passwords over plain HTTP from other machines.
    pub allow_plain_http: bool,
    pub sign_in_days: Option<u32>,
    pub invite_days: Option<u32>,
    pub demo: bool,
}

/// Where the server listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    Plain(SocketAddr),
    Tls { at: SocketAddr, cert: PathBuf, key: PathBuf },
}

impl Listen {
    #[must_use]
    pub fn at(&self) -> SocketAddr {
        match self {
            Listen::Plain(at) | Listen::Tls { at, .. } => *at,
        }
    }
}

/// How long a browser may take. Not a setting: tests are less patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Over the head of a request, from the connection's first moment.
    pub head_ms: u64,
    /// Over a request, its body and its answer included. A web socket has answered by then.
    pub request_ms: u64,
    /// Of silence on an open web socket before it is asked whether it is still there.
    pub ping_ms: u64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { head_ms: 10_000, request_ms: 30_000, ping_ms: 30_000 }
    }
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub name: String,
    pub place: String,
    pub contact: String,
    pub listen: Listen,
    /// Scheme, host and port, without a slash at the end.
    pub public_origin: Option<String>,
    pub trusted_proxies: Vec<Network>,
    /// Browsers reach the site by HTTPS: cookies carry `Secure` and the `__Host-` prefix.
    pub secure_cookies: bool,
    pub sign_in_ttl_ms: i64,
    pub invite_ttl_ms: i64,
    pub limits: LimitsConfig,
    pub patience: Patience,
    pub demo: bool,
}

/// One thing wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting.
    pub place: &'static str,
    pub what: String,
    pub remedy: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}; {}", self.place, self.what, self.remedy)
    }
}

/// A block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

impl Network {
    /// Reads `10.0.0.0/8`, `::1` and the like.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (base, bits) = match text.trim().split_once('/') {
            Some((base, bits)) => (base, Some(bits.parse::<u8>().ok()?)),
            None => (text.trim(), None),
        };
        let base: IpAddr = base.parse().ok()?;
        let widest = if base.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(widest);
        (bits <= widest).then_some(Self { base, bits })
    }

    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let same = |a: &[u8], b: &[u8]| {
            let bits = usize::from(self.bits);
            let mask = |i: usize| match bits.saturating_sub(i * 8) {
                0 => 0_u8,
                n @ 1..8 => !(255 >> n),
                8.. => 255,
            };
            a.iter().zip(b).enumerate().all(|(i, (x, y))| x & mask(i) == y & mask(i))
        };
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => same(&a.octets(), &b.octets()),
            (IpAddr::V6(a), IpAddr::V6(b)) => same(&a.octets(), &b.octets()),
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl Config {
    /// Checks everything and reports every fault at once.
    ///
    /// # Errors
    /// With one fault for each setting that cannot stand.
    pub fn check(raw: RawConfig) -> Result<Self, Vec<Fault>> {
        let mut faults = Faults(Vec::new());
        let name = faults.name(raw.name);
        let place = faults.place(raw.place);
        let contact = faults.contact(&raw.contact);
        let listen = faults.listen(raw.listen, raw.tls_cert, raw.tls_key);
        let public_origin = raw.public_origin.and_then(|origin| faults.origin(&origin));
        let trusted_proxies = faults.proxies(&raw.trusted_proxies);
        let sign_in_days =
            faults.days("sign_in_days", raw.sign_in_days, SIGN_IN_DAYS_DEFAULT, SIGN_IN_DAYS_MAX);
        let invite_days =
            faults.days("invite_days", raw.invite_days, INVITE_DAYS_DEFAULT, INVITE_DAYS_MAX);
        let own_tls = matches!(listen, Listen::Tls { .. });
        let by_https = public_origin.as_ref().is_some_and(|origin| origin.starts_with("https:"));
        if own_tls && public_origin.is_some() && !by_https {
            faults.add(
                "public_origin",
                "is http while the server has its own certificate",
                "write https://",
            );
        }
        if !own_tls && !by_https && !listen.at().ip().is_loopback() && !raw.allow_plain_http {
            faults.add(
                "listen",
                "other machines could reach the site by plain HTTP, with passwords readable on the way",
                "give tls_cert and tls_key, or put it behind a proxy and set public_origin to https://…, or set allow_plain_http",
            );
        }
        if !faults.0.is_empty() {
            return Err(faults.0);
        }
        Ok(Self {
            name,
            place,
            contact,
            listen,
            public_origin,
            trusted_proxies,
            secure_cookies: own_tls || by_https,
            sign_in_ttl_ms: sign_in_days * DAY_MS,
            invite_ttl_ms: invite_days * DAY_MS,
            limits: LimitsConfig::default(),
            patience: Patience::default(),
            demo: raw.demo,
        })
    }

    /// The proxies are believed about who is calling only when they are named.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.holds(address))
    }
}

struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: &'static str, what: impl Into<String>, remedy: impl Into<String>) {
        self.0.push(Fault { place, what: what.into(), remedy: remedy.into() });
    }

    fn name(&mut self, raw: Option<String>) -> String {
        let name = raw.unwrap_or_else(|| "Evenkeel".to_owned()).trim().to_owned();
        let n = name.chars().count();
        if n == 0 || n > SITE_NAME_CHARS_MAX || name.chars().any(char::is_control) {
            let remedy = format!("write 1 to {SITE_NAME_CHARS_MAX} characters on one line");
            self.add("name", format!("has {n} characters or a control character"), remedy);
        }
        name
    }

    fn contact(&mut self, raw: &str) -> String {
        let n = raw.trim().chars().count();
        if n > CONTACT_CHARS_MAX || raw.chars().any(char::is_control) {
            let remedy = format!("write at most {CONTACT_CHARS_MAX} characters on one line");
            self.add("contact", format!("has {n} characters or a control character"), remedy);
        }
        raw.trim().to_owned()
    }

    fn place(&mut self, raw: Option<String>) -> String {
        let place = raw.unwrap_or_else(|| "us".to_owned());
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if place.is_empty() || place.len() > 20 || !place.chars().all(fits) {
            self.add(
                "place",
                format!("`{place}` is not a place"),
                "write one such as us, uk or ca",
            );
        }
        place
    }

    fn listen(
        &mut self,
        raw: Option<String>,
        cert: Option<PathBuf>,
        key: Option<PathBuf>,
    ) -> Listen {
        let text = raw.unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        let at = text.parse::<SocketAddr>().unwrap_or_else(|_| {
            self.add(
                "listen",
                format!("`{text}` is not an address and a port"),
                "write one such as 127.0.0.1:8080",
            );
            SocketAddr::from(([127, 0, 0, 1], 0))
        });
        match (cert, key) {
            (Some(cert), Some(key)) => Listen::Tls { at, cert, key },
            (None, None) => Listen::Plain(at),
            (Some(_), None) => {
                self.add("tls_key", "is missing beside tls_cert", "give both or none");
                Listen::Plain(at)
            }
            (None, Some(_)) => {
                self.add("tls_cert", "is missing beside tls_key", "give both or none");
                Listen::Plain(at)
            }
        }
    }

    fn origin(&mut self, raw: &str) -> Option<String> {
        let origin = raw.trim().trim_end_matches('/').to_ascii_lowercase();
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let plain = |host: &str| {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
        };
        if host.is_some_and(plain) {
            let port = if origin.starts_with("https:") { ":443" } else { ":80" };
            let origin = origin.strip_suffix(port).unwrap_or(&origin);
            return Some(origin.to_owned());
        }
        self.add(
            "public_origin",
            format!("`{raw}` is not an origin"),
            "write one such as https://practice.example.org",
        );
        None
    }

    fn proxies(&mut self, raw: &[String]) -> Vec<Network> {
        let mut networks = Vec::new();
        for text in raw {
            match Network::parse(text) {
                Some(network) => networks.push(network),
                None => self.add(
                    "trusted_proxies",
                    format!("`{text}` is not an address or a network"),
                    "write one such as 127.0.0.1 or 10.0.0.0/8",
                ),
            }
        }
        networks
    }

    fn days(&mut self, place: &'static str, raw: Option<u32>, default: u32, max: u32) -> i64 {
        let days = raw.unwrap_or(default);
        if days == 0 || days > max {
            self.add(place, format!("{days} days is out of range"), format!("write 1 to {max}"));
        }
        i64::from(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_reported_together() {
        let raw = RawConfig {
            name: Some(String::new()),
            place: Some("The Moon".to_owned()),
            listen: Some("nowhere".to_owned()),
            tls_cert: Some(PathBuf::from("cert.pem")),
            public_origin: Some("ftp://x".to_owned()),
            trusted_proxies: vec!["10.0.0.0/40".to_owned()],
            sign_in_days: Some(0),
            invite_days: Some(1000),
            ..RawConfig::default()
        };
        let faults = Config::check(raw).unwrap_err();
        let places: Vec<_> = faults.iter().map(|fault| fault.place).collect();
        let all = [
            "name",
            "place",
            "listen",
            "tls_key",
            "public_origin",
            "trusted_proxies",
            "sign_in_days",
            "invite_days",
        ];
        assert_eq!(places, all);
    }

    #[test]
    fn plain_http_for_other_machines_needs_an_explicit_yes() {
        let raw = RawConfig { listen: Some("0.0.0.0:80".to_owned()), ..RawConfig::default() };
        assert_eq!(Config::check(raw.clone()).unwrap_err()[0].place, "listen");
        let said = RawConfig { allow_plain_http: true, ..raw.clone() };
        assert!(!Config::check(said).unwrap().secure_cookies);
        let behind = RawConfig { public_origin: Some("https://A.example:443/".to_owned()), ..raw };
        let config = Config::check(behind).unwrap();
        assert!(config.secure_cookies);
        assert_eq!(config.public_origin.as_deref(), Some("https://a.example"));
    }

    #[test]
    fn a_network_holds_its_own_addresses_only() {
        let ten = Network::parse("10.1.0.0/15").unwrap();
        assert!(ten.holds("10.0.255.1".parse().unwrap()));
        assert!(!ten.holds("10.2.0.1".parse().unwrap()));
        assert!(ten.holds("::ffff:10.1.2.3".parse().unwrap()));
        assert!(Network::parse("::1").unwrap().holds("::1".parse().unwrap()));
        assert!(Network::parse("10.0.0.0/33").is_none());
        assert!(Network::parse("0.0.0.0/0").unwrap().holds("8.8.8.8".parse().unwrap()));
    }
}
