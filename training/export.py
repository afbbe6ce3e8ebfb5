#!/usr/bin/env python3
"""Writes the trained network as the ONNX file that the Rust side reads: weights in 7 bits a channel, words in 8 bits a row.

The graph is built here node by node, so that it holds nothing but what `crates/ear` runs. Two kinds of arithmetic: `f32`, to compare with,
and `row` (each row of each product in 8 bits by its own largest value), which ships. Both give the same for any batch.
Weights keep to -63..63: on processors without VNNI a pair of 8-bit products is added in 16 bits, and more would saturate.
"""
import numpy
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

import net

OPSET = 20
WEIGHT_MAX = 63
WORD_MAX = 127


class Graph:
    def __init__(self, kind):
        self.kind, self.nodes, self.constants, self.n = kind, [], {}, 0

    def constant(self, name, value):
        if name not in self.constants:
            self.constants[name] = numpy_helper.from_array(numpy.array(value, order="C"), name)
        return name

    def op(self, kind, *inputs, **attributes):
        self.n += 1
        out = f"{kind.lower()}_{self.n}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def ints(self, *values):
        return self.constant("ints_" + "_".join(str(value) for value in values).replace("-", "m"), numpy.array(values, numpy.int64))

    def number(self, value):
        return self.constant(f"number_{value}".replace("-", "m").replace(".", "_"), numpy.array(value, numpy.float32))

    def packed(self, name, weight):
        """A weight [in, out] as 7-bit numbers and a scale for each output."""
        scale = numpy.maximum(numpy.abs(weight).max(0), 1e-8) / WEIGHT_MAX
        return self.constant(name, numpy.round(weight / scale).astype(numpy.int8)), scale.astype(numpy.float32)

    def rows(self, x):
        """`x` as 8-bit numbers around 128 and the scale of every row."""
        largest = self.op("ReduceMax", self.op("Abs", x), self.ints(-1), keepdims=1)
        scale = self.op("Mul", self.op("Max", largest, self.number(1e-6)), self.number(1 / 127))
        # Cut after adding a half: rounded. A `QuantizeLinear` does the same and costs rten several times as much.
        spread = self.op("Add", self.op("Div", x, scale), self.number(128.5))
        return self.op("Cast", spread, to=TensorProto.UINT8), scale

    def linear(self, x, name, weight, bias):
        """`x` [..., in] times the weight [in, out], plus the bias. `x` is a name, or what `rows` gave."""
        add = self.constant(f"{name}.bias", bias.astype(numpy.float32))
        if self.kind == "f32":
            return self.op("Add", self.op("MatMul", x, self.constant(f"{name}.weight", weight)), add)
        whole, scale = self.packed(f"{name}.weight", weight)
        x, row_scale = x
        zero_a, zero_b = self.constant("middle", numpy.array(128, numpy.uint8)), self.constant("zero", numpy.array(0, numpy.int8))
        product = self.op("Cast", self.op("MatMulInteger", x, whole, zero_a, zero_b), to=TensorProto.FLOAT)
        product = self.op("Mul", product, self.constant(f"{name}.scale", scale))
        return self.op("Add", self.op("Mul", product, row_scale), add)

    def read(self, x):
        return x if self.kind == "f32" else self.rows(x)

    def norm(self, x, name, layer):
        values = [self.constant(f"{name}.{part}", getattr(layer, part).detach().numpy()) for part in ("weight", "bias")]
        return self.op("LayerNormalization", x, *values, axis=-1, epsilon=net.EPS)


def of(layer):
    return layer.weight.detach().numpy().T, layer.bias.detach().numpy()


