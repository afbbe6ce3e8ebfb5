#!/usr/bin/env python3
"""How far two coders of the gold agree, code by code: the first in content/gold/{train,test}, the second, blind, in content/gold/second.

usage: second.py [FOLDER]      FOLDER: content/gold, or another that is laid out like it
Kappa is Cohen's, a turn being the unit: the code is on it or not. F1 takes the first coder as right.
"""
import collections
import pathlib
import sys

import gold

HEARD = gold.HEARD


def read(folder):
    """Records of a folder by family, in order."""
    families = collections.defaultdict(list)
    for file in sorted(folder.rglob("*.gold")):
        for record in gold.File(file).read().records:
            families[record["family"]].append(record)
    return families


def pairs(first, second):
    for family, theirs in second.items():
        ours = first[family]
        if [record["text"] for record in ours] != [record["text"] for record in theirs]:
            raise SystemExit(f"{family}: the second coding does not have the words of the first")
        yield from zip(ours, theirs)


def kappa(a, b):
    n = len(a)
    same = sum(x == y for x, y in zip(a, b)) / n
    chance = sum(a) / n * sum(b) / n + (1 - sum(a) / n) * (1 - sum(b) / n)
    return (same - chance) / (1 - chance) if chance < 1 else 1.0


def row(name, a, b):
    hit = sum(x and y for x, y in zip(a, b))
    f1 = 2 * hit / max(1, sum(a) + sum(b))
    print(f"  {name:14} kappa {kappa(a, b):5.2f}  F1 {f1:.2f}  first {sum(a):4}  second {sum(b):4}  both {hit:4}")
    return kappa(a, b), f1


def tell(name, both):
    agent = [pair for pair in both if pair[0]["speaker"] == "agent"]
    caller = [pair for pair in both if pair[0]["speaker"] == "caller"]
    print(f"{name}: {len(agent)} agent turns, {len(caller)} caller turns")
    figures = []
    for code in sorted(gold.CODES):
        has = lambda record: any(found["code"] == code for found in record["codes"])
        a, b = [has(first) for first, _ in agent], [has(second) for _, second in agent]
        if sum(a) + sum(b):
            figures.append(row(code, a, b))
    print(f"  codes: mean kappa {sum(k for k, _ in figures) / len(figures):.3f}, macro-F1 {sum(f for _, f in figures) / len(figures):.3f}")
    grave = lambda record: any(HEARD.index(mark["heard"]) >= HEARD.index("veiled") for mark in record["safety"])
    row("safety words", [grave(first) for first, _ in caller], [grave(second) for _, second in caller])
    row("own risk", [grave(first) for first, _ in agent], [grave(second) for _, second in agent])


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else gold.ROOT / "content/gold")
    for part in ("train", "test"):
        tell(part, list(pairs(read(root / part), read(root / "second" / part))))


if __name__ == "__main__":
    main()
