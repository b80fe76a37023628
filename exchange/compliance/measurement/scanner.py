"""How well identifiers are found, cell by cell, on labeled texts."""

from datetime import date

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.rulebook.queries import list_packs
from exchange.compliance.measurement.corpus import SEED, Case, digest_of, make_corpus
from exchange.compliance.measurement.values import MAKERS
from exchange.compliance.scanner import Lexicon
from exchange.compliance.scanner.blocks import from_texts
from exchange.compliance.scanner.measure import find_in
from exchange.compliance.scanning import lexicon_of

MEASURED_ON = date(2026, 11, 23)
"""Ages and last years count as of this day, so that a figure can be recomputed."""


@measurement("scanner", code=["exchange.compliance.scanner"])
def measure_scanner() -> list[Metric]:
    """Measure recall and precision of every identifier with a check digit or a clear form."""
    pack = list_packs("compliance")[-1]
    lexicon = lexicon_of(pack, on=MEASURED_ON)
    cases = make_corpus()
    found = find_cells(cases, lexicon)
    digest = digest_of(cases)
    metrics = []
    for done, kind in enumerate(MAKERS, start=1):
        truth = {index for index, case in enumerate(cases) if case.kind == kind}
        right = len(found[kind] & truth)
        for name, part, whole in (
            (f"recall.{kind}", right, len(truth)),
            (f"precision.{kind}", right, len(found[kind])),
        ):
            metrics.append(_share(name, part, whole, digest, len(cases)))
        report_progress(done, len(MAKERS), kind)
    return metrics


def find_cells(cases: list[Case], lexicon: Lexicon) -> dict[str, set[int]]:
    """Return the cells in which each kind is found."""
    block, finds = find_in(from_texts([case.text for case in cases]), lexicon)
    found: dict[str, set[int]] = {kind: set() for kind in MAKERS}
    for kind, cells in found.items():
        spans = finds.of(kind)
        if spans is not None:
            cells |= set(block.cells_of(spans.begins).tolist())
    return found


def _share(name: str, part: int, whole: int, digest: str, size: int) -> Metric:
    low, high = wilson_interval(part, max(whole, 1))
    return Metric(
        name=name,
        value=f"{part / max(whole, 1):.4f}",
        ci_low=f"{low:.4f}",
        ci_high=f"{high:.4f}",
        n=max(whole, 1),
        dataset=f"invented identifiers and look-alikes, seed {SEED}, {size} cells",
        dataset_sha256=digest,
        note="by cell; half look-alikes; forms unknown to scanner and corpus alike are not in it",
    )
