"""ONNX files written byte by byte, so that tests hold no binary and need no exporter."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FLOAT, INT32, INT64, STRING, DOUBLE = 1, 6, 7, 8, 11
ELEMENT = {"float32": FLOAT, "int32": INT32, "int64": INT64, "float64": DOUBLE}
ML = "ai.onnx.ml"


@dataclass(frozen=True)
class Graph:
    """The bytes of a graph, as the value of an attribute."""

    content: bytes


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: float | str | bytes) -> bytes:
    """Return one field of a message."""
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value & (1 << 64) - 1)
    content = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def tensor(name: str, values: NDArray[Any]) -> bytes:
    """Return a constant."""
    dims = b"".join(field(1, int(dim)) for dim in values.shape)
    kind = ELEMENT[values.dtype.name]
    return dims + field(2, kind) + field(8, name) + field(9, values.tobytes())


def external_tensor(name: str, place: str) -> bytes:
    """Return a constant whose numbers are said to lie in another file."""
    entry = field(1, "location") + field(2, place)
    return field(1, 4) + field(2, FLOAT) + field(8, name) + field(13, entry) + field(14, 1)


def hollow_tensor(name: str, rows: int) -> bytes:
    """Return a constant that claims more numbers than it holds."""
    return field(1, rows) + field(2, FLOAT) + field(8, name) + field(9, b"\0" * 4)


def slot(name: str, shape: Sequence[int | str], kind: int = FLOAT) -> bytes:
    """Return an input or output; a text in the shape stands for any length."""
    dims = b"".join(
        field(1, field(2, dim) if isinstance(dim, str) else field(1, dim)) for dim in shape
    )
    return field(1, name) + field(2, field(1, field(1, kind) + field(2, dims)))


def node(
    operator: str, inputs: Sequence[str], outputs: Sequence[str], domain: str = "", **values: Any
) -> bytes:
    """Return an operator with its attributes."""
    content = b"".join(field(1, name) for name in inputs)
    content += b"".join(field(2, name) for name in outputs)
    content += field(4, operator)
    content += b"".join(field(5, _attribute(name, value)) for name, value in values.items())
    return content + (field(7, domain) if domain else b"")


def graph(
    nodes: Sequence[bytes],
    inputs: Sequence[bytes],
    outputs: Sequence[bytes],
    constants: Sequence[bytes] = (),
) -> bytes:
    """Return a graph."""
    return (
        b"".join(field(1, each) for each in nodes)
        + field(2, "g")
        + b"".join(field(5, each) for each in constants)
        + b"".join(field(11, each) for each in inputs)
        + b"".join(field(12, each) for each in outputs)
    )


def model(content: bytes, extra: bytes = b"", **domains: int) -> bytes:
    """Return a whole file; `domains` are versions of further operator sets."""
    sets = {"": 17, ML: 3} | domains
    imported = b"".join(field(8, field(1, name) + field(2, sets[name])) for name in sets)
    return field(1, 8) + field(2, "tests") + field(7, content) + imported + extra


def of_nodes(  # a model with one matrix in and whatever comes out
    nodes: Sequence[bytes],
    width: int,
    outputs: Sequence[bytes],
    constants: Mapping[str, NDArray[Any]] | None = None,
) -> bytes:
    """Return a file whose input is the matrix X of `width` numbers to a row."""
    held = [tensor(name, values) for name, values in (constants or {}).items()]
    return model(graph(nodes, [slot("X", ["n", width])], outputs, held))


NUMBER = [slot("y", ["n", 1])]
LABEL_AND_SHARES = [slot("label", ["n"], INT64), slot("shares", ["n", 2])]


def linear(weights: NDArray[Any], bias: float) -> bytes:
    """Return a linear regression."""
    step = node(
        "LinearRegressor", ["X"], ["y"], ML,
        coefficients=weights.tolist(), intercepts=[float(bias)],
    )  # fmt: skip
    return of_nodes([step], weights.size, NUMBER)


def logistic(weights: NDArray[Any], bias: float) -> bytes:
    """Return a logistic regression of the classes 0 and 1."""
    step = node(
        "LinearClassifier", ["X"], ["label", "shares"], ML,
        coefficients=[*(-weights).tolist(), *weights.tolist()],
        intercepts=[float(-bias), float(bias)],
        classlabels_ints=[0, 1], post_transform="LOGISTIC",
    )  # fmt: skip
    return of_nodes([step], weights.size, LABEL_AND_SHARES)


def softmax(weights: NDArray[Any], bias: NDArray[Any]) -> bytes:
    """Return a linear classifier of several classes, by Gemm and Softmax."""
    constants = {"w": weights.astype(np.float32), "b": bias.astype(np.float32)}
    steps = [node("Gemm", ["X", "w", "b"], ["z"]), node("Softmax", ["z"], ["shares"], axis=1)]
    shares = [slot("shares", ["n", weights.shape[1]])]
    return of_nodes(steps, weights.shape[0], shares, constants)


def network(layers: Sequence[tuple[NDArray[Any], NDArray[Any]]], last: str = "Sigmoid") -> bytes:
    """Return a network of dense layers with ReLU between them."""
    steps, constants, name = [], {}, "X"
    for place, (weights, bias) in enumerate(layers):
        constants[f"w{place}"] = weights.astype(np.float32)
        constants[f"b{place}"] = bias.astype(np.float32)
        steps.append(node("Gemm", [name, f"w{place}", f"b{place}"], [f"z{place}"]))
        final = place == len(layers) - 1
        name = "y" if final else f"h{place}"
        steps.append(node(last if final else "Relu", [f"z{place}"], [name]))
    return of_nodes(steps, layers[0][0].shape[0], NUMBER, constants)


@dataclass(frozen=True)
class Node:
    """A node of a tree: a split with two branches, or a leaf with its value."""

    value: float
    feature: int = -1
    edge: float = 0.0
    yes: "Node | None" = None
    no: "Node | None" = None


def trees(roots: Sequence[Node], width: int, *, boosted: bool, base: float, classes: bool) -> bytes:
    """Return an ensemble: boosted trees that add up, or a forest whose leaves are shares."""
    attributes = _tree_attributes(roots, boosted=boosted, base=base, classes=classes)
    if classes:
        step = node("TreeEnsembleClassifier", ["X"], ["label", "shares"], ML, **attributes)
        return of_nodes([step], width, LABEL_AND_SHARES)
    return of_nodes([node("TreeEnsembleRegressor", ["X"], ["y"], ML, **attributes)], width, NUMBER)


def _tree_attributes(
    roots: Sequence[Node], *, boosted: bool, base: float, classes: bool
) -> dict[str, Any]:
    nodes: dict[str, list[Any]] = {
        name: [] for name in ("treeids", "nodeids", "featureids", "values", "modes",
                              "truenodeids", "falsenodeids")
    }  # fmt: skip
    leaves: list[tuple[int, int, float]] = []

    def enter(tree: int, each: Node, place: int) -> int:
        """Enter a node and those below it; return the next free place."""
        row = len(nodes["modes"])
        inner = each.yes is not None
        values = (tree, place, max(each.feature, 0), each.edge, "BRANCH_LEQ" if inner else "LEAF",
                  0, 0)  # fmt: skip
        for name, value in zip(nodes, values, strict=True):
            nodes[name].append(value)
        if each.yes is None or each.no is None:
            leaves.append((tree, place, each.value))
            return place + 1
        nodes["truenodeids"][row] = place + 1
        after = enter(tree, each.yes, place + 1)
        nodes["falsenodeids"][row] = after
        return enter(tree, each.no, after)

    for tree, root in enumerate(roots):
        enter(tree, root, 0)
    attributes = {f"nodes_{name}": values for name, values in nodes.items()}
    attributes["nodes_values"] = [float(value) for value in nodes["values"]]
    if boosted:
        attributes["base_values"] = [float(base)]
    share = 1 if boosted else 1 / len(roots)
    if not classes:
        attributes |= {
            "target_treeids": [leaf[0] for leaf in leaves],
            "target_nodeids": [leaf[1] for leaf in leaves],
            "target_ids": [0] * len(leaves),
            "target_weights": [leaf[2] * share for leaf in leaves],
            "n_targets": 1,
        }
        return attributes
    attributes |= {
        "class_treeids": [leaf[0] for leaf in leaves],
        "class_nodeids": [leaf[1] for leaf in leaves],
        "class_ids": [0 if boosted else 1] * len(leaves),
        "class_weights": [leaf[2] * share for leaf in leaves],
        "classlabels_int64s": [0, 1],
        "post_transform": "LOGISTIC" if boosted else "NONE",
    }
    return attributes


def adding(roots: Sequence[Node], width: int) -> bytes:
    """Return classifiers of one tree each, their probabilities averaged by further operators."""
    steps, names = [], []
    for place, root in enumerate(roots):
        attributes = _tree_attributes([root], boosted=False, base=0.0, classes=True)
        outputs = [f"l{place}", f"p{place}"]
        steps.append(node("TreeEnsembleClassifier", ["X"], outputs, ML, **attributes))
        names.append(outputs[1])
    steps.append(node("Mean", names, ["shares"]))
    steps.append(node("ArgMax", ["shares"], ["label"], axis=1, keepdims=0))
    return of_nodes(steps, width, LABEL_AND_SHARES)


def _attribute(name: str, value: Any) -> bytes:
    content = field(1, name)
    if isinstance(value, Graph):
        return content + field(6, value.content) + field(20, 5)
    if isinstance(value, np.ndarray):
        return content + field(5, tensor("", value)) + field(20, 4)
    if isinstance(value, float):
        return content + field(2, value) + field(20, 1)
    if isinstance(value, int):
        return content + field(3, value) + field(20, 2)
    if isinstance(value, str):
        return content + field(4, value) + field(20, 3)
    kind = {float: (7, 6), int: (8, 7), str: (9, 8)}[type(value[0])]
    return content + b"".join(field(kind[0], each) for each in value) + field(20, kind[1])