def attention(graph, x, at, layer, bias):
    wide = [numpy.concatenate(pair, -1) for pair in zip(of(layer.query), of(layer.key), of(layer.value))]
    read = graph.read(x)
    heads = graph.ints(0, 0, net.HEADS, net.WIDE // net.HEADS)
    split = []
    joined = graph.linear(read, f"layer{at}.qkv", *wide)
    for part in range(3):
        piece = graph.op("Slice", joined, graph.ints(part * net.WIDE), graph.ints((part + 1) * net.WIDE), graph.ints(2))
        split.append(graph.op("Transpose", graph.op("Reshape", piece, heads), perm=[0, 2, 3, 1] if part == 1 else [0, 2, 1, 3]))
    query, key, value = split
    scores = graph.op("Mul", graph.op("MatMul", query, key), graph.number((net.WIDE // net.HEADS) ** -0.5))
    seen = graph.op("MatMul", graph.op("Softmax", graph.op("Add", scores, bias), axis=-1), value)
    seen = graph.op("Reshape", graph.op("Transpose", seen, perm=[0, 2, 1, 3]), graph.ints(0, 0, net.WIDE))
    seen = graph.linear(graph.read(seen), f"layer{at}.out", *of(layer.out))
    return graph.norm(graph.op("Add", x, seen), f"layer{at}.after_attention", layer.after_attention)


def build(ear, kind):
    """The whole graph. Inputs: ids and segments [rows, tokens], places [tokens], mask and own [rows, tokens]; own holds 1/n at the n tokens of the turn itself."""
    graph, encoder = Graph(kind), ear.encoder
    table = encoder.word.weight.detach().numpy()
    scale = (numpy.maximum(numpy.abs(table).max(1, keepdims=True), 1e-8) / WORD_MAX).astype(numpy.float32)
    graph.constant("words", numpy.round(table / scale).astype(numpy.int8))
    word = graph.op("Cast", graph.op("Gather", "words", "ids"), to=TensorProto.FLOAT)
    word = graph.op("Mul", word, graph.op("Gather", graph.constant("words.scale", scale), "ids"))
    place = graph.op("Gather", graph.constant("places.table", encoder.place.weight.detach().numpy()), "places")
    segment = graph.op("Gather", graph.constant("segments.table", encoder.segment.weight.detach().numpy()), "segments")
    x = graph.norm(graph.op("Add", graph.op("Add", word, segment), place), "norm", encoder.norm)
    bias = graph.op("Mul", graph.op("Sub", "mask", graph.number(1.0)), graph.number(10000.0))
    bias = graph.op("Unsqueeze", bias, graph.ints(1, 2))
    for at, layer in enumerate(encoder.layers):
        x = attention(graph, x, at, layer, bias)
        inner = graph.op("Gelu", graph.linear(graph.read(x), f"layer{at}.up", *of(layer.up)))
        inner = graph.linear(graph.read(inner), f"layer{at}.down", *of(layer.down))
        x = graph.norm(graph.op("Add", x, inner), f"layer{at}.after_inner", layer.after_inner)
    first = graph.op("Gather", x, graph.constant("first", numpy.array(0, numpy.int64)), axis=1)
    mean = graph.op("Squeeze", graph.op("MatMul", graph.op("Unsqueeze", "own", graph.ints(1)), x), graph.ints(1))
    exact = lambda x, name, layer: graph.op(
        "Add", graph.op("MatMul", x, graph.constant(f"{name}.weight", of(layer)[0])), graph.constant(f"{name}.bias", of(layer)[1])
    )
    outputs = {
        "turn": exact(graph.op("Concat", first, mean, axis=1), "turn_head", ear.turn),
        "token": exact(x, "token_head", ear.token),
        "mean": mean,
    }
    for name, made in outputs.items():
        graph.nodes.append(helper.make_node("Identity", [made], [name]))
    grid = ["rows", "tokens"]
    inputs = [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name, shape in (("ids", grid), ("segments", grid), ("places", ["tokens"]))]
    inputs += [helper.make_tensor_value_info(name, TensorProto.FLOAT, grid) for name in ("mask", "own")]
    shapes = {"turn": ["rows", ear.turn.out_features], "token": [*grid, ear.token.out_features], "mean": ["rows", net.WIDE]}
    gives = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    body = helper.make_graph(graph.nodes, "ear", inputs, gives, list(graph.constants.values()))
    model = helper.make_model(body, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=9)
    onnx.checker.check_model(model)
    return model


def feed(rows, pad=0):
    """The graph's inputs for rows of ids and segments."""
    length = max(len(row["ids"]) for row in rows) + pad
    ids, segments = numpy.zeros((len(rows), length), numpy.int64), numpy.zeros((len(rows), length), numpy.int64)
    mask, own = numpy.zeros(ids.shape, numpy.float32), numpy.zeros(ids.shape, numpy.float32)
    for at, row in enumerate(rows):
        n = len(row["ids"])
        ids[at, :n], segments[at, :n], mask[at, :n] = row["ids"], row["segments"], 1
        inside = numpy.array(row["segments"]) == 0
        own[at, :n][inside] = 1 / inside.sum()
    return {"ids": ids, "segments": segments, "places": numpy.arange(length), "mask": mask, "own": own}


def check(model, ear, rows):
    """How far the file strays from the network, and one row alone from the same row in a batch: the largest difference of a turn's probability."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    run = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    given = feed(rows)
    sigmoid = lambda x: 1 / (1 + numpy.exp(-x))
    turn, token, mean = run.run(["turn", "token", "mean"], given)
    with torch.no_grad():
        want, _, vector = ear.eval()(*(torch.tensor(given[name]) for name in ("ids", "segments")), torch.tensor(given["mask"]).long())
    alone = run.run(["turn"], feed(rows[:1]))[0]
    unit = mean / numpy.linalg.norm(mean, axis=1, keepdims=True)
    difference = numpy.abs(sigmoid(turn) - sigmoid(want.numpy()))
    return f"probabilities differ by at most {difference.max():.4f}, mean {difference.mean():.5f}; vectors agree to {(unit * vector.numpy()).sum(1).min():.4f}; alone and in a batch {numpy.abs(sigmoid(alone) - sigmoid(turn[:1])).max():.6f}"
