"""What a recipe would make of a release, before anything is saved: rows, k, and the verdict."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed
from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.compliance import rules
from exchange.compliance.grading import Verdict
from exchange.compliance.manuals import manual_of
from exchange.compliance.masking import mask_sample
from exchange.compliance.queries import finished_screening
from exchange.compliance.recipes import in_words, recipe_for
from exchange.compliance.remedies import Derived, Recipe, RecipeFault, derive_parquet
from exchange.compliance.scanner import ScanReport
from exchange.compliance.scanning import lexicon_of, scan_content
from exchange.vault.services import seekable_object
from exchange.vault.services.objects import workdir

from .derivations import tools_for

ROWS = 50_000
"""Rows of a source that a preview reads; a small table is read to its end."""


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A dry run: what would come of the rows that were read, and what the filter would say."""

    recipe: Recipe
    derived: Derived
    rows_total: int
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    report: ScanReport | None = None
    verdict: Verdict | None = None

    @property
    def is_whole(self) -> bool:
        """Whether all rows were read, so that the figures are those of the result."""
        return self.derived.rows_in == self.rows_total


def preview_derivation(
    *,
    release: Release,
    recipe: Mapping[str, Any],
    product: Product | None = None,
    by: Actor,
    at: datetime,
) -> Preview:
    """Carry a recipe out over the first rows and scan what comes of it; nothing is kept.

    Pseudonyms are made under a key that is forgotten at once: those of the release will differ.
    """
    target = product or release.product
    if refusal := rules.why_not_derive(by, release, target):
        raise NotAllowed(refusal)
    chosen = recipe_for(release, recipe)
    tools = tools_for(chosen, target, by=by, at=at, passing=True)
    with workdir() as folder, seekable_object(release.table) as source:
        made = folder / "preview.parquet"
        try:
            derived = derive_parquet(source, made, chosen, tools, most=ROWS)
        except RecipeFault as fault:
            raise Invalid(in_words(fault)) from None
        screening = finished_screening(release)
        before = screening.sample if screening else {}
        if not derived.rows_out:
            return Preview(
                recipe=chosen, derived=derived, rows_total=release.rows, before=before, after={}
            )
        return _scanned(made, chosen, derived, release, target, before, at)


def _scanned(
    made: Path,
    chosen: Recipe,
    derived: Derived,
    release: Release,
    target: Product,
    before: Mapping[str, Any],
    at: datetime,
) -> Preview:
    pack = get_pack("compliance", on=day_of(at))
    scan = scan_content(made, on=day_of(at), manual=manual_of(target), pack=pack)
    after = mask_sample(made, scan.report, pack.data, lexicon_of(pack, day_of(at)))
    return Preview(
        recipe=chosen,
        derived=derived,
        rows_total=release.rows,
        before=before,
        after=after,
        report=scan.report,
        verdict=scan.verdict,
    )
