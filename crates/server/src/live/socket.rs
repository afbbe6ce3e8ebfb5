//! The web socket of a live call: bytes to frames and back, with limits on size, rate, silence and origin.
//!
//! Decides nothing about the call: every frame becomes a command to `Calls`. One socket is read by one task, one frame
//! after the other, so a browser that sends faster than we answer is slowed down by itself.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::State as Of;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use call::State;
use store::Token;
use talk::limit::UTTERANCE_CHARS_MAX;
use talk::{CallId, End, Instant, PersonId};
use tokio::time::timeout;

use super::timing::{Step, Watch};
use super::{LiveError, Said, Taken, look, words};
use crate::pages::brief::whisper_on;
use crate::problem::sentence;
use crate::routes::Part;
use crate::security::{self, Cookie};
use crate::site::{Shared, Site};
use crate::who::Visitor;
use crate::wire::{self, Ask, Frame};
use crate::{Problem, SignedIn};

/// Bytes of one message: the longest turn in the widest letters, escaped, and its frame.
const MESSAGE_BYTES_MAX: usize = 32 * 1024;
/// Bytes of a message that are still read, to hear own risk in it and to say that it is too long.
const MESSAGE_BYTES_READ_MAX: usize = 1024 * 1024;
/// How long a browser may take over closing.
const CLOSING: Duration = Duration::from_secs(5);
/// Pings without any sign of life after which the socket is closed: two minutes, with the `Patience` that ships. The call
/// can be taken up again.
const PINGS_UNANSWERED_MAX: u32 = 4;
/// Frames within `RATE_WINDOW_MS` beyond which a socket is flooding. Nobody types that fast.
const RATE_FRAMES_MAX: usize = 30;
const RATE_WINDOW_MS: u64 = 10_000;

/// Opens the socket of a call for its owner, from our own pages only.
pub async fn open(
    Of(site): Of<Shared>,
    who: SignedIn,
    visitor: Visitor,
    Part(call): Part<CallId>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    let own = security::own_origin(&site.config, &headers, &visitor.via);
    if origin.is_none() || origin.map(str::to_ascii_lowercase) != own {
        return Err(Problem::Forbidden {
            what: "This call was asked for from another site. Nothing was sent.".to_owned(),
            remedy: "Open this site itself and go on there.".to_owned(),
        });
    }
    let owner = who.id();
    look(&site, call, owner).await?;
    let token = Cookie::SignIn.read(&site.config, &headers).as_deref().and_then(Token::parse);
    let token = token.ok_or(Problem::SignInFirst)?;
    let whisper = whisper_on(&headers);
    let line = Line { site, call, owner, token, whisper, recent: VecDeque::new() };
    let upgrade =
        upgrade.max_message_size(MESSAGE_BYTES_READ_MAX).max_frame_size(MESSAGE_BYTES_READ_MAX);
    Ok(upgrade.on_upgrade(|socket| line.serve(socket)))
}

/// One open socket.
struct Line {
    site: Shared,
    call: CallId,
    owner: PersonId,
    token: Token,
    whisper: bool,
    /// When the last frames came.
    recent: VecDeque<Instant>,
}

/// What to do after a frame.
enum Then {
    Answer(Frame),
    Close(Frame, u16),
}

impl Line {
    async fn serve(mut self, mut socket: WebSocket) {
        let ping = Duration::from_millis(self.site.config.patience.ping_ms);
        let mut unanswered = 0;
        let mut code = close_code::POLICY;
        while unanswered < PINGS_UNANSWERED_MAX {
            let message = match timeout(ping, socket.recv()).await {
                Ok(Some(Ok(message))) => message,
                // Longer than is read at all; there is no more of it to hear.
                Ok(Some(Err(error))) if error.to_string().contains("too long") => {
                    let _ = socket.send(Message::Text(too_long().text().into())).await;
                    code = close_code::SIZE;
                    break;
                }
                Ok(Some(Err(_)) | None) => return,
                Err(_) => {
                    unanswered += 1;
                    if socket.send(Message::Ping(Vec::new().into())).await.is_err() {
                        return;
                    }
                    continue;
                }
            };
            unanswered = 0;
            let whole = Watch::start();
            let Some(then) = self.answer(message).await else { continue };
            let (frame, last) = match then {
                Then::Answer(frame) => (frame, None),
                Then::Close(frame, code) => (frame, Some(code)),
            };
            let (send, is_reply) = (Watch::start(), matches!(frame, Frame::Reply(_)));
            if socket.send(Message::Text(frame.text().into())).await.is_err() {
                return;
            }
            if is_reply {
                send.stop(Step::Send);
                whole.stop(Step::Whole);
            }
            if let Some(last) = last {
                code = last;
                break;
            }
        }
        close(socket, code).await;
    }

