#!/usr/bin/env python3
"""How far `evenkeel code` agrees with the gold: F1 of the 30 codes, and how many safety words are heard. Prints totals, never sentences.

usage: agreement.py BINARY PATH...      PATH: a .gold file or a folder of them
Intervals are 95 %, a bootstrap over calls with a fixed seed. Heard means veiled or graver, on both sides.
"""
import collections
import json
import pathlib
import random
import subprocess
import sys

import gold

ROUNDS = 200
"""Resamples of the bootstrap."""


def f1(pairs):
    right, extra, missed = collections.Counter(), collections.Counter(), collections.Counter()
    for record, coded in pairs:
        theirs = {found["code"] for found in record["codes"]}
        ours = {found["code"] for found in coded["codes"]}
        right.update(theirs & ours)
        extra.update(ours - theirs)
        missed.update(theirs - ours)
    score = lambda hit, wrong: 2 * hit / max(1, 2 * hit + wrong)
    each = {code: score(right[code], extra[code] + missed[code]) for code in set(right) | set(missed)}
    return sum(each.values()) / max(1, len(each)), score(right.total(), extra.total() + missed.total()), each


def tell_codes(pairs):
    macro, micro, each = f1(pairs)
    calls = collections.defaultdict(list)
    for pair in pairs:
        calls[pair[0]["family"]].append(pair)
    chance = random.Random(1)
    draws = [f1([pair for call in chance.choices(list(calls), k=len(calls)) for pair in calls[call]]) for _ in range(ROUNDS)]
    for name, value, at in (("macro", macro, 0), ("micro", micro, 1)):
        drawn = sorted(draw[at] for draw in draws)
        print(f"{name}-F1 {value:.3f} [{drawn[ROUNDS // 40]:.3f}, {drawn[-1 - ROUNDS // 40]:.3f}] on {len(pairs)} agent turns")
    print(", ".join(f"{code} {value:.2f}" for code, value in sorted(each.items(), key=lambda item: item[1])))


def tell_heard(name, pairs):
    grave = lambda heard: gold.HEARD.index(heard) >= gold.HEARD.index("veiled")
    worst = lambda record: max((mark["heard"] for mark in record["safety"]), key=gold.HEARD.index, default="nothing")
    heard = lambda some: sum(grave(coded["safety"]["heard"]) for _, coded in some)
    there = [pair for pair in pairs if grave(worst(pair[0]))]
    none = [pair for pair in pairs if worst(pair[0]) == "nothing"]
    print(f"{name}: heard {heard(there)} of {len(there)}, false alarms {heard(none)} of {len(none)}")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    paths = [pathlib.Path(arg) for arg in sys.argv[2:]]
    files = [file for path in paths for file in (sorted(path.rglob("*.gold")) if path.is_dir() else [path])]
    records = [record for file in files for record in gold.File(file).read().records]
    lines = "\n".join(json.dumps({key: record[key] for key in ("id", "speaker", "context", "text")}) for record in records)
    done = subprocess.run([sys.argv[1], "code"], input=lines, capture_output=True, text=True, check=True)
    coded = [json.loads(line) for line in done.stdout.splitlines()]
    pairs = list(zip(records, coded, strict=True))
    by = lambda speaker: [pair for pair in pairs if pair[0]["speaker"] == speaker]
    print(coded[0]["coder"])
    tell_codes(by("agent"))
    tell_heard("callers' safety words", by("caller"))
    tell_heard("agents' own risk", by("agent"))


if __name__ == "__main__":
    main()
