//! Files that ship inside the binary and are served at `/assets/NAME`, kept by browsers for ever: a content hash in
//! the query names the version. Not templates. `router` merges `routes`; templates call `url`.

use axum::Router;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use rust_embed::{Embed, EmbeddedFile};

use crate::problem::Problem;
use crate::routes;
use crate::site::Shared;

#[derive(Embed)]
#[folder = "assets"]
struct Files;

/// The address of an asset with its content hash, such as `/assets/site.css?v=0a1b2c3d`.
#[must_use]
pub fn url(name: &str) -> String {
    let path = routes::Asset(name.to_owned());
    Files::get(name).map_or_else(|| path.path(), |file| format!("{path}?v={}", version(&file)))
}

fn version(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn routes() -> Router<Shared> {
    Router::new().route(routes::Asset::PATTERN, get(asset))
}

/// An asset as text, for those that are served elsewhere.
#[must_use]
pub fn text(name: &str) -> Option<String> {
    String::from_utf8(Files::get(name)?.data.into_owned()).ok()
}

async fn asset(Path(name): Path<String>) -> Result<Response, Problem> {
    let file = Files::get(&name).ok_or(Problem::NotFound)?;
    let kind = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("webmanifest") => "application/manifest+json",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        Some(_) | None => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, file.data.into_owned()).into_response())
}