    /// A message becomes a command, and what came of it a frame.
    async fn answer(&mut self, message: Message) -> Option<Then> {
        if self.floods() {
            let flood = Frame::error(
                "flood",
                "Too many messages came at once.",
                "Wait a moment and go on; the call is kept.",
            );
            return Some(Then::Close(flood, close_code::POLICY));
        }
        let text = match message {
            Message::Text(text) => text,
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return None,
            Message::Binary(_) => return Some(Then::Answer(unreadable())),
        };
        if text.len() > MESSAGE_BYTES_MAX {
            return Some(self.answer_long(&text).await);
        }
        let read = Watch::start();
        let ask = wire::read(&text);
        read.stop(Step::Read);
        let Some(ask) = ask else { return Some(Then::Answer(unreadable())) };
        Some(match self.obey(ask).await {
            Ok(frame) => Then::Answer(frame),
            Err(LiveError::Store(store::StoreError::NotFound)) => {
                Then::Close(gone(), close_code::POLICY)
            }
            Err(error) => Then::Answer(fault(error)),
        })
    }

    /// A message longer than a turn can be: nothing of it is taken, but own risk in it is heard.
    async fn answer_long(&self, text: &str) -> Then {
        if let Some(Ask::Say { text, .. }) = wire::read(text)
            && words::stops(&self.site, self.call, self.owner, &text).await
        {
            return Then::Answer(Frame::Stopped {});
        }
        Then::Close(too_long(), close_code::SIZE)
    }

    async fn obey(&self, ask: Ask) -> Result<Frame, LiveError> {
        let Self { site, call, owner, .. } = self;
        let sign_in = Watch::start();
        self.still_signed_in().await?;
        sign_in.stop(Step::SignIn);
        match ask {
            Ask::Resume { have } => {
                Ok(Frame::Hello(wire::hello(&look(site, *call, *owner).await?, Some(have), false)))
            }
            Ask::End => {
                let state = site.calls.end(site, *call, *owner, End::AgentEnded).await?;
                Ok(Frame::Hello(wire::hello(&state, Some(state.n_turns()), false)))
            }
            Ask::Say { turn, text, key } => {
                let said = Watch::start();
                let taken = site.calls.say(site, *call, *owner, Said { turn, text }).await?;
                said.stop(Step::Turn);
                match taken {
                    Taken::Replied(state) => Ok(self.reply(&state, turn, key)),
                    Taken::Elsewhere(state) => {
                        Ok(Frame::Hello(wire::hello(&state, Some(turn.saturating_sub(1)), true)))
                    }
                    Taken::OwnRisk => Ok(Frame::Stopped {}),
                }
            }
        }
    }

    fn reply(&self, state: &State, turn: u32, key: String) -> Frame {
        let Site { book, feedback, .. } = &*self.site;
        let heard =
            if self.whisper { wire::whisper(book, feedback, state, turn) } else { Vec::new() };
        match wire::reply(state, turn, key, heard) {
            Some(reply) => Frame::Reply(reply),
            None => Frame::Hello(wire::hello(state, Some(turn), true)),
        }
    }

    /// A sign-in that was ended elsewhere ends here too, at the next frame.
    async fn still_signed_in(&self) -> Result<(), LiveError> {
        let found = self.site.store.who(&self.token, self.site.now()).await?;
        match found {
            Some(found) if found.person.id == self.owner => Ok(()),
            Some(_) | None => Err(store::StoreError::NotFound.into()),
        }
    }

    fn floods(&mut self) -> bool {
        let now = self.site.now();
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|first| now.since_ms(*first) > RATE_WINDOW_MS) {
            self.recent.pop_front();
        }
        self.recent.len() > RATE_FRAMES_MAX
    }
}

/// Says goodbye and hears the browser out, so that the last frame is not lost on the way.
async fn close(mut socket: WebSocket, code: u16) {
    let reason = CloseFrame { code, reason: "take the call up again".into() };
    if socket.send(Message::Close(Some(reason))).await.is_ok() {
        let _ = timeout(CLOSING, async { while let Some(Ok(_)) = socket.recv().await {} }).await;
    }
}

fn gone() -> Frame {
    Frame::error(
        "gone",
        "This call is not here any more, or you have signed out.",
        "Sign in and open it again from the first page.",
    )
}

fn too_long() -> Frame {
    let detail = format!(
        "This is too long for one turn. Say it in at most {UTTERANCE_CHARS_MAX} characters."
    );
    Frame::error("too_long", detail, "It is still in the box.")
}

fn unreadable() -> Frame {
    Frame::error("unreadable", "This message could not be read.", "Reload the page.")
}

/// A fault in words; which call and which words never enter it.
fn fault(error: LiveError) -> Frame {
    match error {
        LiveError::Refused(refused) => Frame::error("refused", sentence(&refused.to_string()), ""),
        LiveError::Busy => Frame::error("busy", sentence(&LiveError::Busy.to_string()), ""),
        LiveError::NoScenario => {
            Frame::error("no_scenario", sentence(&LiveError::NoScenario.to_string()), "")
        }
        LiveError::Store(_) | LiveError::Damaged(_) => {
            let told = Problem::from(error).tell();
            Frame::error("fault", told.what, "Try again. What was answered is kept.")
        }
    }
}
