"""Reads the corpora into rows and labels. Gold is split by family: a tenth of the training families is `dev`, chosen by hash."""
import hashlib
import json
import pathlib
import re
import string

import gold

BOOK_CODES = [code["id"] for code in gold.BOOK["code"]]
DEFLECT = BOOK_CODES.index("DEFLECT")
SIGNS = [sign["id"] for sign in gold.BOOK["sign"]]
EMOTIONS = sorted(gold.EMOTIONS - {"neutral"}) + ["neutral"]
KINDS = sorted(gold.KINDS)
HEARD = gold.HEARD[1:]
"""`heard` is learnt as four yes-or-no questions: at least distress, at least veiled, at least stated, imminent."""
TURN = {"code": len(BOOK_CODES), "level": len(BOOK_CODES), "emotion": len(EMOTIONS), "sign": len(SIGNS), "heard": 4, "kind": len(KINDS), "own": 2}
"""Outputs for a whole turn, in order. `own`: the agent's own words at least distress, at least veiled."""
TOKEN = {"unit": 1 + len(BOOK_CODES), "sign": len(SIGNS), "safety": 1}
"""Outputs for a token, in order. `unit` is one choice: no code, or the code of the thought unit it stands in."""


def parts(sizes):
    """Where each output begins and ends."""
    out, at = {}, 0
    for name, size in sizes.items():
        out[name] = slice(at, at + size)
        at += size
    return out


def is_dev(family):
    return int(hashlib.sha256(f"dev:{family}".encode()).hexdigest(), 16) % 10 == 0


def gold_records(folder):
    files = sorted(pathlib.Path(folder).rglob("*.gold"))
    return [record for file in files for record in gold.File(file).read().records]


CUES = {
    "DEFLECT": "I'm scared I'll lose my flat. My father died on Monday.",
    "SAFETY_ASK": "I can't do this any more. There's no point being here.",
    "SAFETY_ACT": "I can't do this any more. There's no point being here.",
}
"""What the caller said before an example of the codebook, where the code needs it (the same as in the coder's test of the codebook)."""


def book_records():
    """The codebook's own examples and near misses: its definitions by example, so the model must know them."""
    out = []

    def add(text, code, cue):
        context = [{"speaker": "caller", "text": cue}] if cue else []
        whole = [0, len(text)]
        codes = [{"code": code, "level": 2, "span": whole}] if code != "OTHER" else []
        units = [{"span": whole, "code": code if codes else None}]
        out.append({"family": "codebook", "speaker": "agent", "context": context, "text": text, "codes": codes, "units": units, "safety": []})

    for entry in gold.BOOK["code"]:
        for text in entry["positive"]:
            add(text, entry["id"], CUES.get(entry["id"]))
        for miss in entry["near_miss"]:
            add(miss["text"], miss["gets"], CUES["DEFLECT"] if miss["gets"] == "DEFLECT" else None)
    return out


def overlaps(place, span):
    return place[0] < span[1] and span[0] < place[1]


def agent_row(words, record):
    before = record["context"][-1] if record["context"] else None
    ids, segments, places = words.row("agent", record["text"], before)
    codes = {code["code"]: code["level"] for code in record["codes"]}
    worst = max((HEARD.index(mark["heard"]) + 1 for mark in record["safety"]), default=0)
    unit = []
    for place in places:
        code = next((cut["code"] for cut in record["units"] if overlaps(place, cut["span"])), None)
        unit.append(1 + BOOK_CODES.index(code) if code else 0)
    return {
        "ids": ids, "segments": segments, "n": len(places), "unit": unit,
        "code": [float(code in codes) for code in BOOK_CODES],
        "level": [float(codes.get(code, 0) == 2) for code in BOOK_CODES],
        "own": [float(worst >= 1), float(worst >= 2)],
        "safety": [float(any(overlaps(place, mark["span"]) for mark in record["safety"])) for place in places],
    }


def caller_row(words, record):
    before = record["context"][-1] if record["context"] else None
    ids, segments, places = words.row("caller", record["text"], before)
    worst = max((HEARD.index(mark["heard"]) + 1 for mark in record["safety"]), default=0)
    signs = {mark["sign"] for mark in record["signs"]}
    return {
        "ids": ids, "segments": segments, "n": len(places),
        "emotion": [float(label in record["emotions"]) for label in EMOTIONS],
        "sign": [float(sign in signs) for sign in SIGNS],
        "heard": [float(worst > step) for step in range(4)],
        "kind": [float(any(mark["kind"] == kind for mark in record["safety"])) for kind in KINDS],
        "safety": [float(any(overlaps(place, mark["span"]) for mark in record["safety"])) for place in places],
        "token_sign": [
            [float(any(mark["sign"] == sign and overlaps(place, mark["span"]) for mark in record["signs"])) for sign in SIGNS] for place in places
        ],
    }


