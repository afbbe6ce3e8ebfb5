#!/usr/bin/env python3
"""Gives the network's scores a meaning: probabilities, and the lines from which on they count. Then writes models/.

usage: calibrate.py --data FOLDER --gold FOLDER --work FOLDER --rules FILE [--kind f32|row] [--version X]
  --work   where train.py left small.pt
  --rules  what `evenkeel code --rules-alone` says of the development split (`calibrate.py --lines` prints that split)
Everything here is fitted on the development split of the gold and on the held-out rows of GoEmotions. The network is asked through the
file that ships (models/ear.onnx), so that what its smaller numbers do is calibrated too.
"""
import argparse
import json
import pathlib

import numpy
import onnxruntime
import torch
from scipy import optimize

import data
import export
import net
import words

MODELS = pathlib.Path(__file__).resolve().parent.parent / "models"
PULL = 4.0
"""How strongly a code's own calibration is drawn to that of all codes together, in turns."""
ALARMS = 0.09
"""Share of caller turns without any safety words at which rules and network together may raise alarm (the issue allows .10)."""
OWN_ALARMS = 0.003
"""The same for the agent's own words, where a false alarm stops a practice."""
SURE_ENOUGH = 2 / 3
"""Share of turns near a code, and without any, that must hold one for the coder to call itself unsure there."""
EDGE = 1e-6
QUIET = -20.0
"""The safety logit of a turn that has no pieces."""


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def logit(p):
    p = numpy.clip(p, EDGE, 1 - EDGE)
    return numpy.log(p / (1 - p))


class Scores:
    """Raw scores of the shipped file."""

    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 2
        self.session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.turn, self.token = data.parts(data.TURN), data.parts(data.TOKEN)
        self.known = {}

    def run(self, rows):
        """Logits for every turn, for every turn the surest piece of every code, and the highest safety logit of its pieces. Asked for once, kept for all heads."""
        if id(rows) not in self.known:
            self.known[id(rows)] = self.compute(rows)
        turn, widest, safety = self.known[id(rows)]
        return turn, widest.copy(), safety

    def compute(self, rows):
        order = sorted(range(len(rows)), key=lambda one: len(rows[one]["ids"]))
        turn, widest, safety = [None] * len(rows), numpy.zeros((len(rows), len(data.BOOK_CODES))), numpy.full(len(rows), QUIET)
        for at in range(0, len(order), 32):
            some = order[at : at + 32]
            out, token = self.session.run(["turn", "token"], export.feed([rows[one] for one in some]))
            for place, one in enumerate(some):
                turn[one] = out[place]
                unit = token[place, 2 : 2 + rows[one]["n"], self.token["unit"]]
                if len(unit):
                    safety[one] = token[place, 2 : 2 + rows[one]["n"], self.token["safety"]].max()
                    share = numpy.exp(unit - unit.max(1, keepdims=True))
                    widest[one] = (share / share.sum(1, keepdims=True))[:, 1:].max(0)
        return numpy.array(turn), widest, safety


def fit(features, want, start, pull):
    """Weights of a logistic regression, drawn to `start`."""

    def lost(weights):
        z = features @ weights
        gap = weights - start
        return numpy.sum(numpy.logaddexp(0, z) - want * z) + 0.5 * pull * gap @ gap, features.T @ (sigmoid(z) - want) + pull * gap

    return optimize.minimize(lost, start, jac=True, method="L-BFGS-B").x


def best_line(p, want):
    """The line with the best F1, on the labels and on what the probabilities themselves expect, half and half: few turns hold a rare code."""
    grid = numpy.arange(0.10, 0.81, 0.01)

    def f1(truth):
        return numpy.array([2 * truth[p >= line].sum() / max(1e-9, (p >= line).sum() + truth.sum()) for line in grid])

    return float(grid[(f1(want) + f1(p)).argmax()])


def entry(scale, shift, line, rule=0.0, **more):
    more = {key: round(float(value), 4) for key, value in more.items()}
    return {**more, "scale": round(float(scale), 4), "shift": round(float(shift), 4), "rule": round(float(rule), 4), "line": round(float(line), 4)}


