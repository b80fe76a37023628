"""Quality of releases: the words for rules and refusals, what is counted, and the reports read."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotFound
from audit.rulebook.queries import day_of, get_pack
from exchange.vault.quality import DIMENSIONS as OF_KIND
from exchange.vault.quality import Rule, RuleFault, read_rules, what_does_not_fit, write_rules
from exchange.vault.reading import check_table, profile_file, read_file
from exchange.vault.services.objects import workdir
from pricing.facts import MeasuredQuality
from pricing.quality import Accesses, Item, Measurement, QualityStandard, Updates, standard_of

from .models import Product, QualityReport, QualityRules, Release
from .queries import WATCHERS, releases_visible_to
from .states import QualityState, ReleaseState

FORMAT: Final = "quanheng-quality/1"
FILLED, SCHEMA = "FILLED", "SCHEMA"
"""What is counted without being asked: filled cells, and the columns of the release before."""

FAULTS: Final[Mapping[str, str | Promise]] = {
    "document": gettext_lazy('Rules are an object with one member, "rules".'),
    "no-rules": gettext_lazy("There is no rule. Declare at least one."),
    "many-rules": gettext_lazy(
        "There are %(count)s rules; %(limit)s are accepted. Leave some out."
    ),
    "long-document": gettext_lazy(
        "The rules are %(size)s bytes long; %(limit)s are accepted. Shorten lists of values."
    ),
    "same-id": gettext_lazy("Two rules have this name. Rename one."),
    "not-an-object": gettext_lazy("Every rule has to be an object of named values."),
    "bad-id": gettext_lazy(
        "The name of a rule is at most 40 small letters, digits, hyphens and underscores."
    ),
    "unknown-kind": gettext_lazy("There is no such kind of rule. Choose one of: %(kinds)s."),
    "unknown-key": gettext_lazy("This kind of rule takes no “%(key)s”. Leave it out."),
    "bad-weight": gettext_lazy("A weight is a whole number from 1 to %(limit)s."),
    "bad-columns": gettext_lazy(
        "Name from %(least)s to %(most)s different columns for this kind of rule."
    ),
    "not-a-choice": gettext_lazy("“%(key)s” has to be one of: %(choices)s."),
    "long-pattern": gettext_lazy("A pattern is a text of at most %(limit)s characters."),
    "bad-pattern": gettext_lazy(
        "%(pattern)s is no pattern that can be used. Write it as RE2 understands it: without "
        "look-around and back references, and with fewer repetitions."
    ),
    "bad-values": gettext_lazy("Give from 1 to %(limit)s allowed values."),
    "bad-value": gettext_lazy("A value is a text of at most %(limit)s characters."),
    "bad-tolerance": gettext_lazy("The tolerance is a number from 0 on, written as text."),
    "bad-bounds": gettext_lazy(
        "Give “min”, “max” or both as text; for lengths they are whole numbers."
    ),
    "unknown-column": gettext_lazy("The table has no column %(column)s. Check its spelling."),
    "unknown-column-near": gettext_lazy(
        "The table has no column %(column)s. Did you mean %(near)s?"
    ),
    "other-type": gettext_lazy(
        "Column %(column)s holds %(type)s, which a rule of kind %(kind)s cannot be asked of."
    ),
    "not-comparable": gettext_lazy(
        "%(left)s holds %(left_type)s and %(right)s holds %(right_type)s; they cannot be compared."
    ),
    "other-value": gettext_lazy(
        "%(value)s is no value of column %(column)s, which holds %(type)s. Write it as the column "
        "has it."
    ),
}


def describe_fault(what: str, params: Mapping[str, Any]) -> str:
    """Return the sentence of a refusal in the reader's language."""
    key = f"{what}-near" if "near" in params else what
    return str(FAULTS[key]) % params


def refusal_of(fault: RuleFault) -> Invalid:
    """Turn a fault into what pages and the API answer with: the rule, and what is wrong in it."""
    words = describe_fault(fault.what, fault.params)
    named = _("Rule %(rule)s: %(words)s") % {"rule": fault.rule, "words": words}
    return Invalid({"rules": [named if fault.rule else words]})


