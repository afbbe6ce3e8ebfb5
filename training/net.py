"""The network: MiniLM-L6 (BERT of six layers, 384 wide) with heads for a turn and for each of its tokens; and a smaller one cut out of it."""
import torch
from torch import nn
from torch.nn import functional

WIDE, LAYERS, HEADS, INNER, PLACES = 384, 6, 12, 1536, 192
KEPT_LAYERS, KEPT_INNER = (0, 1, 3, 5), 768
"""What of it the smaller network keeps: these layers, and half of what each holds inside."""
"""PLACES: position rows kept of the base's 512; a row has at most 96 + 24 + 5 tokens."""
EPS = 1e-12


class Layer(nn.Module):
    def __init__(self, inner=INNER):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(WIDE, WIDE) for _ in range(4))
        self.up, self.down = nn.Linear(WIDE, inner), nn.Linear(inner, WIDE)
        self.after_attention, self.after_inner = nn.LayerNorm(WIDE, EPS), nn.LayerNorm(WIDE, EPS)

    def forward(self, x, mask):
        batch, length, _ = x.shape
        split = lambda y: y.view(batch, length, HEADS, WIDE // HEADS).transpose(1, 2)
        seen = functional.scaled_dot_product_attention(split(self.query(x)), split(self.key(x)), split(self.value(x)), mask)
        seen = self.out(seen.transpose(1, 2).reshape(batch, length, WIDE))
        x = self.after_attention(x + seen)
        return self.after_inner(x + self.down(functional.gelu(self.up(x))))


class Encoder(nn.Module):
    def __init__(self, pieces, layers=LAYERS, inner=INNER):
        super().__init__()
        self.word, self.place, self.segment = nn.Embedding(pieces, WIDE), nn.Embedding(PLACES, WIDE), nn.Embedding(2, WIDE)
        self.norm = nn.LayerNorm(WIDE, EPS)
        self.layers = nn.ModuleList(Layer(inner) for _ in range(layers))

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

    def __init__(self, pieces, turn, token, layers=LAYERS, inner=INNER):
        super().__init__()
        self.encoder = Encoder(pieces, layers, inner)
        self.turn, self.token = nn.Linear(2 * WIDE, turn), nn.Linear(WIDE, token)

    def forward(self, ids, segments, mask):
        x = self.encoder(ids, segments, mask)
        own = (mask * (segments == 0)).unsqueeze(2).to(x.dtype)
        mean = (x * own).sum(1) / own.sum(1)
        pooled = torch.cat([x[:, 0], mean], 1)
        return self.turn(functional.dropout(pooled, 0.1, self.training)), self.token(x), functional.normalize(mean)

    @torch.no_grad()
    def smaller(self, batches):
        """The network that ships before it has learnt: the layers KEPT_LAYERS of this one, each with the KEPT_INNER inner units that weigh most.

        A unit weighs what it gives on average over the tokens of `batches` (ids, segments, mask), times the length of what it adds.
        """
        small = Ear(self.encoder.word.num_embeddings, self.turn.out_features, self.token.out_features, len(KEPT_LAYERS), KEPT_INNER)
        given = [torch.zeros(INNER) for _ in self.encoder.layers]

        def count(at):
            def hook(_, __, out):
                given[at] += functional.gelu(out).abs().sum((0, 1))

            return hook

        hooks = [layer.up.register_forward_hook(count(at)) for at, layer in enumerate(self.encoder.layers)]
        for batch in batches:
            self.encoder(*batch)
        for hook in hooks:
            hook.remove()
        for name in ("word", "place", "segment", "norm"):
            getattr(small.encoder, name).load_state_dict(getattr(self.encoder, name).state_dict())
        small.turn.load_state_dict(self.turn.state_dict())
        small.token.load_state_dict(self.token.state_dict())
        for layer, at in zip(small.encoder.layers, KEPT_LAYERS):
            old = self.encoder.layers[at]
            keep = (given[at] * old.down.weight.norm(dim=0)).topk(KEPT_INNER).indices.sort().values
            state = old.state_dict()
            state |= {"up.weight": old.up.weight[keep], "up.bias": old.up.bias[keep], "down.weight": old.down.weight[:, keep]}
            layer.load_state_dict(state)
        return small
