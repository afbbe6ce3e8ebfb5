//! What guards every request whatever its page: who is calling, where from, cookies, headers, forms sent twice.
//!
//! Not who is signed in (`who`) and not the token of a form (`form`). Called by `serve` alone, cookies by `who`.

use std::collections::{HashSet, VecDeque};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use store::Token;

use crate::config::Config;
use crate::problem::Problem;

/// Forms remembered as sent. At ten a second this is about a quarter of an hour.
const ONCE_MAX: usize = 10_000;
/// Characters of a form's `once`.
const ONCE_CHARS_MAX: usize = 64;
/// A year, in seconds.
const HSTS_S: u32 = 31_536_000;
/// A browser stays known for a year, in seconds.
const KNOWN_S: i64 = 31_536_000;

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    manifest-src 'self'; worker-src 'self'";

/// How a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Via {
    pub address: IpAddr,
    pub https: bool,
}

impl Via {
    /// The sender's address and scheme. `X-Forwarded-*` counts only from a proxy that the configuration names.
    #[must_use]
    pub fn of(config: &Config, parts: &Parts) -> Self {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip());
        let own_tls = matches!(config.listen, crate::config::Listen::Tls { .. });
        if !config.trusts(peer) {
            return Self { address: peer, https: own_tls };
        }
        // The last entries are the nearest proxies; the first that we do not trust is the sender.
        let hops = list(&parts.headers, "x-forwarded-for");
        let mut address = peer;
        for hop in hops.iter().rev() {
            let Ok(hop) = hop.parse::<IpAddr>() else { break };
            address = hop;
            if !config.trusts(hop) {
                break;
            }
        }
        let proto = list(&parts.headers, "x-forwarded-proto");
        Self { address, https: own_tls || proto.last().is_some_and(|proto| proto == "https") }
    }
}

fn list(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(|part| part.trim().to_owned()).collect()
}

/// The origin under which browsers know this site: as configured, else as the request names its host.
#[must_use]
pub fn own_origin(config: &Config, headers: &HeaderMap, via: &Via) -> Option<String> {
    if let Some(origin) = &config.public_origin {
        return Some(origin.clone());
    }
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Some(format!("{}://{}", if via.https { "https" } else { "http" }, host.to_ascii_lowercase()))
}

/// Second line behind the form's token: refuses what a browser says comes from another site.
///
/// `Origin: null` is what browsers send with our own `no-referrer` policy; then `Sec-Fetch-Site` decides, if it is there.
///
/// # Errors
/// `Forbidden`.
pub fn same_origin(config: &Config, headers: &HeaderMap, via: &Via) -> Result<(), Problem> {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let site_fits = site.is_none_or(|site| site == "same-origin" || site == "none");
    let origin_fits = text(header::ORIGIN).is_none_or(|origin| {
        origin == "null" || Some(origin.to_ascii_lowercase()) == own_origin(config, headers, via)
    });
    if site_fits && origin_fits {
        return Ok(());
    }
    Err(Problem::Forbidden {
        what: "This form was sent from another site. Nothing was done.".to_owned(),
        remedy: "Open this site itself and do it there.".to_owned(),
    })
}

/// The three cookies: of a sign-in, of the forms of somebody who is not signed in yet, and of a browser that
/// somebody has signed in with before (`known`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    SignIn,
    Form,
    Known,
}

impl Cookie {
    fn name(self, config: &Config) -> &'static str {
        match (self, config.secure_cookies) {
            (Cookie::SignIn, true) => "__Host-evenkeel",
            (Cookie::SignIn, false) => "evenkeel",
            (Cookie::Form, true) => "__Host-evenkeel-form",
            (Cookie::Form, false) => "evenkeel-form",
            (Cookie::Known, true) => "__Host-evenkeel-known",
            (Cookie::Known, false) => "evenkeel-known",
        }
    }

    /// What the browser sent; `None` when it sent none.
    #[must_use]
    pub fn read(self, config: &Config, headers: &HeaderMap) -> Option<String> {
        let name = self.name(config);
        let values = headers.get_all(header::COOKIE).iter();
        for value in values.filter_map(|value| std::str::from_utf8(value.as_bytes()).ok()) {
            for pair in value.split(';') {
                if let Some((key, value)) = pair.trim().split_once('=')
                    && key == name
                {
                    return Some(value.to_owned());
                }
            }
        }
        None
    }

    /// Whether the browser sent this cookie at all, readable or not.
    #[must_use]
    pub fn is_there(self, config: &Config, headers: &HeaderMap) -> bool {
        let mark = format!("{}=", self.name(config));
        let mut values = headers.get_all(header::COOKIE).iter();
        values.any(|value| {
            String::from_utf8_lossy(value.as_bytes())
                .split(';')
                .any(|pair| pair.trim().starts_with(&mark))
        })
    }

    fn set(self, config: &Config, value: &str, seconds: i64) -> Option<HeaderValue> {
        let name = self.name(config);
        let secure = if config.secure_cookies { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::from_str(&text).ok()
    }

    pub fn clear(self, config: &Config, headers: &mut HeaderMap) {
        if let Some(value) = self.set(config, "", 0) {
            headers.append(header::SET_COOKIE, value);
        }
    }
}