def both(scores, rows):
    """A code's score: the mean of what the turn says and what its surest piece says. An omission has no piece, so DEFLECT is the turn's alone."""
    turn, widest, _ = scores.run(rows)
    whole = sigmoid(turn[:, scores.turn["code"]])
    deflect = data.BOOK_CODES.index("DEFLECT")
    widest[:, deflect] = whole[:, deflect]
    return logit((whole + widest) / 2)


def codes(scores, rows, rules):
    x = both(scores, rows)
    want = numpy.array([row["code"] for row in rows])
    features = lambda at: numpy.stack([x[:, at], numpy.ones(len(rows)), rules[:, at]], 1)
    every = range(len(data.BOOK_CODES))
    whole = fit(numpy.concatenate([features(at) for at in every]), want.T.reshape(-1), numpy.array([1.0, 0.0, 0.0]), 0.0)
    print(f"all codes: scale {whole[0]:.2f}, shift {whole[1]:.2f}, rule {whole[2]:.2f}")
    out = {}
    for at, code in enumerate(data.BOOK_CODES):
        weights = fit(features(at), want[:, at], whole, PULL)
        weights[2] = max(0.0, weights[2])
        p = sigmoid(features(at) @ weights)
        line = best_line(p, want[:, at])
        out[f"code.{code}"] = entry(weights[0], weights[1], line, weights[2])
        on = p >= line
        print(f"  {code:14} line {line:.2f} F1 {2 * (on & (want[:, at] > 0)).sum() / max(1, on.sum() + want[:, at].sum()):.2f} of {int(want[:, at].sum())}, rule {weights[2]:.2f}")
    return out


def plain(scores, rows, part, names, prefix, pull=PULL):
    turn, _, _ = scores.run(rows)
    x = turn[:, scores.turn[part]]
    want = numpy.array([row[part] for row in rows])
    features = lambda at: numpy.stack([x[:, at], numpy.ones(len(rows))], 1)
    whole = fit(numpy.concatenate([features(at) for at in range(x.shape[1])]), want.T.reshape(-1), numpy.array([1.0, 0.0]), 0.0)
    out, figures = {}, []
    for at, name in enumerate(names):
        weights = fit(features(at), want[:, at], whole, pull)
        p = sigmoid(features(at) @ weights)
        line = best_line(p, want[:, at])
        out[f"{prefix}.{name}"] = entry(*weights, line)
        figures.append(2 * ((p >= line) & (want[:, at] > 0)).sum() / max(1, (p >= line).sum() + want[:, at].sum()))
    print(f"{prefix}: macro-F1 {numpy.mean(figures):.3f} on what the lines were chosen by")
    return out


def in_the_gap(p, grave, none, line):
    """The line moved up into the gap below the least sure turn that is still heard: the same recall, fewer alarms."""
    heard = p[grave & (p >= line)]
    below = p[none & (p < heard.min())]
    return float((heard.min() + below.max()) / 2) if len(heard) else line


