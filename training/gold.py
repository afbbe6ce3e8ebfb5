#!/usr/bin/env python3
"""Reads, checks and counts the gold files (content/gold/README.md has the format). Nothing but the standard library.

usage: gold.py [--json] PATH...      PATH: a .gold file or a folder of them
Prints every fault with its place and remedy, then the counts; with --json one record per turn instead. Exit 1 when there is a fault.
"""
import collections
import json
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
BOOK = tomllib.loads((ROOT / "content/codebook/codes.toml").read_text(encoding="utf8"))
CODES = {code["id"] for code in BOOK["code"]}
SIGNS = {sign["id"] for sign in BOOK["sign"]}
EMOTIONS = set(
    "admiration amusement anger annoyance approval caring confusion curiosity desire disappointment disapproval disgust"
    " embarrassment excitement fear gratitude grief joy love nervousness optimism pride realization relief remorse sadness"
    " surprise neutral".split()
)
HEARD = ["nothing", "distress", "veiled", "stated", "imminent"]
KINDS = {"self_harm", "violence", "child", "emergency"}
META = {
    "sector": set("child_support benefits housing health it banking retail".split()),
    "channel": {"phone", "lobby", "chat"},
    "rendering": {"plain", "second_language", "asr"},
}
MARK = re.compile(r"<<(\w+) (\w+)>>(.*?)</>>|<([A-Z_]+)>(.*?)</>")
UNIT = re.compile(r"\[(!?)([A-Z_]+)(?::(\w+))? ([12])\]|\[([+-])\]")
CONTEXT_TURNS_MAX = 8
NEAR_WORDS = 4
"""Words in a row that make two turns near-duplicates when most of them are shared."""
NEAR_SHARE = 0.6


class File:
    """One file being read. `records` holds the turns, `faults` what is wrong and where."""

    def __init__(self, path):
        self.path, self.records, self.faults = path, [], []
        self.line, self.family, self.meta, self.context, self.n = 0, None, {}, [], 0

    def fault(self, words):
        self.faults.append(f"{self.path}:{self.line}: {words}")

    def read(self):
        for self.line, line in enumerate(self.path.read_text(encoding="utf8").splitlines(), 1):
            line = line.rstrip()
            if not line or line.startswith("# "):
                continue
            if line.startswith("## "):
                self.begin(line[3:].strip())
            elif found := re.match(r"(sector|channel|rendering): *(\w+)", line):
                self.meta[found[1]] = found[2]
                if found[2] not in META[found[1]]:
                    self.fault(f"{found[1]} {found[2]} is not known; use one of {sorted(META[found[1]])}")
            elif self.family is None:
                self.fault("a turn stands before the first family; begin one with '## slug'")
            elif found := re.match(r"C \{([^}]*)\} (.*)", line):
                self.caller(found[1], found[2])
            elif found := re.match(r"([AB]) (.*)", line):
                self.agent(found[1] == "B", found[2].strip())
            else:
                self.fault(f"cannot read '{line[:50]}'; a turn begins with 'C {{emotions}} ', 'A [' or 'B ['")
        return self

    def begin(self, slug):
        if not re.fullmatch(r"[a-z0-9-]+", slug):
            self.fault(f"'{slug}' is no slug; use lower-case letters, digits and hyphens")
        self.family, self.meta, self.context, self.n = slug, {}, [], 0

    def add(self, speaker, text, context, **more):
        self.n += 1
        missing = set(META) - set(self.meta)
        if missing and self.n == 1:
            self.fault(f"the family lacks {sorted(missing)}; write it under the slug")
        record = {"id": f"{self.family}.{self.n}", "family": self.family, **self.meta, "speaker": speaker}
        self.records.append({**record, "context": context[-CONTEXT_TURNS_MAX:], "text": text, **more})

    def caller(self, emotions, words):
        emotions = [emotion.strip() for emotion in emotions.split(",") if emotion.strip()]
        if not emotions or set(emotions) - EMOTIONS:
            self.fault(f"emotions '{', '.join(emotions)}'; name one to three GoEmotions labels")
        text, signs, safety = self.marks(words.strip())
        self.add("caller", text, self.context, emotions=emotions, signs=signs, safety=safety)
        self.context = [*self.context, {"speaker": "caller", "text": text}]

    def agent(self, other, body):
        """`other`: a B line, said in place of the A line just before it."""
        units = list(UNIT.finditer(body))
        if not units or units[0].start() != 0:
            self.fault("an agent turn begins with a bracket, such as [VALIDATE 2] or [-]")
            return
        context = self.context[:-1] if other and self.context and self.context[-1]["speaker"] == "agent" else self.context
        text, cut, codes, safety = "", [], {}, []
        for at, unit in enumerate(units):
            words = body[unit.end() : units[at + 1].start() if at + 1 < len(units) else len(body)].strip()
            if unit[2] and unit[2] not in CODES:
                self.fault(f"no code {unit[2]}; the codebook has the list")
            if unit[1]:
                if words:
                    self.fault(f"[!{unit[2]}] is a code by omission and has no words; put it at the end")
                codes[f"!{unit[2]}"] = {"code": unit[2], "level": int(unit[4]), "span": None}
                continue
            if not words or "[" in words or "]" in words:
                self.fault("a unit needs words, without brackets of their own")
                continue
            words, _, heard = self.marks(words)
            start = len(text) + bool(text)
            text = f"{text} {words}".strip()
            safety += [{**mark, "span": [start + mark["span"][0], start + mark["span"][1]]} for mark in heard]
            self.unit(unit, [start, len(text)], cut, codes)
        if text:
            self.add("agent", text, context, other=other, units=cut, codes=list(codes.values()), safety=safety)
        if not other:
            self.context = [*context, {"speaker": "agent", "text": text}]

    def unit(self, unit, span, cut, codes):
        if unit[5] == "+":
            if not cut:
                self.fault("[+] has no unit before it")
                return
            code = cut[-1]["code"]
            if code:
                codes[code]["span"][1] = span[1]
        else:
            code = unit[2]
            if code and code in codes:
                codes[code]["level"] = max(codes[code]["level"], int(unit[4]))
            elif code:
                subtype = {"subtype": unit[3]} if unit[3] else {}
                codes[code] = {"code": code, "level": int(unit[4]), "span": list(span), **subtype}
        cut.append({"span": span, "code": code})

    def marks(self, words):
        text, signs, safety, at = "", [], [], 0
        for mark in MARK.finditer(words):
            text += words[at : mark.start()]
            start, inner, at = len(text), mark[3] or mark[5] or "", mark.end()
            text += inner
            if mark[1]:
                if mark[1] not in HEARD or mark[2] not in KINDS:
                    self.fault(f"<<{mark[1]} {mark[2]}>>; heard is one of {HEARD}, the kind one of {sorted(KINDS)}")
                safety.append({"heard": mark[1], "kind": mark[2], "span": [start, len(text)]})
            else:
                if mark[4] not in SIGNS:
                    self.fault(f"no sign {mark[4]}; the codebook has the list")
                signs.append({"sign": mark[4], "span": [start, len(text)]})
        text += words[at:]
        if "</>" in text or "<<" in text or ">>" in text:
            self.fault("a mark is not closed, or closed twice")
        return text, signs, safety


