//! The router, the walk of every request, and serving until told to stop.
//!
//! The middleware is one function that reads top to bottom. The binary calls `serve`, tests too.

use std::future::Future;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum_server::Handle;
use hyper_util::rt::TokioTimer;
use store::{LinkKind, Person, Role, StoreError};
use thiserror::Error;
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::config::{FIRST_ADMIN_LINK_MS, Listen};
use crate::http1::Http1;
use crate::pages;
use crate::problem::{self, Problem, Told};
use crate::routes;
use crate::security::{self, Via};
use crate::site::{Shared, Site};
use crate::who::Visitor;
use crate::{assets, form, tls};

/// How long open requests may go on after the site was told to stop.
const GRACE_MS: u64 = 10_000;

/// Why the site does not serve.
#[derive(Debug, Error)]
pub enum ServeError {
    #[error("cannot listen on {at}: {error}; choose another address or stop what listens there")]
    Listen { at: SocketAddr, error: std::io::Error },
    #[error(
        "the certificate file {path}: {what}; give PEM files of a certificate chain and its key"
    )]
    Certificate { path: PathBuf, what: String },
    #[error("serving stopped: {0}")]
    Stopped(#[from] std::io::Error),
}

/// All pages.
pub fn router(site: Shared) -> Router {
    walled(pages::routes().merge(assets::routes()), site)
}

/// Some pages behind the walk of every request. Apart from `router` so that a test can put a page of its own there.
pub fn walled(pages: Router<Shared>, site: Shared) -> Router {
    pages
        .fallback(|| async { Problem::NotFound })
        .method_not_allowed_fallback(|| async { Problem::WrongMethod })
        // The gate reads the body: it stands within the time and the care for panics, and so do all pages.
        .layer(middleware::from_fn_with_state(Shared::clone(&site), gate))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            Duration::from_millis(site.config.patience.request_ms),
        ))
        .layer(CatchPanicLayer::custom(|_| Problem::Fault.into_response()))
        .layer(middleware::from_fn_with_state(Shared::clone(&site), walk))
        .with_state(site)
}

/// Every request, from its arrival to its answer.
async fn walk(State(site): State<Shared>, request: Request, next: Next) -> Response {
    let started_at = site.now();
    let asked = Asked::of(&site, &request);
    let (mut parts, body) = request.into_parts();
    let via = Via::of(&site.config, &parts);
    let patience = Duration::from_millis(site.config.patience.request_ms);
    let found = timeout(patience, Visitor::of(&site, &parts.headers, via)).await;
    // Help and the other public pages need nobody's name and no database: they stand when everything else is down.
    let found = match found.unwrap_or(Err(Problem::Busy)) {
        Err(_) if asked.public => Ok(Visitor::nobody(via)),
        found => found,
    };
    let visitor = found.as_ref().map_or_else(|_| Visitor::nobody(via), Clone::clone);
    parts.extensions.insert(visitor.clone());
    let answer = match found {
        Ok(_) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => problem.into_response(),
    };
    let mut answer = dress(&site, &visitor, &asked, answer);
    visitor.cookies(&site, asked.public, answer.headers_mut());
    security::headers(&site.config, &via, answer.headers_mut());
    let took_ms = site.now().since_ms(started_at);
    // The pattern, not the path: a path may hold a link's secret.
    tracing::info!(
        method = asked.method,
        route = asked.pattern,
        status = answer.status().as_u16(),
        took_ms,
        reference = asked.reference,
        "answered"
    );
    answer
}

