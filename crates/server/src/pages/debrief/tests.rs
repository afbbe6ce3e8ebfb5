//! The debrief's page renders for every kind of call: settled, stopped, going on.

use super::*;

#[test]
fn the_debrief_shows_receipts_abstentions_and_the_story_behind_a_fold() {
    let page = Page::sample().render().unwrap();
    for words in [
        "validate.no_wonder",
        "0.90 of 1",
        "The coder could not tell.",
        "Take turn 1 again",
        "Read Ines",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("no wonder <you>"), "quotes are escaped");
    assert!(!page.to_lowercase().contains("total score"));
}

#[test]
fn a_stopped_call_shows_no_score() {
    let stopped = Page { stopped: true, scored: false, story: vec![], ..Page::sample() };
    let page = stopped.render().unwrap();
    assert!(page.contains("Nothing in it is scored"));
    assert!(!page.contains("out of 100") && !page.contains("validate.no_wonder"));
}

#[test]
fn a_call_that_goes_on_has_no_debrief_yet() {
    let ongoing = Page { ongoing: true, scored: false, story: vec![], ..Page::sample() };
    let page = ongoing.render().unwrap();
    assert!(page.contains("not over yet"));
    assert!(!page.contains("no wonder"));
}