/// Gives the browser a sign-in.
pub fn keep_sign_in(config: &Config, token: &Token, headers: &mut HeaderMap) {
    if let Some(value) = Cookie::SignIn.set(config, &token.text(), config.sign_in_ttl_ms / 1000) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Gives the browser a cookie for the forms before a sign-in. A day, so that a page left open overnight still works.
pub fn keep_form(config: &Config, value: &str, headers: &mut HeaderMap) {
    if let Some(value) = Cookie::Form.set(config, value, 86_400) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// Makes a browser known. It outlasts the sign-in: that is what it is for.
pub fn keep_known(config: &Config, value: &str, headers: &mut HeaderMap) {
    if let Some(value) = Cookie::Known.set(config, value, KNOWN_S) {
        headers.append(header::SET_COOKIE, value);
    }
}

/// The headers of every answer. A page is kept by no one unless it says so itself.
pub fn headers(config: &Config, via: &Via, headers: &mut HeaderMap) {
    let fixed = [
        ("content-security-policy", CSP),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
        ),
        ("x-frame-options", "DENY"),
    ];
    for (name, value) in fixed {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if (config.secure_cookies || via.https)
        && let Ok(value) = HeaderValue::from_str(&format!("max-age={HSTS_S}"))
    {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Forms that must not be sent twice: each carries a random name, remembered here when it arrives.
#[derive(Default)]
pub struct Once(Mutex<(HashSet<String>, VecDeque<String>)>);

impl Once {
    /// # Errors
    /// `Replayed` when a form of this name has been here.
    pub fn first(&self, once: &str) -> Result<(), Problem> {
        let name: String = once.chars().take(ONCE_CHARS_MAX).collect();
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (seen, order) = &mut *guard;
        if !seen.insert(name.clone()) {
            return Err(Problem::Replayed);
        }
        order.push_back(name);
        if order.len() > ONCE_MAX
            && let Some(oldest) = order.pop_front()
        {
            seen.remove(&oldest);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::RawConfig;
    use axum::http::Request;

    fn via(proxies: &[&str], headers: &[(&str, &str)]) -> Via {
        let raw = RawConfig {
            trusted_proxies: proxies.iter().map(|&proxy| proxy.to_owned()).collect(),
            ..RawConfig::default()
        };
        let mut request = Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5))));
        Via::of(&Config::check(raw).unwrap(), &parts)
    }

    #[test]
    fn forwarded_headers_count_only_from_a_named_proxy() {
        let sent =
            [("x-forwarded-for", "203.0.113.9, 198.51.100.7"), ("x-forwarded-proto", "https")];
        let stranger = via(&[], &sent);
        assert_eq!((stranger.address.to_string().as_str(), stranger.https), ("10.0.0.1", false));
        let named = via(&["10.0.0.0/8"], &sent);
        assert_eq!((named.address.to_string().as_str(), named.https), ("198.51.100.7", true));
        let two = via(&["10.0.0.0/8", "198.51.100.7"], &sent);
        assert_eq!(two.address.to_string(), "203.0.113.9");
        let garbage = via(&["10.0.0.0/8"], &[("x-forwarded-for", "<script>")]);
        assert_eq!(garbage.address.to_string(), "10.0.0.1");
    }

    #[test]
    fn a_form_is_first_once() {
        let once = Once::default();
        assert!(once.first("a").is_ok());
        assert_eq!(once.first("a"), Err(Problem::Replayed));
        for n in 0..=ONCE_MAX {
            once.first(&n.to_string()).unwrap();
        }
        assert!(once.first("a").is_ok(), "the oldest are let go");
    }
}