/// Reads what a form sends and lets it through, or not.
async fn gate(
    State(site): State<Shared>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    match form::guard(&site, &visitor, request).await {
        Ok(request) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// What is kept of a request for its answer.
struct Asked {
    method: String,
    pattern: String,
    path: String,
    /// Where to come back to after signing in.
    back: Option<String>,
    headers_want_json: bool,
    /// Browsers may keep it: no cookies, nobody's name.
    public: bool,
    /// Stands in the log and on the page of a fault, so that the two can be brought together.
    reference: String,
}

impl Asked {
    fn of(site: &Site, request: &Request) -> Self {
        let pattern =
            request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
        let pattern = pattern.unwrap_or_else(|| "none".to_owned());
        let kept = [
            routes::Help::PATTERN,
            routes::Privacy::PATTERN,
            routes::Offline::PATTERN,
            routes::Health::PATTERN,
            routes::Asset::PATTERN,
            routes::Worker::PATTERN,
        ];
        let may_return = request.method() == axum::http::Method::GET;
        Self {
            method: request.method().as_str().to_owned(),
            public: kept.contains(&pattern.as_str()),
            path: request.uri().path().to_owned(),
            back: may_return.then(|| request.uri().path().to_owned()),
            headers_want_json: problem::wants_json(request.headers()),
            reference: site.nonce()[..12].to_owned(),
            pattern,
        }
    }
}

/// Turns a problem into a page or into JSON; leaves every other answer as it is.
fn dress(site: &Site, visitor: &Visitor, asked: &Asked, answer: Response) -> Response {
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return answer;
    }
    let told = answer.extensions().get::<Told>().cloned();
    // A page that a handler made itself, such as a form with its faults named, stays.
    let is_page = answer.headers().get(axum::http::header::CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes().starts_with(b"text/html")
            || kind.as_bytes().starts_with(b"application/json")
    });
    if told.is_none() && is_page {
        return answer;
    }
    let told = told.unwrap_or_else(|| Told::of_status(status));
    let reference = status.is_server_error().then_some(asked.reference.as_str());
    let mut dressed = if asked.headers_want_json {
        problem::json(&told, reference)
    } else if let (401, Some(back)) = (status.as_u16(), &asked.back) {
        Redirect::to(&pages::sign_in::address(back)).into_response()
    } else {
        pages::error::page(visitor.shell(site, &asked.path), &told, reference)
    };
    problem::retry_after(&told, dressed.headers_mut());
    keep(answer.headers(), dressed.headers_mut());
    dressed
}

/// Headers of the bare answer that the dressed one keeps.
fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [axum::http::header::ALLOW, axum::http::header::SET_COOKIE] {
        for value in from.get_all(&name) {
            to.append(name.clone(), value.clone());
        }
    }
}

/// Serves until `shutdown` is done. `bound` hears the address before the first request is taken.
///
/// # Errors
/// When it cannot listen, or the certificate does not hold.
pub async fn serve(
    site: Shared,
    listen: Listen,
    bound: impl FnOnce(SocketAddr),
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let at = listen.at();
    let fault = |error| ServeError::Listen { at, error };
    let certificate = match &listen {
        Listen::Plain(_) => None,
        Listen::Tls { cert, key, .. } => Some(tls::load(cert, key)?),
    };
    let listener = TcpListener::bind(at).map_err(fault)?;
    listener.set_nonblocking(true).map_err(fault)?;
    bound(listener.local_addr().map_err(fault)?);
    let handle = Handle::new();
    let stop = handle.clone();
    tokio::spawn(async move {
        shutdown.await;
        stop.graceful_shutdown(Some(Duration::from_millis(GRACE_MS)));
    });
    let head = Duration::from_millis(site.config.patience.head_ms);
    let app = router(site).into_make_service_with_connect_info::<SocketAddr>();
    // The time for a head counts for each request; before the first one, for the connection's first byte too.
    match certificate {
        None => {
            let mut server = axum_server::from_tcp(listener)?
                .map(Http1)
                .handle(handle)
                .first_request_timeout(head);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(head);
            server.serve(app).await?;
        }
        Some(certificate) => {
            let mut server = axum_server::from_tcp_rustls(listener, certificate)?
                .map(Http1)
                .handle(handle)
                .first_request_timeout(head);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(head);
            server.serve(app).await?;
        }
    }
    Ok(())
}

/// The link for the first admin, when no admin can sign in; the binary prints it.
///
/// # Errors
/// When the store cannot answer.
pub async fn first_admin_link(site: &Site, origin: &str) -> Result<Option<String>, StoreError> {
    let can_sign_in = |person: &Person| {
        person.role == Role::Admin && person.has_password && person.deactivated_at.is_none()
    };
    if site.store.people().await?.iter().any(can_sign_in) {
        return Ok(None);
    }
    let token =
        site.store.make_link(LinkKind::FirstAdmin, None, site.now(), FIRST_ADMIN_LINK_MS).await?;
    Ok(Some(format!("{}{}", origin.trim_end_matches('/'), routes::Link(token.text()))))
}