def near_rate(texts):
    """Share of turns most of whose word runs stand in an earlier turn as well."""
    seen, near, n = set(), 0, 0
    for text in texts:
        words = re.findall(r"\w+", text.lower())
        runs = {tuple(words[i : i + NEAR_WORDS]) for i in range(len(words) - NEAR_WORDS + 1)}
        if not runs:
            continue
        n += 1
        near += len(runs & seen) >= NEAR_SHARE * len(runs)
        seen |= runs
    return near, n


def tell(name, records):
    agent = [record for record in records if record["speaker"] == "agent"]
    caller = [record for record in records if record["speaker"] == "caller"]
    worst = lambda record: max((mark["heard"] for mark in record["safety"]), key=HEARD.index, default="nothing")
    line = lambda counts: ", ".join(f"{what} {n}" for what, n in counts.most_common())
    near, n = near_rate(record["text"] for record in agent)
    print(f"{name}: {len({record['family'] for record in records})} families, {len(agent)} agent turns, {len(caller)} caller turns")
    print("  codes:", line(collections.Counter(code["code"] for record in agent for code in record["codes"])))
    print("  signs:", line(collections.Counter(sign["sign"] for record in caller for sign in record["signs"])))
    print("  heard in callers:", line(collections.Counter(map(worst, caller))))
    print("  heard in agents:", line(collections.Counter(map(worst, agent))))
    print("  renderings of agent turns:", line(collections.Counter(record["rendering"] for record in agent)))
    print(f"  near-duplicates: {near} of {n} agent turns of {NEAR_WORDS} words or more ({100 * near / max(n, 1):.2f} %)")


def main():
    paths = [pathlib.Path(arg) for arg in sys.argv[1:] if not arg.startswith("--")]
    if not paths:
        sys.exit(__doc__)
    files = [file for path in paths for file in (sorted(path.rglob("*.gold")) if path.is_dir() else [path])]
    read = [File(file).read() for file in files]
    faults = [fault for file in read for fault in file.faults]
    first = {}
    for file in read:
        second = "second" in file.path.parts
        for family in {record["family"] for record in file.records}:
            # The second coding has the calls of the first.
            if first.setdefault((second, family), file.path) != file.path:
                faults.append(f"{file.path}: family {family} stands in {first[second, family]} too; rename one")
    for fault in faults:
        print(fault, file=sys.stderr)
    if "--json" in sys.argv:
        for file in read:
            for record in file.records:
                print(json.dumps(record, ensure_ascii=False))
    else:
        for part in sorted({file.path.parent for file in read}):
            tell(part, [record for file in read if file.path.parent == part for record in file.records])
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