def steps(scores, rows, ruled, part, names, prefix, alarms):
    """Lines for `heard`, from what the turn says and from its surest piece: the first two by the false alarms that rules and network may raise together, the graver
    ones by their best F1. `ruled`: the rules have heard at least `veiled`. A stop of practice is weighed more: its line goes up into the gap."""
    turn, _, safety = scores.run(rows)
    x = turn[:, scores.turn[part]]
    want = numpy.array([row[part] for row in rows])
    none, grave = want[:, 0] == 0, want[:, 1] > 0
    left = alarms - (ruled & none).sum() / none.sum()
    print(f"  {prefix}: rules alone hear {(ruled & grave).sum()} of {grave.sum()}, false alarms {(ruled & none).sum() / none.sum():.4f}")
    out = {}
    for at, name in enumerate(names):
        features = numpy.stack([x[:, at], numpy.ones(len(rows)), safety], 1)
        weights = fit(features, want[:, at], numpy.array([0.5, 0.0, 0.5]), 1.0)
        weights[[0, 2]] = numpy.maximum(weights[[0, 2]], 0.0)
        p = sigmoid(features @ weights)
        quiet = numpy.sort(p[none & ~ruled])[::-1]
        line = float(quiet[min(len(quiet) - 1, int(max(0.0, left) * none.sum()))]) + EDGE if at < 2 else best_line(p, want[:, at])
        if prefix == "own":
            line = in_the_gap(p, want[:, at] > 0, none, line)
        out[f"{prefix}.{name}"] = entry(weights[0], weights[1], max(line, 0.001), piece=weights[2])
        heard, alarm = ruled | (p >= line), none & (ruled | (p >= line))
        print(f"  {prefix}.{name}: scale {weights[0]:.2f}, piece {weights[2]:.2f}, line {line:.4f}, with the rules heard {(heard & (want[:, at] > 0)).sum()} of {int(want[:, at].sum())}, false alarms {alarm.sum() / none.sum():.4f}")
        if at == 1:
            for alarm in (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2):
                lines = [numpy.quantile(values[none], 1 - alarm) for values in (x[:, 1], safety, p)]
                found = [int((values[grave] > line).sum()) for values, line in zip((x[:, 1], safety, p), lines)]
                print(f"    network alone at {alarm:.1%} false alarms: turn {found[0]}, surest piece {found[1]}, both {found[2]} of {grave.sum()}")
    return out


def meaning(scores, tokenizer, casts):
    """From likeness to the probability that the nearest fact is the one that was asked for; what asks for none counts against it."""
    row = lambda text: dict(zip(("ids", "segments"), tokenizer.row("agent", text)[:2]))

    def vectors(texts):
        out = scores.session.run(["mean"], export.feed([row(text) for text in texts]))[0]
        return out / numpy.linalg.norm(out, axis=1, keepdims=True)

    likeness, right, asked = [], [], []
    for cast in casts:
        owner = [at for at, fact in enumerate(cast["facts"]) for _ in fact["examples"]]
        shelf = vectors([text for fact in cast["facts"] for text in fact["examples"]])
        lines = [(at, text) for at, fact in enumerate(cast["facts"]) for text in fact["asked"]] + [(None, text) for text in cast["none"]]
        for (fact, _), near in zip(lines, vectors([text for _, text in lines]) @ shelf.T):
            likeness.append(near.max())
            right.append(float(owner[int(near.argmax())] == fact))
            asked.append(fact is not None)
    likeness, right, asked = numpy.array(likeness), numpy.array(right), numpy.array(asked)
    weights = fit(numpy.stack([likeness, numpy.ones(len(likeness))], 1), right, numpy.array([10.0, -5.0]), 0.001)
    p = sigmoid(weights[0] * likeness + weights[1])
    line = best_line(p, right)
    print(f"meaning: right fact first {right[asked].mean():.3f} of {asked.sum()}; at the line {line:.2f} right {((p >= line) & (right > 0))[asked].mean():.3f}, silent where none is asked {(p < line)[~asked].mean():.3f} of {(~asked).sum()}")
    return {"meaning": entry(*weights, line)}


def abstain(entries, scores, rows, rules):
    """The probability that the nearest code must have, where no code stands, for the coder to be unsure instead of silent."""
    x = both(scores, rows)
    each = [entries[f"code.{code}"] for code in data.BOOK_CODES]
    get = lambda key: numpy.array([one[key] for one in each])
    p = sigmoid(x * get("scale") + get("shift") + rules * get("rule"))
    silent = (p < get("line")).all(1)
    nearest, holds = p.max(1)[silent], numpy.array([row["code"] for row in rows])[silent].any(1)
    order = numpy.argsort(-nearest)
    share = numpy.cumsum(holds[order]) / numpy.arange(1, len(order) + 1)
    enough = numpy.nonzero(share >= SURE_ENOUGH)[0]
    line = float(nearest[order][enough[-1]]) if len(enough) else 1.0
    print(f"abstain: {silent.sum()} turns hold nothing, {(nearest >= line).sum()} of them near something at {line:.2f}, of which {holds[nearest >= line].sum()} hold a code")
    return {"abstain": entry(1.0, 0.0, line)}


