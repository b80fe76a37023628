"""What the attributes of a tree ensemble say: how many trees, how deep, which features."""

from dataclasses import dataclass
from typing import Any

from .wire import reals, text, wholes

NONE, LEAF = "NONE", "LEAF"
TEXT, REALS, WHOLES, TEXTS = 4, 7, 8, 9  # where an attribute holds its values
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Trees:
    """The shape of an ensemble; `style` is "boosting" or "forest" where its weights tell, or ""."""

    count: int
    depth: int
    features: tuple[int, ...]
    style: str

    def joined(self, other: "Trees") -> "Trees":
        """Return two ensembles as one."""
        return Trees(
            self.count + other.count,
            max(self.depth, other.depth),
            tuple(sorted({*self.features, *other.features})),
            self.style if self.style == other.style else "",
        )


def read_trees(attributes: dict[str, dict[int, list[Any]]]) -> Trees | None:
    """Read the attributes of the operators before `TreeEnsemble` 5; None where they differ."""
    names = ("nodes_treeids", "nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids")
    if any(WHOLES not in attributes.get(name, {}) for name in (*names, "nodes_featureids")):
        return None
    trees, nodes, yes, no = (wholes(attributes[name][WHOLES]) for name in names)
    features = wholes(attributes["nodes_featureids"][WHOLES])
    modes = [text(mode) for mode in attributes.get("nodes_modes", {}).get(TEXTS, [])]
    if not len(trees) == len(nodes) == len(yes) == len(no) == len(features) == len(modes):
        return None
    inner = [place for place, mode in enumerate(modes) if mode != LEAF]
    children = {(trees[place], nodes[place]): (yes[place], no[place]) for place in inner}
    return Trees(
        count=len(set(trees)),
        depth=_depth(children, trees, nodes),
        features=tuple(sorted({features[place] for place in inner})),
        style=_style(attributes, len(set(trees))),
    )


def _depth(
    children: dict[tuple[int, int], tuple[int, int]], trees: list[int], nodes: list[int]
) -> int:
    """Return the longest way from a root to a leaf, in splits."""
    below = {(tree, child) for (tree, _node), pair in children.items() for child in pair}
    level = {key for key in zip(trees, nodes, strict=True) if key not in below}
    seen, depth = set(level), 0
    while level:
        level = {
            (tree, child)
            for tree, node in level
            for child in children.get((tree, node), ())
            if (tree, child) not in seen
        }
        seen |= level
        depth += bool(level)
    return depth


def _style(attributes: dict[str, dict[int, list[Any]]], count: int) -> str:
    """Tell boosting, whose leaves add up to a score, from a forest, whose leaves are shares."""
    transform = attributes.get("post_transform", {}).get(TEXT, [])
    if (transform and text(transform[0]) not in (NONE, "")) or "base_values" in attributes:
        return "boosting"
    weights = attributes.get("class_weights", {}).get(REALS)
    if not weights:
        return ""
    values = reals(weights)
    shares = values.size > 0 and values.min() >= 0 and values.max() * count <= 1 + TOLERANCE
    return "forest" if shares else ""