def rules_from(document: Any, release: Release | None) -> tuple[Rule, ...]:
    """Read rules, and compare them with the columns of a release; raises Invalid."""
    try:
        rules = read_rules(document)
    except RuleFault as fault:
        raise refusal_of(fault) from None
    if release is not None:
        kinds = kinds_of(release)
        for rule in rules:
            if misfit := what_does_not_fit(rule, kinds):
                raise refusal_of(misfit)
    return rules


def kinds_of(release: Release) -> dict[str, str]:
    """Return the kind of each column, by name."""
    return {str(column["name"]): str(column["type"]) for column in release.columns}


def current_rules(product: Product) -> QualityRules | None:
    """Return the rules that hold for a product now."""
    return QualityRules.objects.filter(product=product).order_by("-number").first()


def newest_release(product: Product) -> Release | None:
    """Return the release that rules are tried on: the latest that was not given up."""
    given_up = (ReleaseState.BLOCKED, ReleaseState.WITHDRAWN)
    return product.releases.exclude(status__in=given_up).order_by("-number").first()


def reports_visible_to(actor: Actor) -> QuerySet[QualityReport]:
    """Return the reports of the releases that an actor may see; unfinished ones to few."""
    rows = QualityReport.objects.select_related(
        "release__product__provider", "release__table", "rules"
    )
    rows = rows.filter(release__in=releases_visible_to(actor).values("pk"))
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    own = rows.filter(release__product__provider__reference=actor.organization or "-")
    return own | rows.filter(status=QualityState.DONE)


def get_report_for(actor: Actor, reference: str) -> QualityReport:
    """Return one report the actor may see; NotFound tells nothing about others."""
    found = reports_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no quality report %(reference)s.") % {"reference": reference})
    return found


def latest_report(release: Release | None) -> QualityReport | None:
    """Return the last finished report on a release."""
    if release is None:
        return None
    done = QualityReport.objects.filter(release=release, status=QualityState.DONE)
    return done.select_related("rules").order_by("-finished_at", "-pk").first()


def report_under_way(release: Release) -> QualityReport | None:
    """Return the measuring of a release that is not over, if there is one."""
    return next((row for row in release.quality_reports.all() if row.is_under_way), None)


def measured_quality(releases: Iterable[Release]) -> dict[int, MeasuredQuality]:
    """Return what the last report on each of some releases found, by the release's key."""
    rows = QualityReport.objects.filter(release__in=list(releases), status=QualityState.DONE)
    return {row.release_id: quality_of(row) for row in rows.order_by("finished_at", "pk")}


def quality_of(report: QualityReport) -> MeasuredQuality:
    """Return a report as the facts of an appraisal take it."""
    found = json.loads(report.document)["dimensions"]
    return MeasuredQuality(
        report=report.reference,
        sha256=report.document_sha256,
        pack=report.pack,
        shares={row["name"]: Decimal(row["share"]) for row in found if row["share"] is not None},
        weights={row["name"]: Decimal(row["weight"]) for row in found},
    )


def standard_on(day: date) -> QualityStandard:
    """Return the rules of quality in force on a day."""
    pack = get_pack("quality", on=day)
    return standard_of(pack.label, pack.data)


def window_of(at: datetime) -> tuple[date, date]:
    """Return the first and last day whose accesses and releases count."""
    day = day_of(at)
    return day - timedelta(days=standard_on(day).window_days), day


def updates_of(release: Release, standard: QualityStandard, on: date) -> Updates:
    """Return when the releases of a product came that the filter cleared, and this one."""
    product = release.product
    came = product.releases.filter(cleared_at__isnull=False, number__lte=release.number)
    days = {day_of(at) for at in came.values_list("uploaded_at", flat=True)}
    return Updates(
        days=standard.promised_days.get(product.update_frequency, 0),
        releases=tuple(sorted({*days, day_of(release.uploaded_at)})),
        on=on,
    )


