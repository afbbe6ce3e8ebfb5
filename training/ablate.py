#!/usr/bin/env python3
"""What each choice about the network is worth, on the development split: its size, its small numbers, the turn before, the surest piece, the rules.

usage: ablate.py --gold FOLDER --work FOLDER [--rules FILE]
  --work    where train.py left all.pt (the large network) and small.pt (the one that ships)
  --rules   what `evenkeel code --rules-alone` says of the split (see calibrate.py)
Macro-F1 over the codes, each line chosen on the same split for every row of the table alike, so the rows compare and none of them is a result;
callers' safety words as the share heard at one false alarm in ten. Intervals: families drawn anew 200 times.
"""
import argparse
import json
import pathlib

import numpy
import torch

import calibrate
import data
import export
import net
import train
import words

DRAWS, ALARMS = 200, 0.1


def interval(value, families):
    """The figure, and the middle 95 % of it over families drawn anew."""
    names = sorted(set(families))
    where = {name: [at for at, one in enumerate(families) if one == name] for name in names}
    chance = numpy.random.default_rng(train.SEED)
    drawn = sorted(value([at for name in chance.choice(names, len(names)) for at in where[name]]) for _ in range(DRAWS))
    return f"{value(list(range(len(families)))):.3f} [{drawn[int(0.025 * DRAWS)]:.3f}, {drawn[int(0.975 * DRAWS)]:.3f}]"


def code_f1(p, rows):
    return lambda some: train.best_f1(p[some], [rows[at] for at in some], "code")


def heard(p, rows):
    grave, none = (numpy.array([row["heard"][at] > 0 for row in rows]) == want for at, want in ((1, True), (0, False)))

    def value(some):
        line = numpy.quantile(p[some][none[some]], 1 - ALARMS)
        return (p[some][grave[some]] > line).mean()

    return value


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("gold", "work", "rules"):
        parser.add_argument(f"--{name}")
    args = parser.parse_args()
    tokenizer = words.Words(train.VOCABULARY.read_text(encoding="utf8").splitlines())
    records = data.gold_records(pathlib.Path(args.gold) / "train")
    agents, callers = calibrate.dev(records, "agent"), calibrate.dev(records, "caller")
    bare = lambda records: [dict(record, context=[]) for record in records]
    rows = lambda records, make: [make(tokenizer, record) for record in records]
    sizes = {"small": ("small.pt", len(net.KEPT_LAYERS), net.KEPT_INNER), "large": ("all.pt", net.LAYERS, net.INNER)}
    print(f"{len(agents)} agent turns, {len(callers)} caller turns")
    print("| network | numbers | codes, macro-F1 | callers' safety words |\n|---|---|---|---|")
    for size, kind, context in (("small", "row", True), ("small", "f32", True), ("small", "row", False), ("large", "row", True), ("large", "f32", True)):
        file, layers, inner = sizes[size]
        ear = net.Ear(len(tokenizer.pieces), sum(data.TURN.values()), sum(data.TOKEN.values()), layers, inner)
        ear.load_state_dict(torch.load(pathlib.Path(args.work) / file, weights_only=True))
        scores = calibrate.Scores(export.build(ear.eval(), kind).SerializeToString())
        agent, caller = rows(agents if context else bare(agents), data.agent_row), rows(callers if context else bare(callers), data.caller_row)
        p = calibrate.sigmoid(calibrate.both(scores, agent))
        turn, _, piece = scores.run(caller)
        grave = turn[:, scores.turn["heard"]][:, 1]
        families = ([record["family"] for record in agents], [record["family"] for record in callers])
        what = f"{size}, {'with' if context else 'without'} the turn before"
        print(f"| {what} | {kind} | {interval(code_f1(p, agent), families[0])} | {interval(heard(grave + piece, caller), families[1])} |")
        if (size, kind, context) != ("small", "row", True):
            continue
        alone = calibrate.sigmoid(turn_codes(scores, agent))
        print(f"| {what}, turn scores without the surest piece | {kind} | {interval(code_f1(alone, agent), families[0])} | {interval(heard(grave, caller), families[1])} |")
        if args.rules:
            said = {row["id"]: row for row in map(json.loads, pathlib.Path(args.rules).read_text(encoding="utf8").splitlines())}
            rules = numpy.zeros(p.shape)
            for at, record in enumerate(agents):
                for found in said[record["id"]]["codes"]:
                    rules[at, data.BOOK_CODES.index(found["code"])] = found["confidence"]
            print(f"| rules alone | | {interval(code_f1(rules, agent), families[0])} | |")
            print(f"| {what}, and rules, half and half | {kind} | {interval(code_f1((p + rules) / 2, agent), families[0])} | |")


def turn_codes(scores, rows):
    return scores.run(rows)[0][:, scores.turn["code"]]


if __name__ == "__main__":
    main()
