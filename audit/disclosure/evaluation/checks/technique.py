"""Whether the technique the card names is the one in the graph."""

from collections.abc import Iterator

from audit.disclosure.evaluation.results import Finding, Sureness
from audit.disclosure.evaluation.techniques import (
    RULES,
    TREES,
    is_scaled,
    style_named,
    techniques_named,
    techniques_of,
    trees_named,
)

from .evidence import Evidence, against, notice

FEW = 0.5
"""Below this share of the trees the card names, early stopping is no longer the reason."""
SCALED = ("standardi", "normali", "标准化", "归一化")


def check_technique(evidence: Evidence) -> Iterator[Finding]:
    """Compare families of technique, kinds of ensembles, numbers of trees and preparation."""
    text = evidence.card.words("technique")
    named, found = techniques_named(text), techniques_of(evidence.facts)
    if named and found and not set(named) & set(found):
        yield against(
            "other-technique", Sureness.CERTAIN, named=", ".join(named), found=", ".join(found)
        )
        return
    if missing := [name for name in named if found and name not in found and name != RULES]:
        yield notice(
            "technique-not-seen",
            Sureness.POSSIBLE,
            named=", ".join(missing),
            found=", ".join(found),
        )
    if TREES in found and TREES in named:
        yield from _check_trees(evidence, text)
    if any(word in text for word in SCALED) and not is_scaled(evidence.facts):
        inner = evidence.facts.operators
        if not (inner["Sub"] or inner["Div"] or inner["Mul"] or inner["Add"]):
            yield notice("not-scaled", Sureness.POSSIBLE)


def _check_trees(evidence: Evidence, text: str) -> Iterator[Finding]:
    trees = evidence.facts.trees
    if trees is None:
        return
    style, operators = style_named(text), evidence.facts.operators
    whole = sum(operators[name] for name in operators if name.startswith("TreeEnsemble")) == 1
    if style and trees.style and style != trees.style and (whole or style == "forest"):
        yield against("other-ensemble", Sureness.LIKELY, named=style, found=trees.style)
    count, depth = trees_named(text)
    classes = max(len(evidence.facts.classes), 1)
    each = trees.count / classes if count and trees.count > count else trees.count
    if count and (each > count or each < FEW * count):
        yield against("other-trees", Sureness.LIKELY, named=count, found=trees.count)
    elif count and each < count:
        yield notice("fewer-trees", Sureness.POSSIBLE, named=count, found=trees.count)
    if depth and trees.depth > depth:
        yield against("deeper-trees", Sureness.LIKELY, named=depth, found=trees.depth)
