"""The network: MiniLM-L6 (BERT of six layers, 384 wide) with heads for a turn and for each of its tokens."""
import torch
from torch import nn
from torch.nn import functional

WIDE, LAYERS, HEADS, INNER, PLACES = 384, 6, 12, 1536, 192
"""PLACES: position rows kept of the base's 512; a row has at most 96 + 32 + 5 tokens."""
EPS = 1e-12


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDE, WIDE) for _ in range(4))
        self.up, self.down = nn.Linear(WIDE, INNER), nn.Linear(INNER, WIDE)
        self.after_attention, self.after_inner = nn.LayerNorm(WIDE, EPS), nn.LayerNorm(WIDE, EPS)

    def forward(self, x, mask):
        batch, length, _ = x.shape
        split = lambda y: y.view(batch, length, HEADS, WIDE // HEADS).transpose(1, 2)
        seen = functional.scaled_dot_product_attention(split(self.query(x)), split(self.key(x)), split(self.value(x)), mask)
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, WIDE))
        x = self.after_attention(x + seen)
        return self.after_inner(x + self.down(functional.gelu(self.up(x))))


class Encoder(nn.Module):
    def __init__(self, pieces, layers=LAYERS):
        super().__init__()
        self.word, self.place, self.segment = nn.Embedding(pieces, WIDE), nn.Embedding(PLACES, WIDE), nn.Embedding(2, WIDE)
        self.norm = nn.LayerNorm(WIDE, EPS)
        self.layers = nn.ModuleList(Layer() for _ in range(layers))

    def forward(self, ids, segments, mask):
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.word(ids) + self.place(places) + self.segment(segments))
        mask = mask[:, None, None, :].bool()
        for layer in self.layers:
            x = layer(x, mask)
        return x

    def load_base(self, file, rows):
        """Takes the base's weights; `rows` are the rows of its word table that are kept."""
        from safetensors.torch import load_file

        base = load_file(file)
        own = {"word.weight": base["embeddings.word_embeddings.weight"][rows], "place.weight": base["embeddings.position_embeddings.weight"][:PLACES]}
        own["segment.weight"] = base["embeddings.token_type_embeddings.weight"]
        own |= {f"norm.{part}": base[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")}
        names = {
            "query": "attention.self.query", "key": "attention.self.key", "value": "attention.self.value", "out": "attention.output.dense",
            "up": "intermediate.dense", "down": "output.dense", "after_attention": "attention.output.LayerNorm", "after_inner": "output.LayerNorm",
        }
        for at in range(len(self.layers)):
            for ours, theirs in names.items():
                for part in ("weight", "bias"):
                    own[f"layers.{at}.{ours}.{part}"] = base[f"encoder.layer.{at}.{theirs}.{part}"]
        self.load_state_dict(own)


class Ear(nn.Module):
    """`turn` and `token` are one linear map each; `sizes` names their outputs in order (train.HEADS)."""

    def __init__(self, pieces, turn, token, layers=LAYERS):
        super().__init__()
        self.encoder = Encoder(pieces, layers)
        self.turn, self.token = nn.Linear(2 * WIDE, turn), nn.Linear(WIDE, token)

    def forward(self, ids, segments, mask):
        x = self.encoder(ids, segments, mask)
        own = (mask * (segments == 0)).unsqueeze(2).to(x.dtype)
        mean = (x * own).sum(1) / own.sum(1)
        pooled = torch.cat([x[:, 0], mean], 1)
        return self.turn(functional.dropout(pooled, 0.1, self.training)), self.token(x), functional.normalize(mean)
