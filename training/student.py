#!/usr/bin/env python3
"""What a fast student would be worth: two small networks without attention, beside the network that ships, on the development split.

usage: student.py --base FOLDER --gold FOLDER --work FOLDER
  --work   where train.py left small.pt
`n-grams`: hashed words, pairs of words and letters (3 to 5), one linear map. `static`: a vector for each word piece (the base's own, learning on),
their mean and the mean of the turn before, one hidden layer. Both learn the labels and what the network says. They are compared by
macro-F1 over the codes, each line chosen on the same split, for all three alike. docs/decisions/0003-the-ear.md says what came of it.
"""
import argparse
import pathlib
import re
import time
import zlib

import numpy
import torch
from torch import nn
from torch.nn import functional

import data
import net
import train
import words

BUCKETS, EPOCHS, BATCH, HIDDEN, TRUST = 1 << 17, 12, 64, 256, 0.5
LETTERS = (3, 4, 5)


def grams(text):
    """The numbers of a text's n-grams."""
    found = re.findall(r"\w+|[^\w\s]", text.lower())
    out = [*found, *map(" ".join, zip(found, found[1:]))]
    for word in found:
        framed = f"<{word}>"
        out += [f"#{framed[at : at + n]}" for n in LETTERS for at in range(len(framed) - n + 1)]
    return [zlib.crc32(one.encode()) % BUCKETS for one in out] or [0]


def bags(lists):
    flat = torch.tensor([one for some in lists for one in some])
    ends = numpy.cumsum([0] + [len(some) for some in lists[:-1]])
    return flat, torch.tensor(ends)


class Grams(nn.Module):
    rate = 5e-3

    def __init__(self, _):
        super().__init__()
        self.map = nn.EmbeddingBag(BUCKETS, len(data.BOOK_CODES), mode="mean")
        self.scale = nn.Parameter(torch.tensor(20.0))
        self.shift = nn.Parameter(torch.full((len(data.BOOK_CODES),), -3.0))
        nn.init.zeros_(self.map.weight)

    def forward(self, rows):
        return self.map(*bags([row["grams"] for row in rows])) * self.scale + self.shift


class Static(nn.Module):
    rate = 1e-3

    def __init__(self, table):
        super().__init__()
        self.word = nn.EmbeddingBag.from_pretrained(table.clone(), mode="mean", freeze=False)
        self.hidden, self.out = nn.Linear(2 * net.WIDE, HIDDEN), nn.Linear(HIDDEN, len(data.BOOK_CODES))

    def forward(self, rows):
        own = self.word(*bags([row["ids"][2 : 2 + row["n"]] or [1] for row in rows]))
        before = self.word(*bags([row["ids"][3 + row["n"] :] or [1] for row in rows]))
        return self.out(functional.relu(self.hidden(torch.cat([own, before], 1))))


def fit(model, rows):
    optimizer = torch.optim.AdamW(model.parameters(), model.rate, weight_decay=0.0)
    for epoch in range(EPOCHS):
        order = torch.randperm(len(rows)).tolist()
        for group in optimizer.param_groups:
            group["lr"] = model.rate * (1 - epoch / EPOCHS)
        for at in range(0, len(order), BATCH):
            some = [rows[one] for one in order[at : at + BATCH]]
            out = model(some)
            hard, soft = (torch.tensor([row[name] for row in some]) for name in ("code", "soft_code"))
            loss = functional.binary_cross_entropy_with_logits(out, (1 - TRUST) * hard + TRUST * soft)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model


@torch.no_grad()
def score(model, rows):
    began = time.perf_counter()
    out = torch.cat([torch.sigmoid(model(rows[at : at + BATCH])) for at in range(0, len(rows), BATCH)]).numpy()
    return train.best_f1(out, rows, "code"), len(rows) / (time.perf_counter() - began)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "gold", "work"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    torch.manual_seed(train.SEED)
    torch.set_num_threads(1)
    pieces = train.VOCABULARY.read_text(encoding="utf8").splitlines()
    tokenizer = words.Words(pieces)
    full = net.Ear(len(pieces), sum(data.TURN.values()), sum(data.TOKEN.values()), len(net.KEPT_LAYERS), net.KEPT_INNER)
    full.load_state_dict(torch.load(pathlib.Path(args.work) / "small.pt", weights_only=True))
    full.eval()
    records = [record for record in data.gold_records(pathlib.Path(args.gold) / "train") if record["speaker"] == "agent"]
    rows = []
    for record in records:
        before = record["context"][-1]["text"] if record["context"] else ""
        row = data.agent_row(tokenizer, record)
        # Words of the turn before are other features than the turn's own.
        row["grams"] = grams(record["text"]) + [(one * 31 + 7) % BUCKETS for one in grams(before)[:40]]
        row["dev"] = data.is_dev(record["family"])
        rows.append(row)
    turn, place = [None] * len(rows), data.parts(data.TURN)["code"]
    order = sorted(range(len(rows)), key=lambda at: len(rows[at]["ids"]))
    with torch.no_grad():
        for at in range(0, len(order), BATCH):
            some = order[at : at + BATCH]
            length = max(len(rows[one]["ids"]) for one in some)
            fill = lambda name: torch.tensor([rows[one][name] + [0] * (length - len(rows[one][name])) for one in some])
            ids = fill("ids")
            out = torch.sigmoid(full(ids, fill("segments"), (ids != words.PAD).long())[0][:, place])
            for one, said in zip(some, out.tolist()):
                rows[one]["soft_code"] = said
    learn, dev = [row for row in rows if not row["dev"]], [row for row in rows if row["dev"]]
    said = numpy.array([row["soft_code"] for row in dev])
    print(f"the network that ships, turn scores alone: macro-F1 {train.best_f1(said, dev, 'code'):.3f} on {len(dev)} turns")
    for name, make in (("n-grams", Grams), ("static", Static)):
        f1, speed = score(fit(make(full.encoder.word.weight.detach()), learn), dev)
        print(f"{name}: macro-F1 {f1:.3f}; {speed:,.0f} turns a second in PyTorch, one thread, words cut already")


if __name__ == "__main__":
    main()
