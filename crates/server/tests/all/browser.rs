//! A small browser: HTTP/1.1 over a socket of its own for each request, with a cookie jar and forms.
//!
//! Not a client for anything else: it knows just what these tests need.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::html;

/// An answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
    pub fn location(&self) -> &str {
        self.header("location").unwrap_or("")
    }
    #[track_caller]
    pub fn must(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
    #[track_caller]
    pub fn says(self, words: &str) -> Self {
        assert!(self.body.contains(words), "{words:?} is not in:\n{}", self.body);
        self
    }
    /// The path of the first link made for somebody on this page.
    pub fn link(&self) -> Option<String> {
        let from = self.body.find("/link/")?;
        let end = self.body[from..].find(['<', '"'])?;
        Some(self.body[from..from + end].to_owned())
    }
    /// The recovery code that this page shows.
    pub fn code(&self) -> Option<String> {
        let main = self.body.find("recovery-code")?;
        html::text_after(&self.body[main..], "<code>").map(str::to_owned)
    }
}

/// One person's browser.
#[derive(Clone)]
pub struct Browser {
    pub at: SocketAddr,
    pub jar: BTreeMap<String, String>,
    /// Sent with every request.
    pub headers: Vec<(String, String)>,
    /// The last page with a form in it, whose hidden fields the next form carries.
    pub page: String,
}

impl Browser {
    pub fn new(at: SocketAddr) -> Self {
        Self { at, jar: BTreeMap::new(), headers: Vec::new(), page: String::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        let answer = self.send("GET", path, None, b"").await;
        self.look_at(&answer);
        answer
    }

    fn look_at(&mut self, answer: &Answer) {
        if html::hidden(&answer.body, "csrf").is_some() {
            self.page.clone_from(&answer.body);
        }
    }

    /// Sends a form with the token of the page last seen, and its `once` when there is one.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = html::hidden(&self.page, "csrf").unwrap_or_default();
        let once = html::hidden(&self.page, "once");
        let mut all = vec![("csrf", csrf.as_str())];
        if let Some(once) = &once {
            all.push(("once", once));
        }
        all.extend_from_slice(fields);
        let answer = self.post_raw(path, &all).await;
        self.look_at(&answer);
        answer
    }

    /// Sends just these fields.
    pub async fn post_raw(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let encode =
            |text: &str| text.bytes().fold(String::new(), |out, b| out + &format!("%{b:02X}"));
        let pairs =
            fields.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.send("POST", path, Some("application/x-www-form-urlencoded"), body.as_bytes()).await
    }

    /// Sends a file as a browser does.
    pub async fn upload(&mut self, path: &str, csrf: &str, file: &[u8]) -> Answer {
        let mut body = format!("--edge\r\ncontent-disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n--edge\r\n\
            content-disposition: form-data; name=\"file\"; filename=\"people.csv\"\r\ncontent-type: text/csv\r\n\r\n").into_bytes();
        body.extend_from_slice(file);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        let answer =
            self.send("POST", path, Some("multipart/form-data; boundary=edge"), &body).await;
        self.look_at(&answer);
        answer
    }

    pub async fn send(
        &mut self,
        method: &str,
        path: &str,
        kind: Option<&str>,
        body: &[u8],
    ) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.at);
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !self.jar.is_empty() {
            let pairs: Vec<_> =
                self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            head += &format!("cookie: {}\r\n", pairs.join("; "));
        }
        if let Some(kind) = kind {
            head += &format!("content-type: {kind}\r\n");
        }
        head += &format!("content-length: {}\r\n\r\n", body.len());
        let mut stream = TcpStream::connect(self.at).await.unwrap();
        let mut whole = Vec::new();
        stream.write_all(head.as_bytes()).await.unwrap();
        // A server that refuses early may close before all is sent; its answer still counts.
        let _ = stream.write_all(body).await;
        let _ = stream.read_to_end(&mut whole).await;
        let answer = read(&whole);
        self.keep(&answer);
        answer
    }

    fn keep(&mut self, answer: &Answer) {
        for (_, value) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, rest) = value.split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if rest.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

fn read(whole: &[u8]) -> Answer {
    let end = whole.windows(4).position(|four| four == b"\r\n\r\n").expect("an answer with a head");
    let head = String::from_utf8_lossy(&whole[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    let headers: Vec<_> = headers.collect();
    let body = String::from_utf8_lossy(&whole[end + 4..]).into_owned();
    let chunked =
        headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    Answer { status, headers, body: if chunked { unchunk(&body) } else { body } }
}

fn unchunk(body: &str) -> String {
    let (mut out, mut rest) = (String::new(), body);
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
        if size == 0 || size > after.len() {
            break;
        }
        out.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    out
}