def is_held_out(name):
    """One row of GoEmotions in twenty is kept from training, for calibration; its own dev file is for measuring alone."""
    return int(hashlib.sha256(f"hold:{name}".encode()).hexdigest(), 16) % 20 == 0


def emotion_rows(words, file, held_out=None):
    """Rows of a GoEmotions file: all of them, or just those that are held out (True) or not (False)."""
    out = []
    for line in pathlib.Path(file).read_text(encoding="utf8").splitlines():
        record = json.loads(line)
        if held_out is not None and is_held_out(record["id"]) != held_out:
            continue
        ids, segments, places = words.row("caller", record["text"])
        labels = record["labels"]["emotions"]
        out.append({"ids": ids, "segments": segments, "n": len(places), "emotion": [float(label in labels) for label in EMOTIONS]})
    return out


def given_rows(words, file):
    """Items that people gave and reviewers judged: of each turn, one code is known to be there (the coder was right) or not (the donor was)."""
    out = []
    for line in pathlib.Path(file).read_text(encoding="utf8").splitlines():
        item = json.loads(line)
        if item["verdict"] not in ("donor", "coder") or item["code"] not in BOOK_CODES:
            continue
        row = agent_row(words, {**item, "codes": [], "units": [], "safety": []})
        row["known"] = [float(code == item["code"]) for code in BOOK_CODES]
        row["code"] = [known * (item["verdict"] == "coder") for known in row["known"]]
        out.append(row)
    return out


CALM_WORDS_MIN = 3


def calm_rows(words, file):
    """Turns of MultiDoGO's customers: people who play an errand (a flight, a bill), so no word about safety is in them."""
    out = []
    for line in pathlib.Path(file).read_text(encoding="utf8").splitlines():
        for turn in json.loads(line)["turns"]:
            if turn["speaker"] == "caller" and len(turn["text"].split()) >= CALM_WORDS_MIN:
                ids, segments, places = words.row("caller", turn["text"])
                out.append({"ids": ids, "segments": segments, "n": len(places), "heard": [0.0] * len(HEARD), "kind": [0.0] * len(KINDS)})
    return out


def casts(folder):
    """The question files: casts of facts, each with its example questions and with what agents asked (content/gold/README.md)."""
    out = []
    for file in sorted(pathlib.Path(folder).rglob("*.questions")):
        for n, line in enumerate(file.read_text(encoding="utf8").splitlines(), 1):
            line = line.strip()
            if found := re.fullmatch(r"## (\S+)", line):
                out.append({"cast": found[1], "facts": [], "none": []})
            elif found := re.fullmatch(r"fact (\S+)", line):
                out[-1]["facts"].append({"fact": found[1], "examples": [], "asked": []})
            elif line == "none":
                out[-1]["facts"].append(None)
            elif line.startswith(("= ", "? ")):
                fact = out[-1]["facts"][-1]
                (out[-1]["none"] if fact is None else fact["examples" if line[0] == "=" else "asked"]).append(line[2:])
            elif line and not line.startswith(("sector: ", "# ")):
                raise SystemExit(f"{file}:{n}: a line is '## cast', 'sector: ', 'fact NAME', 'none', '= example' or '? asked'; this is none of them: {line}")
    for cast in out:
        cast["facts"] = [fact for fact in cast["facts"] if fact]
        for fact in cast["facts"]:
            if not fact["examples"] or not fact["asked"]:
                raise SystemExit(f"{cast['cast']}: fact {fact['fact']} needs '=' and '?' lines")
    return out


def without_punctuation(words, row, which):
    """The row as a speech recogniser would give it. `which` says for every token of the turn whether it is kept."""
    keep = [0, 1, *[2 + at for at, kept in enumerate(which) if kept], *range(2 + row["n"], len(row["ids"]))]
    out = dict(row, ids=[row["ids"][at] for at in keep], segments=[row["segments"][at] for at in keep], n=sum(which))
    for name in ("unit", "safety", "token_sign", "soft_unit", "soft_safety", "soft_token_sign"):
        if name in row:
            out[name] = [value for value, kept in zip(row[name], which) if kept]
    return out


def without_before(row):
    """The row with nothing before the turn. Then nothing was left unanswered: DEFLECT stays only where words say it."""
    own = row["n"] + 3
    out = dict(row, ids=row["ids"][:own], segments=row["segments"][:own])
    for name in ("code", "soft_code"):
        if name in row and 1 + DEFLECT not in row.get("unit", ()):
            out[name] = [0.0 if at == DEFLECT else value for at, value in enumerate(row[name])]
    return out


def is_word(words, at):
    return words.pieces[at] not in string.punctuation
