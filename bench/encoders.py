#!/usr/bin/env python3
"""The coder beside PyTorch, ONNX Runtime and RoBERTa-base, in one run, one thread each, batches sorted by length.

usage: encoders.py BINARY [TURNS]      BINARY: a release build of evenkeel; TURNS: how many turns each (default 1,500)
Needs what training/requirements.txt names (PyTorch, onnx, onnxruntime). The others get words that are cut already and compute nothing but
the network, with weights drawn at random: that serves for timing. evenkeel reads lines, cuts words, runs rules and network and writes lines.
Turns are those of content/gold/train, with the turn before as context. Three rounds; the middle one counts.
"""
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "training"))
os.environ["OMP_NUM_THREADS"] = "1"

import numpy
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import nn

import data
import export
import net
import words

BATCH, ROUNDS, SEED, CORE = 32, 3, 1, 0


def batches(rows, order):
    return [[rows[one] for one in order[at : at + BATCH]] for at in range(0, len(order), BATCH)]


class Eager(net.Layer):
    """Attention written out, as eager implementations have it."""

    def forward(self, x, mask):
        batch, length, _ = x.shape
        split = lambda y: y.view(batch, length, net.HEADS, net.WIDE // net.HEADS).transpose(1, 2)
        scores = split(self.query(x)) @ split(self.key(x)).transpose(2, 3) * (net.WIDE // net.HEADS) ** -0.5
        seen = (scores + (1.0 - mask.float()) * -1e4).softmax(-1) @ split(self.value(x))
        x = self.after_attention(x + self.out(seen.transpose(1, 2).reshape(batch, length, net.WIDE)))
        return self.after_inner(x + self.down(nn.functional.gelu(self.up(x))))


def roberta(pieces):
    layer = nn.TransformerEncoderLayer(768, 12, 3072, activation="gelu", batch_first=True)
    return nn.ModuleList([nn.Embedding(pieces, 768), nn.TransformerEncoder(layer, 12, enable_nested_tensor=False), nn.Linear(768, len(data.BOOK_CODES))]).eval()


def timed(run, some):
    began = time.perf_counter()
    for batch in some:
        run(batch)
    return time.perf_counter() - began


def evenkeel(binary, lines, folder, *flags):
    """Seconds of coding: a whole run less a run over one line, which reads the files and the weights."""
    seconds = []
    for n in (1, len(lines)):
        given = folder / f"{n}.jsonl"
        given.write_text("\n".join(lines[:n]) + "\n")
        began = time.perf_counter()
        subprocess.run(["taskset", "-c", str(CORE), binary, "code", *flags, "--in", given, "--out", folder / f"{n}.out"], check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return seconds[1] - seconds[0]


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    os.sched_setaffinity(0, {CORE})
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    n = int(sys.argv[2]) if len(sys.argv) == 3 else 1_500
    tokenizer = words.Words((ROOT / "models/ear.words.txt").read_text(encoding="utf8").splitlines())
    records = [record for record in data.gold_records(ROOT / "content/gold/train") if record["speaker"] == "agent"]
    records = random.Random(SEED).sample(records, min(n, len(records)))
    rows = [dict(zip(("ids", "segments"), tokenizer.row("agent", record["text"], record["context"][-1] if record["context"] else None)[:2])) for record in records]
    order = sorted(range(len(rows)), key=lambda one: len(rows[one]["ids"]))
    some = batches(rows, order)
    lines = [json.dumps({key: records[one][key] for key in ("id", "speaker", "context", "text")}) for one in order]
    sizes = (len(tokenizer.pieces), sum(data.TURN.values()), sum(data.TOKEN.values()), len(net.KEPT_LAYERS), net.KEPT_INNER)
    ear, large = net.Ear(*sizes).eval(), roberta(50_265)
    net.Layer, plain = Eager, net.Layer
    eager = net.Ear(*sizes).eval()
    net.Layer = plain
    folder = pathlib.Path(tempfile.mkdtemp())
    (folder / "f32.onnx").write_bytes(export.build(ear, "f32").SerializeToString())
    quantize_dynamic(folder / "f32.onnx", folder / "int8.onnx", weight_type=QuantType.QInt8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = lambda name: onnxruntime.InferenceSession(folder / name, options, providers=["CPUExecutionProvider"])
    whole, small = session("f32.onnx"), session("int8.onnx")

    def torch_run(model):
        def run(batch):
            given = export.feed(batch)
            with torch.no_grad():
                model(torch.tensor(given["ids"]), torch.tensor(given["segments"]), torch.tensor(given["mask"]).long())

        return run

    def roberta_run(batch):
        given = export.feed(batch)
        with torch.no_grad():
            x = large[0](torch.tensor(given["ids"]))
            large[2](large[1](x, src_key_padding_mask=torch.tensor(given["mask"]) == 0).mean(1))

    contestants = {
        "evenkeel code (words, rules, network, lines)": lambda: evenkeel(sys.argv[1], lines, folder),
        "evenkeel code --rules-alone": lambda: evenkeel(sys.argv[1], lines, folder, "--rules-alone"),
        "PyTorch eager fp32, the same encoder": lambda: timed(torch_run(eager), some),
        "PyTorch sdpa fp32, the same encoder": lambda: timed(torch_run(ear), some),
        "ONNX Runtime f32, the same encoder": lambda: timed(lambda batch: whole.run(None, export.feed(batch)), some),
        "ONNX Runtime int8 (dynamic), the same encoder": lambda: timed(lambda batch: small.run(None, export.feed(batch)), some),
        # An eighth of the turns, spread over all lengths: it is slow.
        "PyTorch fp32, RoBERTa-base": lambda: timed(roberta_run, some[::8]) * len(some) / len(some[::8]),
    }
    lengths = numpy.array([len(row["ids"]) for row in rows])
    print(f"{len(rows)} turns, {lengths.mean():.0f} pieces on average with the turn before; core {CORE}; middle of {ROUNDS} rounds")
    times = {name: [] for name in contestants}
    for _ in range(ROUNDS):
        for name, run in contestants.items():
            times[name].append(run())
    first = statistics.median(times["evenkeel code (words, rules, network, lines)"])
    for name, seconds in times.items():
        middle = statistics.median(seconds)
        print(f"{name}: {len(rows) / middle:,.0f} turns a second [{len(rows) / max(seconds):,.0f}, {len(rows) / min(seconds):,.0f}]; {middle / first:.2f} of evenkeel's time")


if __name__ == "__main__":
    main()
