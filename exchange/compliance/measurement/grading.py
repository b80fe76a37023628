"""How well whole tables are judged: outcome, grade and personal class against an officer's."""

from datetime import date
from typing import Final

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from audit.rulebook.queries import Pack, list_packs
from exchange.compliance.grading import Verdict, grade
from exchange.compliance.scanner import Lexicon, scan_table
from exchange.compliance.scanning import lexicon_of

from .tables import SEED, Labeled, digest_of, make_tables

MEASURED_ON: Final = date(2026, 11, 23)
CODE: Final = ("exchange.compliance.grading", "exchange.compliance.themes")


@measurement("grading", code=CODE)
def measure_grading() -> list[Metric]:
    """Measure how many restricted tables are stopped, clean ones let through, classes right."""
    pack = list_packs("compliance")[-1]
    lexicon = lexicon_of(pack, on=MEASURED_ON)
    tables = make_tables()
    verdicts = []
    for done, each in enumerate(tables, start=1):
        verdicts.append(judge_table(each, lexicon, pack))
        report_progress(done, len(tables), each.name)
    pairs = list(zip(tables, verdicts, strict=True))
    restricted = [(table, found) for table, found in pairs if table.outcome != "CLEAR"]
    clean = [(table, found) for table, found in pairs if table.outcome == "CLEAR"]
    digest = digest_of(tables)
    return [
        _share(
            "stopped", sum(v.outcome != "CLEAR" for _, v in restricted), len(restricted), digest
        ),
        _share("let_through", sum(v.outcome == "CLEAR" for _, v in clean), len(clean), digest),
        _share("outcome", sum(t.outcome == v.outcome for t, v in pairs), len(pairs), digest),
        _share("grade", sum(t.grade == v.grade for t, v in pairs), len(pairs), digest),
        _share("personal", sum(t.personal == v.personal for t, v in pairs), len(pairs), digest),
    ]


def judge_table(labeled: Labeled, lexicon: Lexicon, pack: Pack) -> Verdict:
    """Return the verdict on one labeled table."""
    return grade(scan_table(labeled.table, lexicon), pack.data, on=MEASURED_ON)


def _share(name: str, part: int, whole: int, digest: str) -> Metric:
    low, high = wilson_interval(part, whole)
    return Metric(
        name=name,
        value=f"{part / whole:.4f}",
        ci_low=f"{low:.4f}",
        ci_high=f"{high:.4f}",
        n=whole,
        dataset=f"invented tables with verdicts, seed {SEED}",
        dataset_sha256=digest,
        note="by table; restricted ones beside clean ones that look like them",
    )
