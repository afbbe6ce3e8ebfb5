"""The words of the model: a BERT WordPiece vocabulary cut down to what occurs, and turns as rows of token ids.

A row is `[CLS] [who] turn [SEP] [who] turn before [SEP]`, where `[who]` is one token that says whether an agent or a caller speaks.
The Rust side (crates/ear/src/words.rs) does the same; a test there holds the two together.
"""
import collections
import json
import pathlib

from tokenizers.implementations import BertWordPieceTokenizer

TURN_TOKENS_MAX = 96
"""Tokens of the turn itself; what is longer is read in windows by the Rust side, and cut here."""
BEFORE_TOKENS_MAX = 24
"""Tokens of the turn before; its last ones are kept, since a turn mostly ends with what wants an answer."""
PIECES_MAX = 16_000
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[AGENT]", "[CALLER]"]
WHO = {"agent": 5, "caller": 6, "other": 6}
PAD, CLS, SEP = 0, 2, 3


def texts(folders):
    """Every text of the training corpora, in a fixed order."""
    for folder in folders:
        for file in sorted(pathlib.Path(folder).rglob("*.jsonl")):
            for line in file.read_text(encoding="utf8").splitlines():
                record = json.loads(line)
                for turn in record.get("turns", [record]):
                    yield turn["text"]


def prune(vocabulary, corpus):
    """The pieces to keep: single characters, what occurs at least twice, then the commonest (the base is in order of frequency)."""
    pieces = pathlib.Path(vocabulary).read_text(encoding="utf8").splitlines()
    base = BertWordPieceTokenizer(vocabulary, lowercase=True)
    seen = collections.Counter()
    batch = []
    for text in corpus:
        batch.append(text)
        if len(batch) == 10_000:
            for row in base.encode_batch(batch, add_special_tokens=False):
                seen.update(row.ids)
            batch = []
    for row in base.encode_batch(batch, add_special_tokens=False):
        seen.update(row.ids)
    plain = lambda piece: piece.isascii() and not piece.startswith("[")
    single = [at for at, piece in enumerate(pieces) if plain(piece) and len(piece.removeprefix("##")) == 1]
    twice = [at for at, count in seen.most_common() if count >= 2 and at not in set(single) and not pieces[at].startswith("[")]
    common = [at for at, piece in enumerate(pieces) if plain(piece) and piece.isascii()]
    keep = dict.fromkeys(single + twice[: PIECES_MAX - len(single)])
    for at in common:
        if len(keep) >= PIECES_MAX:
            break
        keep.setdefault(at)
    return SPECIAL + [pieces[at] for at in sorted(keep)]


def base_rows(vocabulary, pieces):
    """The rows of the base's word table that our pieces take; who speaks takes two rows that the base never used."""
    own = {"[AGENT]": "[unused1]", "[CALLER]": "[unused2]"}
    at = {piece: row for row, piece in enumerate(pathlib.Path(vocabulary).read_text(encoding="utf8").splitlines())}
    return [at[own.get(piece, piece)] for piece in pieces]


class Words:
    """The tokenizer over a pruned vocabulary."""

    def __init__(self, pieces):
        self.pieces = pieces
        self.inner = BertWordPieceTokenizer({piece: at for at, piece in enumerate(pieces)}, lowercase=True)

    def tokens(self, text):
        row = self.inner.encode(text, add_special_tokens=False)
        return row.ids, row.offsets

    def row(self, speaker, text, before=None):
        """Ids, segments and, for every token of the turn, its place in the text."""
        ids, places = self.tokens(text)
        ids, places = ids[:TURN_TOKENS_MAX], places[:TURN_TOKENS_MAX]
        row, segments = [CLS, WHO[speaker], *ids, SEP], [0] * (len(ids) + 3)
        if before:
            tail = self.tokens(before["text"])[0][-BEFORE_TOKENS_MAX:]
            row += [WHO[before["speaker"]], *tail, SEP]
            segments += [1] * (len(tail) + 2)
        return row, segments, places

