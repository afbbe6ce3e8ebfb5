//! Whether words of the agent sound like their own risk (sourcebook 5.6, 7), looked at by themselves and outside a turn.
//!
//! Not the rule (`call::safety`) and not a turn's own look, which `session` takes with the turn. Asked for words that no
//! turn has taken: stale, ahead, too long, after the end, or in a note. Keeps nothing and logs nothing of them.

use std::sync::Arc;

use talk::limit::UTTERANCE_CHARS_MAX;
use talk::{CallId, Context, End, PersonId, Seq, Speaker, Utterance};

use super::LiveError;
use crate::site::Shared;

/// Whether they do. Of longer words it looks at as many as one turn may have.
pub async fn own_risk(site: &Shared, words: &str) -> bool {
    let text: String = words.chars().take(UTTERANCE_CHARS_MAX).collect();
    let utterance = Utterance { seq: Seq(0), speaker: Speaker::Agent, text, at: site.now() };
    let coder = Arc::clone(&site.coder);
    let look = move || call::safety::own_risk(&coder.code(&utterance, &Context::default()));
    site.pool.run_in_any_case(look).await.unwrap_or_else(|_| {
        tracing::error!("words that no turn has taken could not be looked at");
        false
    })
}

/// Looks at words that come with a call. When they are of own risk, a call that goes on ends here, and the page for it
/// is to be shown, whatever else there is to say.
pub async fn stops(site: &Shared, call: CallId, owner: PersonId, words: &str) -> bool {
    if !own_risk(site, words).await {
        return false;
    }
    match site.calls.end(site, call, owner, End::StoppedByAgent).await {
        Ok(_) | Err(LiveError::Refused(_)) => {}
        // The page comes first: a call that is not there, is locked or cannot be written changes nothing about it.
        Err(error) => {
            tracing::warn!(%error, "practice was stopped and the call could not be ended")
        }
    }
    true
}
