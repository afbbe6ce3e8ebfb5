#!/usr/bin/env python3
"""Writes docs/validity.md from what `evenkeel evaluate coder --json` measured. Nothing but the standard library.

usage: validity.py BINARY [SETS]      SETS: a folder with annomi/, annomi_quality/, epitome/, esconv/, esconv_quality/, goemotions/ (dev.jsonl each); without it, the gold alone
"""
import datetime
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FLOORS = {
    ("annomi", "question", "kappa"): (".80", ".87 people against people"),
    ("annomi", "reflection", "kappa"): (".45", ".66 people against people"),
    ("annomi", "therapist_input", "kappa"): (".45", ".64 people against people"),
    ("annomi", "main behaviour", "macro-F1"): (".70", ".86 one person against nine; bag of words trained on it .73"),
    ("annomi", "open or closed", "macro-F1"): (".75", "bag of words trained on it .71"),
    ("annomi", "simple or complex", "macro-F1"): ("none", "bag of words trained on it .57"),
    ("epitome", "emotional reaction", "macro-F1 of present and absent"): (".70", "RoBERTa trained on it, three levels: .74"),
    ("epitome", "interpretation", "macro-F1 of present and absent"): ("report", "EPITOME counts self-disclosure, we do not"),
    ("epitome", "exploration", "macro-F1 of present and absent"): (".85", "RoBERTa trained on it, three levels: .73"),
    ("esconv", "Question", "F1"): (".80", ""),
    ("esconv", "Affirmation and Reassurance", "F1"): (".50", ""),
    ("esconv", "Providing Suggestions", "F1"): (".50", ""),
    ("goemotions", "28 labels", "macro-F1"): (".48", "bert-base trained on it .46 (paper), .503 (retrained)"),
    ("goemotions", "Ekman", "macro-F1"): (".61", "bert-base trained on it .64 (paper), .624 (retrained)"),
    ("gold", "codes", "macro-F1"): (".80", ".90 one language model against another (training/second.py)"),
    ("gold", "callers' safety words", "recall"): (".97", ""),
    ("gold", "callers' safety words", "false alarms"): (".10 at most", ""),
    ("questions", "right fact first, by meaning", "recall"): (".85", "the base network before training: .51 on the development split"),
}
PARTS = [
    ("Our own gold", ["content/gold/test", "content/gold/test-safety"], "gold"),
    ("AnnoMI, agent turns (motivational interviews; a set that nothing here learnt from)", ["annomi/dev.jsonl"], "annomi"),
    ("EPITOME (peer support on Reddit; a set that nothing here learnt from)", ["epitome/dev.jsonl"], "epitome"),
    ("ESConv (emotional support in chat; a set that nothing here learnt from)", ["esconv/dev.jsonl"], "esconv"),
    ("Whole sessions judged by people: AnnoMI, high or low (nothing is fitted)", ["annomi_quality/dev.jsonl"], "annomi sessions"),
    ("Whole sessions judged by people: ESConv, kept or failed (nothing is fitted)", ["esconv_quality/dev.jsonl"], "esconv sessions"),
    ("GoEmotions (Reddit; its training part was learnt from, this part was not)", ["goemotions/dev.jsonl"], "goemotions"),
]
HEAD = """# Validity: how far the coder agrees with people

Made by `training/validity.py` from `evenkeel evaluate coder --json` on {date}. Coder `{coder}`. Do not edit; run it again.

**What this does not show.** No public set of coded calls from child support, benefits, housing or any other such desk exists, so nothing
here was measured on one. The public sets are counselling and peer support. Our own gold is in the language of the desks, and was written
and coded by language models; no person has judged it. A figure on it says that the coder learnt what they mean, not that a trained person
would agree. Intervals are 95 %, calls drawn anew a thousand times. Every look at a set that may not be learnt from is in
[the ledger](validity-ledger.md).
"""


def measure(binary, paths):
    done = subprocess.run([binary, "evaluate", "coder", "--json", "--gold", *map(str, paths)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def table(rows):
    out = ["| what | figure | value | 95 % | turns | floor | beside it |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        if "figure" in row:
            floor, beside = FLOORS.get((row["set"], row["what"], row["figure"]), ("", ""))
            n = f"{row['n']:,}" + (f", {row['n_true']} true" if row["labels"] == 1 else "")
            out.append(f"| {row['what']} | {row['figure']} | {row['value']:.3f} | {row['low']:.3f} to {row['high']:.3f} | {n} | {floor} | {beside} |")
    return "\n".join(out)


def labels(rows):
    each = [row for row in rows if "label" in row]
    if not each:
        return ""
    lines = ["| label | F1 | kappa | turns |", "|---|---|---|---|"]
    lines += [f"| {row['label']} | {row['f1']:.2f} | {row['kappa']:.2f} | {row['n']} |" for row in sorted(each, key=lambda row: -row["f1"])]
    return "\n<details><summary>Label by label</summary>\n\n" + "\n".join(lines) + "\n\n</details>\n"


def confidence(rows):
    """What the coder's confidence came to, as a picture in letters."""
    row = next((row for row in rows if row.get("what") == "confidence"), None)
    if not row:
        return ""
    out = [f"\nConfidence is off by {row['calibration_error']:.3f} on average. The coder abstained on {row['abstained']} of {row['n']} agent turns.", ""]
    out += ["| said | came true | codes | |", "|---|---|---|---|"]
    out += [f"| {said:.2f} | {came:.2f} | {n} | `{'#' * round(came * 40):40}` |" for said, came, n in row["bins"]]
    return "\n".join(out) + "\n"


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    sets = pathlib.Path(sys.argv[2]) if len(sys.argv) == 3 else None
    body, coder = [], ""
    for title, paths, name in PARTS:
        full = [(ROOT if name == "gold" else sets or ROOT / "none") / path for path in paths]
        full = [path for path in full if path.exists()]
        if not full:
            body.append(f"## {title}\n\nNot measured here: the set was not there.\n")
            continue
        parts = [[path] for path in full] if name == "gold" else [full]
        for paths in parts:
            rows = measure(sys.argv[1], paths)
            coder = rows[0]["coder"]
            where = f"`{paths[0].relative_to(ROOT)}`" if name == "gold" else f"`{paths[0].parent.name}/{paths[0].name}`"
            body.append(f"## {title}: {where}\n\n{table(rows)}\n{labels(rows)}{confidence(rows)}")
    text = HEAD.format(date=datetime.date.today().isoformat(), coder=coder) + "\n" + "\n".join(body)
    (ROOT / "docs/validity.md").write_text(text, encoding="utf8")


if __name__ == "__main__":
    main()
