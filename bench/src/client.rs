//! One agent's browser, as far as a bench needs it: a page, the start of a call, its web socket.
//!
//! Judges nothing. HTTP is written by hand, one request per connection, so that the generator costs little.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::house::Person;

/// Bytes of a page that are read.
const PAGE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// An answer over HTTP.
pub struct Answer {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

/// Asks for a page, as nobody or as somebody.
pub async fn get(at: SocketAddr, path: &str, person: Option<&Person>) -> anyhow::Result<Answer> {
    let cookie =
        person.map(|person| format!("cookie: evenkeel={}\r\n", person.token)).unwrap_or_default();
    ask(at, &format!("GET {path} HTTP/1.1\r\nhost: {at}\r\nconnection: close\r\n{cookie}\r\n"))
        .await
}

/// Starts a call; its path, such as `/calls/…`.
pub async fn start_call(at: SocketAddr, person: &Person, scenario: &str) -> anyhow::Result<String> {
    let answer = ask(at, &format!(
        "POST /scenarios/{scenario}/start HTTP/1.1\r\nhost: {at}\r\norigin: http://{at}\r\nconnection: close\r\n\
         cookie: evenkeel={}\r\nx-csrf-token: {}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: 0\r\n\r\n",
        person.token, person.csrf
    ))
    .await?;
    if answer.status != 303 {
        bail!("starting a call was answered with {}:\n{}", answer.status, answer.body);
    }
    answer.location.context("starting a call leads to it")
}

async fn ask(at: SocketAddr, request: &str) -> anyhow::Result<Answer> {
    let mut stream = TcpStream::connect(at).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    stream.take(PAGE_BYTES_MAX).read_to_end(&mut bytes).await?;
    let text = String::from_utf8_lossy(&bytes);
    let (head, body) = text.split_once("\r\n\r\n").context("an answer has a head")?;
    let status = head.split_whitespace().nth(1).and_then(|status| status.parse().ok());
    let header = |name: &str| {
        let fits = |line: &&str| line.to_ascii_lowercase().starts_with(name);
        head.lines().find(fits).map(|line| line[name.len()..].trim().to_owned())
    };
    Ok(Answer {
        status: status.context("an answer has a status")?,
        location: header("location:"),
        body: body.to_owned(),
    })
}

/// What the server sends on a socket, as far as a bench tells it apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    Reply {
        ended: bool,
        text: String,
    },
    Hello {
        text: String,
    },
    Stopped,
    /// With the code that the server gives it.
    Error(String),
}

/// The socket of a call.
pub struct Line(WebSocketStream<TcpStream>);

impl Line {
    /// `call` is the path of the call.
    pub async fn open(at: SocketAddr, person: &Person, call: &str) -> anyhow::Result<Self> {
        let mut request = format!("ws://{at}{call}/live").into_client_request()?;
        let headers = request.headers_mut();
        headers.insert("origin", format!("http://{at}").parse()?);
        headers.insert("cookie", format!("evenkeel={}", person.token).parse()?);
        let stream = TcpStream::connect(at).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = tokio_tungstenite::client_async(request, stream).await?;
        Ok(Self(socket))
    }

    pub async fn say(&mut self, turn: u32, text: &str) -> anyhow::Result<()> {
        self.send(&json!({"said": text, "turn": turn, "key": "bench"})).await
    }

    /// Asks for the whole call.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        self.send(&json!({"resume": {"have": 0}})).await
    }

    pub async fn end(&mut self) -> anyhow::Result<()> {
        self.send(&json!({"end": true})).await
    }

    async fn send(&mut self, frame: &Value) -> anyhow::Result<()> {
        Ok(self.0.send(Message::text(frame.to_string())).await?)
    }

    /// The next frame; `None` when the socket is closed. Can be dropped while it waits.
    pub async fn hear(&mut self) -> anyhow::Result<Option<Heard>> {
        loop {
            match self.0.next().await {
                None | Some(Ok(Message::Close(_))) => return Ok(None),
                Some(Err(error)) => return Err(error.into()),
                Some(Ok(Message::Text(text))) => return heard(text.as_str()).map(Some),
                Some(Ok(_)) => {}
            }
        }
    }
}

/// Told apart by how the frame begins; a reply is not parsed, that would be most of the generator's work.
/// Within its words every quote is escaped, so `"ended":` stands only where the call has ended.
fn heard(text: &str) -> anyhow::Result<Heard> {
    if text.starts_with("{\"reply\":") {
        return Ok(Heard::Reply { ended: text.contains("\"ended\":"), text: text.to_owned() });
    }
    if text.starts_with("{\"hello\":") {
        return Ok(Heard::Hello { text: text.to_owned() });
    }
    if text.starts_with("{\"stopped\":") {
        return Ok(Heard::Stopped);
    }
    let frame: Value = serde_json::from_str(text)?;
    let code = frame["error"]["code"].as_str();
    Ok(Heard::Error(code.with_context(|| format!("an unknown frame: {text}"))?.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_told_apart() {
        let reply = heard(r#"{"reply":{"turn":1,"key":"k","text":"\"ended\": no"}}"#).unwrap();
        assert!(matches!(reply, Heard::Reply { ended: false, .. }));
        let last = heard(r#"{"reply":{"turn":1,"key":"k","text":"","ended":{"how":"resolved"}}}"#)
            .unwrap();
        assert!(matches!(last, Heard::Reply { ended: true, .. }));
        assert_eq!(
            heard(r#"{"error":{"code":"busy","detail":"","remedy":""}}"#).unwrap(),
            Heard::Error("busy".to_owned())
        );
        assert!(heard("{}").is_err());
    }
}
