//! The table of every diagnostic: its code, how bad it is, what it means, what to do.
//! Not the places where they are found; those name a rule from here. `docs/reference/scenario-diagnostics.md` is rendered from it.

use std::fmt::Write as _;

use crate::diagnostic::Severity;

/// What a reader needs of a row to report a fault.
pub(crate) struct Rule {
    pub code: &'static str,
    pub severity: Severity,
    pub remedy: &'static str,
}

macro_rules! rules {
    ($($name:ident $code:literal $severity:ident $meaning:literal $remedy:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule {
            code: $code, severity: Severity::$severity, remedy: $remedy,
        };)*
        static ROWS: &[(&str, Severity, &str, &str)] = &[
            $(($code, Severity::$severity, $meaning, $remedy),)*
        ];
    };
}

rules! {
    FORMAT "S001" Error "The first line does not name the format." "Let the file begin with the line `evenkeel scenario 1`.";
    FILE_LIMIT "S002" Error "The file is larger than a scenario can be." "Keep a scenario below 512 KiB and 12000 lines; split it in two if it grew.";
    LINE_LIMIT "S003" Error "A line of the file is too long." "Break it; a line that starts with two spaces goes on with the one above.";
    BAD_CHARACTER "S004" Error "A character that is not text: a control character, or bytes that are not UTF-8." "Delete it and save the file as UTF-8.";
    BAD_SECTION "S005" Error "A line starts like a section and is none." "Write `== name ==` or `== kind id ==` on a line of its own.";
    UNKNOWN_SECTION "S006" Error "A section that the format does not know." "Use a section of the format.";
    UNKNOWN_KEY "S007" Error "A key that this section does not know." "Use a key of this section.";
    STRAY "S008" Error "A line that belongs to nothing." "Put a key before it, start it with `- `, or indent it by two spaces to go on with the line above.";
    TWICE "S009" Error "A section or key that may stand once stands twice." "Join the two.";
    MISSING_SECTION "S010" Error "A section is missing." "Add the section; the format's reference shows it.";
    MISSING_KEY "S011" Error "A key that this section needs is missing or empty." "Add the key with its value.";
    UNKNOWN_VALUE "S012" Error "A value that this key does not know." "Use one of the values that the format names.";
    BAD_NUMBER "S013" Error "Not a number, or a number out of its range." "Write a number within the range, with a point.";
    BAD_ID "S014" Error "An id of the wrong shape." "Use lower case letters, digits and hyphens, 48 at most.";
    ID_NOT_FILE "S015" Error "The id differs from the file's name." "Give the file the scenario's id as its name.";
    ID_TWICE "S016" Error "Two parts of one kind have the same id." "Give each its own id.";
    UNKNOWN_CODE "S017" Error "A code, or a word after `after`, that the codebook does not know." "Use a code of the codebook.";
    UNKNOWN_REGIME "S018" Error "A regime that does not exist." "Use one of the seven regimes, or `any`.";
    UNKNOWN_END "S019" Error "An end that does not exist or has no last words." "Use an end of the format.";
    UNKNOWN_TRUTH "S020" Error "A safety word that does not exist." "Use nothing, distress, veiled, stated or imminent.";
    UNKNOWN_MARK "S021" Error "A mark in angle brackets that does not exist." "Use <feeling>, <neutral>, <distress>, <veiled>, <stated> or <imminent>.";
    MARKS_DISAGREE "S022" Error "Two marks on one line that disagree." "Keep one. A safety word wants an answer already.";
    BRACE "S023" Error "A brace that is not closed, not opened, inside another, or outside a line the caller says." "Write alternatives as `{one|other}`, side by side, never inside each other.";
    BRACKET "S024" Error "A bracket or mark that is not closed, or not at the end of its line." "Put `[manner]` and `<mark>` at the very end. In the middle they would be spoken.";
    EXPANSIONS "S025" Error "One line has too many expansions." "Keep it at 64; split the line in two.";
    EMPTY_ITEM "S026" Error "An item without words." "Write the words, or delete the item. A silence is `- [says nothing]`.";
    LINE_TWICE "S027" Error "The caller would say the same line twice." "Word one of them differently; no line stands twice in a scenario.";
    SILENCE_TWICE "S028" Error "More than one silence in one list of lines." "Keep one.";
    LONG_LINE "S029" Warning "The caller says more than 60 words in one breath." "Shorten it, or break it into two lines.";
    FEW_FACTS "S030" Error "Fewer than four facts." "Give the caller more of a story; four facts are the least.";
    NO_DEPTH "S031" Error "No fact of depth 2 or 3." "Add the fact that lets the caller's manner be understood differently.";
    FACT_SILENT "S032" Error "A fact without what it needs to be asked for or told." "Give it `asks:` and `tells:`, and `again:` with two lines or more.";
    FEW_EXAMPLES "S033" Warning "Fewer than three examples; meaning is matched poorly by so few." "Write three or more, as different agents would say it.";
    DEAD_FACT "S034" Error "A fact that can never be told: nobody can ask for it and the caller does not volunteer it." "Add `asks:`, or set `volunteers: yes`.";
    GATE_SHUT "S035" Error "A gate that can never open." "Use values that a call can reach: trust and heard at most 0.95, shame at least 0.05.";
    QUESTION_TWICE "S036" Error "Two facts share an example question; the caller could not tell which is meant." "Keep it with one of the facts.";
    QUESTION_NEAR "S037" Warning "Two example questions of different facts are nearly the same." "Word one of them by what is special to its fact.";
    NO_OPENING "S038" Error "The caller has no first words." "Write at least one line under `== opening ==`.";
    SMALL_STOCK "S039" Error "A regime has too few lines; the caller would repeat themselves." "Write more lines, or add alternatives in braces: 41 different expansions with those of `any`.";
    UNREACHABLE "S040" Warning "Lines that this caller can never say." "Delete them, or change what keeps them from being reached.";
    TRIGGER_BLIND "S041" Error "A trigger that nothing can touch." "Give it `says:` or `codes:`.";
    DETAIL_UNKNOWN "S042" Error "A detail is offered in a fact that does not exist." "Name a fact of this scenario.";
    NO_STEPS "S043" Error "A case that cannot be settled: no step, or none that is required." "Add a `== step ID ==` with `required: yes`.";
    NO_EXAMPLES "S044" Error "A step or detail without example sentences; nothing could ever match it." "Write three or more sentences of an agent.";
    RISK_SILENT "S045" Error "There is risk behind the words and the lines to voice or answer it are missing." "Write `cue:`, `told:`, `denied:` and `accepted:`.";
    CUE_TURNS "S046" Error "The cue's turns are missing or lie outside 3 to 6." "Write `cue turns: 3 to 5`, or other turns between 3 and 6.";
    CUE_UNMARKED "S047" Error "A line that voices the cue is not marked with what it holds." "End it with <veiled>, <stated> or <imminent>.";
    NO_RISK_LINES "S048" Warning "No answer for an agent who asks about safety where there is no risk." "Write `no risk:` lines, kind ones. Asking is never punished.";
    WAITING_SILENT "S049" Warning "There is risk, and no lines for waiting or for afterwards." "Write `waiting:` and `after:` lines.";
    FEW_FAREWELLS "S050" Error "Last words are missing for an end." "Three lines for `resolved`, `agent_ended` and the way this caller leaves; one for the others.";
    NO_CONTENT_NOTE "S051" Warning "The content note is empty." "Say plainly what may be hard to hear.";
    INTENSE_WITHOUT_NOTE "S052" Error "Intensity 4 or 5 without a content note." "Say plainly what may be hard to hear, so that nobody meets it unprepared.";
    METHOD "S053" Error "Words about a method, means or lethality. Safe messaging leaves them out, everywhere." "Say that it is bad, never how it would be done. The cue needs no detail to be heard.";
    STIGMA "S054" Warning "Words that put people down, outside of what the caller says." "Say what happened or how somebody is, plainly.";
    BAD_SIGN_OFF "S055" Error "A signature of the wrong shape." "Write `name, date, scope` with a date such as 2026-03-01, or leave it empty. Only the person signs.";
    UNSIGNED "S056" Note "Nobody has signed here yet." "Leave it empty until a real person has read the scenario and signs.";
    ORDER "S057" Note "A section stands out of the format's order." "Move it, so that every scenario reads alike.";
    TOO_MANY "S058" Error "More parts of one kind than a scenario can hold." "Keep what carries the call.";
    MORE_FAULTS "S059" Note "More faults than are shown." "Mend these first and check again.";
    SHAPE "S060" Error "A list where one value belongs, or a value where a list belongs." "Write `key: value`, or `key:` and then lines that start with `- `.";
    MANY_REFLECTIONS "S061" Warning "More than two questions to take away." "Keep the one or two that matter.";
    PLAN_FORMAT "P001" Error "The first line does not name the format." "Let the file begin with the line `evenkeel plan 1`.";
    PLAN_FILE_LIMIT "P002" Error "The file is larger than a plan can be." "Keep a plan below 512 KiB and 12000 lines.";
    PLAN_LINE_LIMIT "P003" Error "A line of the file is too long." "Break it; a line that starts with two spaces goes on with the one above.";
    PLAN_BAD_CHARACTER "P004" Error "A character that is not text: a control character, or bytes that are not UTF-8." "Delete it and save the file as UTF-8.";
    PLAN_BAD_SECTION "P005" Error "A section's line is malformed or names no agent." "Write `== good ==` on a line of its own; the name is an id.";
    PLAN_UNKNOWN_KEY "P006" Error "A key that a plan does not know here." "Use a key of the plan's format.";
    PLAN_STRAY "P007" Error "A line that belongs to nothing." "Start what the agent says with `> `; write `end the call` to put the phone down.";
    PLAN_TWICE "P008" Error "An agent or key stands twice." "Join the two.";
    PLAN_MISSING "P009" Error "Something that a plan needs is missing." "Add it; the format's reference shows it.";
    PLAN_UNKNOWN_END "P010" Error "An end that no planned call can have." "Use an end of the format.";
    PLAN_UNKNOWN_SAFETY "P011" Error "A safety outcome that does not exist." "Use no_cue, kept, asked, missed or breached.";
    PLAN_BAD_NUMBER "P012" Error "Not a number or bound, or out of its range." "Write whole numbers for seeds, and `at least 0.55` or `at most 0.30` for bounds, between 0 and 1.";
    PLAN_TOO_MANY "P013" Error "More agents, seeds or turns than a plan can hold." "Keep it at 12 agents, 32 seeds and 120 turns.";
    PLAN_AFTER_END "P014" Error "Something stands after the end of the call." "Let `end the call` be the agent's last move.";
    PLAN_OTHER_SCENARIO "P015" Error "The plan names another scenario than it stands beside." "Give plan, file and scenario the same id.";
    PLAN_FEW_AGENTS "P016" Warning "One of the three agents is missing." "Write `good`, `careless` and `harmful`.";
    PLAN_EXPECTS_NOTHING "P017" Warning "An agent whose call is expected to do nothing." "Say how the call must end: `ends:`, `heard:`, `trust:`, `case:` or `safety:`.";
    PLAN_IMPOSSIBLE "P018" Error "The plan expects what this scenario cannot do." "Expect what its safety section allows.";
    PLAN_METHOD "P019" Error "Words about a method, means or lethality. Safe messaging leaves them out, everywhere." "Ask directly and without detail.";
    PLAN_TURN "P020" Error "A turn without words, or longer than an utterance may be." "Write what the agent says, 4000 characters at most.";
    PLAN_MORE_FAULTS "P021" Note "More faults than are shown." "Mend these first and check again.";
}

/// The table of all diagnostics: code, severity, what it means, remedy.
#[must_use]
pub fn table() -> &'static [(&'static str, Severity, &'static str, &'static str)] {
    ROWS
}

/// The table as a page of the reference.
#[must_use]
pub fn render_table() -> String {
    let mut out = String::from(
        "# Diagnostics of scenarios and plans\n\n\
         This page is rendered from the table in the crate `scenario`; a test compares the two.\n\
         Errors keep a scenario from being played. Warnings and notes do not.\n\n\
         | code | severity | what it means | what to do |\n|---|---|---|---|\n",
    );
    for (code, severity, meaning, remedy) in ROWS {
        let cell = |words: &str| words.replace('|', "\\|");
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "| {code} | {} | {} | {} |",
            severity.as_str(),
            cell(meaning),
            cell(remedy)
        );
    }
    out
}
