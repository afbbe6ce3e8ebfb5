//! The gate for everything that changes something: method, size, origin, the form's token, a form sent twice.
//!
//! One gate for all, so that no handler can forget it. Handlers then read the body with `axum::Form` as usual.

use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest, MatchedPath, Multipart, Request};
use axum::http::{HeaderMap, Method, header};
use serde::Deserialize;
use subtle::ConstantTimeEq;

use crate::problem::Problem;
use crate::routes;
use crate::security;
use crate::site::Site;
use crate::who::Visitor;

/// Bytes of a form: fifteen times the longest turn.
pub const FORM_BYTES_MAX: usize = 64 * 1024;
/// Bytes of a form that carries a list of people.
pub const LIST_BYTES_MAX: usize = 1024 * 1024;
/// For scripts that send no form.
const CSRF_HEADER: &str = "x-csrf-token";

/// The hidden fields.
#[derive(Default, Deserialize)]
struct Hidden {
    csrf: Option<String>,
    once: Option<String>,
}

/// Lets a request through, or says why not.
///
/// # Errors
/// `WrongMethod`, `TooLarge`, `Forbidden`, `StaleForm` or `Replayed`.
pub async fn guard(site: &Site, visitor: &Visitor, request: Request) -> Result<Request, Problem> {
    let method = request.method();
    if method == Method::GET || method == Method::HEAD {
        return Ok(request);
    }
    let Some(pattern) = request.extensions().get::<MatchedPath>() else { return Ok(request) };
    if method != Method::POST {
        return Err(Problem::WrongMethod);
    }
    let list = [routes::ImportPeople::PATTERN, routes::ConfirmImport::PATTERN];
    let max = if list.contains(&pattern.as_str()) { LIST_BYTES_MAX } else { FORM_BYTES_MAX };
    security::same_origin(&site.config, request.headers(), &visitor.via)?;
    let (parts, body) = request.into_parts();
    let bytes = to_bytes(body, max).await.map_err(|_| Problem::TooLarge)?;
    let copy = || Request::from_parts(parts.clone(), Body::from(bytes.clone()));
    let hidden = hidden(&parts.headers, copy()).await;
    let given = hidden.csrf.unwrap_or_default();
    if visitor.csrf.is_empty() || !bool::from(given.as_bytes().ct_eq(visitor.csrf.as_bytes())) {
        return Err(Problem::StaleForm);
    }
    if let Some(once) = hidden.once {
        site.once.first(&once)?;
    }
    Ok(copy())
}

async fn hidden(headers: &HeaderMap, request: Request) -> Hidden {
    if let Some(token) = headers.get(CSRF_HEADER).and_then(|value| value.to_str().ok()) {
        return Hidden { csrf: Some(token.to_owned()), once: None };
    }
    let kind =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if !kind.starts_with("multipart/form-data") {
        return Form::<Hidden>::from_request(request, &())
            .await
            .map_or_else(|_| Hidden::default(), |form| form.0);
    }
    let mut hidden = Hidden::default();
    let Ok(mut parts) = Multipart::from_request(request, &()).await else { return hidden };
    while let Ok(Some(field)) = parts.next_field().await {
        match field.name() {
            Some("csrf") => hidden.csrf = field.text().await.ok(),
            Some("once") => hidden.once = field.text().await.ok(),
            Some(_) | None => {}
        }
    }
    hidden
}