def toml(version, entries):
    names = [f"code.{code}" for code in data.BOOK_CODES] + [f"level.{code}" for code in data.BOOK_CODES] + [f"emotion.{label}" for label in data.EMOTIONS]
    names += [f"sign.{sign}" for sign in data.SIGNS] + [f"heard.{step}" for step in data.HEARD] + [f"kind.{kind}" for kind in data.KINDS]
    names += ["own.distress", "own.veiled"]
    token = ["unit.none"] + [f"unit.{code}" for code in data.BOOK_CODES] + [f"sign.{sign}" for sign in data.SIGNS] + ["safety"]
    lines = ["# Written by training/calibrate.py; what it means is in ear.md.", f'version = "{version}"', f"turn = {json.dumps(names)}", f"token = {json.dumps(token)}", "", "[calibration]"]
    for name, values in entries.items():
        inner = ", ".join(f"{key} = {value}" for key, value in values.items())
        lines.append(f'"{name}" = {{ {inner} }}')
    return "\n".join(lines) + "\n"


def dev(records, speaker):
    return [record for record in records if record["speaker"] == speaker and data.is_dev(record["family"])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("data", "gold", "work", "rules"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--lines", action="store_true", help="print the development split as lines for `evenkeel code`, and stop")
    parser.add_argument("--kind", choices=("f32", "row"), default="row")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--checkpoint", default="small.pt", help="all.pt calibrates the large network, to compare")
    args = parser.parse_args()
    records = data.gold_records(pathlib.Path(args.gold) / "train")
    agent, caller = dev(records, "agent"), dev(records, "caller")
    if args.lines:
        for record in agent + caller:
            print(json.dumps({key: record[key] for key in ("id", "speaker", "context", "text")}))
        return
    tokenizer = words.Words((MODELS / "ear.words.txt").read_text(encoding="utf8").splitlines())
    size = (net.LAYERS, net.INNER) if args.checkpoint == "all.pt" else (len(net.KEPT_LAYERS), net.KEPT_INNER)
    ear = net.Ear(len(tokenizer.pieces), sum(data.TURN.values()), sum(data.TOKEN.values()), *size)
    ear.load_state_dict(torch.load(pathlib.Path(args.work) / args.checkpoint, weights_only=True))
    ear.eval()
    model = export.build(ear, args.kind)
    weights = model.SerializeToString()
    (MODELS / "ear.onnx").write_bytes(weights)
    agents, callers = [data.agent_row(tokenizer, record) for record in agent], [data.caller_row(tokenizer, record) for record in caller]
    print(f"{args.kind}: {len(weights):,} bytes; {export.check(model, ear, agents[:64])}")
    said = {row["id"]: row for row in map(json.loads, pathlib.Path(args.rules).read_text(encoding="utf8").splitlines())}
    rules = numpy.zeros((len(agent), len(data.BOOK_CODES)))
    for at, record in enumerate(agent):
        for found in said[record["id"]]["codes"]:
            rules[at, data.BOOK_CODES.index(found["code"])] = found["confidence"]
    heard = lambda records: numpy.array([said[record["id"]]["safety"]["heard"] in data.HEARD[1:] for record in records])
    scores = Scores(weights)
    entries = codes(scores, agents, rules)
    held = data.emotion_rows(tokenizer, pathlib.Path(args.data) / "goemotions/train.jsonl", held_out=True)
    entries |= plain(scores, held, "emotion", data.EMOTIONS, "emotion")
    entries |= plain(scores, callers, "sign", data.SIGNS, "sign")
    entries |= plain(scores, callers, "kind", data.KINDS, "kind")
    entries |= steps(scores, callers, heard(caller), "heard", data.HEARD, "heard", ALARMS)
    entries |= steps(scores, agents, heard(agent), "own", ["distress", "veiled"], "own", OWN_ALARMS)
    entries |= abstain(entries, scores, agents, rules)
    entries |= meaning(scores, tokenizer, [cast for cast in data.casts(pathlib.Path(args.gold) / "train") if data.is_dev(cast["cast"])])
    (MODELS / "ear.toml").write_text(toml(args.version, entries), encoding="utf8")


if __name__ == "__main__":
    main()
