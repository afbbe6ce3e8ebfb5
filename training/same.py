#!/usr/bin/env python3
"""Whether the coder says the same on older processors: `evenkeel code` beside itself under qemu, one SIMD level after another switched off.

usage: same.py BINARY [TURNS]      TURNS: how many turns of the development split (default 24)
Codes, signs and safety must be the same; confidences and emotions may differ by 0.01. Exit 1 when something differs.
"""
import json
import subprocess
import sys

import data

CPUS = {"Nehalem": "SSE4.2, no AVX", "SandyBridge": "AVX, no AVX2", "Haswell": "AVX2 and FMA, no AVX-512"}
NEAR = 0.01


def code(command, lines):
    done = subprocess.run([*command, "code", "--jobs", "1"], input=lines, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def plain(row):
    """A row without its numbers between 0 and 1, and those numbers."""
    codes = [(found["code"], found["level"], found["span"]) for found in row["codes"]]
    signs = [(sign["sign"], sign["span"]) for sign in row["signs"]]
    numbers = [found["confidence"] for found in row["codes"] + row["signs"]] + [emotion["p"] for emotion in row.get("emotions", {}).values()]
    on = [label for label, emotion in row.get("emotions", {}).items() if emotion["on"]]
    return (codes, signs, row["safety"], row["abstained"], on), numbers


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    n = int(sys.argv[2]) if len(sys.argv) == 3 else 24
    records = [record for record in data.gold_records(data.gold.ROOT / "content/gold/train") if data.is_dev(record["family"])]
    some = records[:: max(1, len(records) // n)][:n]
    lines = "\n".join(json.dumps({key: record[key] for key in ("id", "speaker", "context", "text")}) for record in some)
    native = [plain(row) for row in code([sys.argv[1]], lines)]
    differ = 0
    for cpu, level in CPUS.items():
        there = [plain(row) for row in code(["qemu-x86_64", "-cpu", cpu, sys.argv[1]], lines)]
        same = sum(a[0] == b[0] for a, b in zip(native, there))
        # Where what stands is not the same, its numbers cannot be laid side by side.
        gap = max((abs(x - y) for a, b in zip(native, there) if a[0] == b[0] for x, y in zip(a[1], b[1])), default=0)
        print(f"{cpu} ({level}): the same on {same} of {len(native)} turns, probabilities within {gap:.4f}")
        differ += same < len(native) or gap > NEAR
    sys.exit(1 if differ else 0)


if __name__ == "__main__":
    main()
