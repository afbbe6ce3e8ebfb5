//! Keeps connections to HTTP/1: one that begins as HTTP/2 does is closed, for an idle one could stay for ever.
//!
//! Not the timing of requests. `serve` puts it around the acceptor, because the library below decides by the first
//! bytes alone, whatever it was told.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum_server::accept::Accept;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How every HTTP/2 connection begins (RFC 9113, 3.4). No method of HTTP/1 does.
const PREFACE: &[u8] = b"PRI * HTTP/2";

/// An acceptor whose connections speak HTTP/1.
#[derive(Clone, Debug)]
pub struct Http1<A>(pub A);

impl<I, S, A> Accept<I, S> for Http1<A>
where
    A: Accept<I, S>,
    A::Future: Send + 'static,
{
    type Stream = Watched<A::Stream>;
    type Service = A::Service;
    type Future =
        Pin<Box<dyn Future<Output = io::Result<(Watched<A::Stream>, A::Service)>> + Send>>;

    fn accept(&self, stream: I, service: S) -> Self::Future {
        let accepted = self.0.accept(stream, service);
        Box::pin(async move {
            let (stream, service) = accepted.await?;
            Ok((Watched { stream, n_alike: Some(0) }, service))
        })
    }
}

/// A connection whose first bytes are looked at.
#[derive(Debug)]
pub struct Watched<S> {
    stream: S,
    /// Bytes so far that are the preface's; `None` once one is not.
    n_alike: Option<usize>,
}

impl<S> Watched<S> {
    /// Whether the connection has now begun as HTTP/2 does.
    fn is_http2(&mut self, bytes: &[u8]) -> bool {
        let Some(n_alike) = self.n_alike else { return false };
        let rest = &PREFACE[n_alike..];
        let n = rest.len().min(bytes.len());
        if rest[..n] != bytes[..n] {
            self.n_alike = None;
            return false;
        }
        self.n_alike = Some(n_alike + n);
        n == rest.len()
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        let read_now = buf.filled().get(before..).unwrap_or_default();
        if matches!(read, Poll::Ready(Ok(()))) && self.is_http2(read_now) {
            return Poll::Ready(Err(io::ErrorKind::Unsupported.into()));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_beginning_as_http2_is_http2_however_it_is_cut() {
        let begins = |pieces: &[&str]| {
            let mut watched = Watched { stream: (), n_alike: Some(0) };
            pieces.iter().any(|piece| watched.is_http2(piece.as_bytes()))
        };
        assert!(begins(&["PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"]));
        assert!(begins(&["P", "RI * ", "", "HTTP/2.0"]));
        assert!(!begins(&["POST / HTTP/1.1", "PRI * HTTP/2.0"]));
        assert!(!begins(&["PRI", ""]));
        assert!(!begins(&["GET / HTTP/1.1\r\n"]));
    }
}