def items_of(
    release: Release, rules: Sequence[Rule], counted: Mapping[str, Any]
) -> list[tuple[Item, dict[str, Any]]]:
    """Return what was counted of a release, each with how a report names it."""
    found = [*_filled(release.rows, release.profile), *_schema(release)]
    found += _by_rules(rules, counted)
    return found


def counted_of(path: Path, document: Any) -> list[Item]:
    """Count what a file itself tells, read as an upload is; raises Invalid."""
    rules = rules_from(document, None)
    with workdir() as folder:
        reading = read_file(path, filename=path.name, workdir=folder)
        profile = profile_file(reading.parquet, workdir=folder)
        counted = check_table(reading.parquet, write_rules(rules), workdir=folder)
    found = [*_filled(reading.rows, profile), *_by_rules(rules, counted)]
    return [item for item, _named in found]


def _by_rules(
    rules: Sequence[Rule], counted: Mapping[str, Any]
) -> list[tuple[Item, dict[str, Any]]]:
    found = []
    by_id = {row["id"]: row for row in counted["rules"]}
    for rule, plain in zip(rules, write_rules(rules)["rules"], strict=True):
        row = by_id[rule.id]
        item = Item(
            id=rule.id,
            dimension=str(OF_KIND[rule.kind]),
            total=int(counted["rows"]),
            failing=int(row["failing"]),
            weight=rule.weight,
        )
        found.append((item, {**plain, "fault": row["fault"]}))
    return found


def report_document(
    report: QualityReport,
    measurement: Measurement,
    named: Mapping[str, Mapping[str, Any]],
    *,
    updates: Updates,
    accesses: Accesses,
    at: datetime,
) -> dict[str, Any]:
    """Return the report as plain values, every figure as text or a whole number."""
    release = report.release
    return {
        "format": FORMAT,
        "reference": report.reference,
        "product": release.product.reference,
        "release": release.reference,
        "content_sha256": report.content_sha256,
        "rules": report.rules.reference if report.rules else "",
        "rules_sha256": report.rules.sha256 if report.rules else "",
        "pack": measurement.standard.label,
        "measured_at": at.isoformat(timespec="seconds"),
        "rows": release.rows,
        "columns": len(release.columns),
        "dimensions": [
            {
                "name": dimension.name,
                "weight": f"{dimension.weight:f}",
                "share": None if dimension.share is None else f"{dimension.share:f}",
                "items": [
                    {
                        **named.get(item.id, {"id": item.id}),
                        "total": item.total,
                        "failing": item.failing,
                        "weight": item.weight,
                    }
                    for item in dimension.items
                ],
            }
            for dimension in measurement.dimensions
        ],
        "updates": {
            "promised": release.product.update_frequency,
            "days": updates.days,
            "releases": [day.isoformat() for day in updates.releases],
            "on": updates.on.isoformat(),
        },
        "accesses": {
            "since": accesses.since.isoformat(),
            "until": accesses.until.isoformat(),
            "ended": accesses.ended,
            "succeeded": accesses.succeeded,
        },
        "score": None if measurement.score is None else f"{measurement.score:f}",
        "grade": measurement.grade,
    }


def _filled(rows: int, profile: Mapping[str, Any]) -> list[tuple[Item, dict[str, Any]]]:
    columns: list[dict[str, Any]] = profile.get("columns", [])
    empty = sum(int(column["nulls"]) + int(column.get("empty", 0)) for column in columns)
    cells = rows * len(columns)
    item = Item(id=FILLED, dimension="completeness", total=cells, failing=empty)
    return [(item, {"id": FILLED})]


def _schema(release: Release) -> list[tuple[Item, dict[str, Any]]]:
    """Compare the columns with those of the release before that the filter cleared."""
    earlier = release.product.releases.filter(cleared_at__isnull=False, number__lt=release.number)
    before = earlier.order_by("-number").first()
    if before is None:
        return []
    now, then = kinds_of(release), kinds_of(before)
    changed = sum(now.get(name) != kind for name, kind in then.items())
    item = Item(id=SCHEMA, dimension="conformity", total=len(then), failing=changed)
    return [(item, {"id": SCHEMA, "release": before.reference})]
