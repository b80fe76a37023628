"""Why a release has its quality score, and why products stand in the order of a search."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.decisions.explanations import Explanation, bars, explains
from audit.decisions.models import Decision
from audit.decisions.verification import acts_by
from pricing.wording import DIMENSIONS, percent_text

acts_by("catalog.quality.measured", "quality")


@explains("quality")
def explain_quality(decision: Decision) -> Explanation:
    """Say what share of each dimension was met and how much the dimension counts."""
    output, rows = decision.output, decision.explanation["dimensions"]
    counted = [row for row in rows if row["share"] is not None]
    reasons = [
        _("%(dimension)s: %(share)s are met; it counts for %(weight)s.")
        % {
            "dimension": str(DIMENSIONS[row["name"]]),
            "share": percent_text(Decimal(row["share"])),
            "weight": percent_text(Decimal(row["weight"])),
        }
        for row in counted
    ]
    if silent := [str(DIMENSIONS[row["name"]]) for row in rows if row["share"] is None]:
        reasons.append(_("Nothing was counted of: %(names)s.") % {"names": _(", ").join(silent)})
    score = output["score"]
    return Explanation(
        decided=_("The release scores %(score)s, grade %(grade)s.")
        % {
            "score": percent_text(Decimal(score)) if score is not None else "–",
            "grade": output["grade"] or "–",
        },
        inputs=_(
            "The rows of the release against the rules that its provider declared, when releases "
            "came and how many accesses succeeded. Nothing about buyers."
        ),
        recompute=("accesses", "content_sha256", "pack", "product", "rules_sha256", "updates"),
        reasons=tuple(reasons),
        shares=bars(
            (
                str(DIMENSIONS[row["name"]]),
                percent_text(Decimal(row["share"])),
                Decimal(row["share"]) * Decimal(row["weight"]),
            )
            for row in counted
        ),
        picture=_("What each dimension adds to the score"),
    )


FIELDS = {
    "name": gettext_lazy("name"),
    "keywords": gettext_lazy("keywords"),
    "abstract": gettext_lazy("abstract"),
    "body": gettext_lazy("other texts"),
    "whole": gettext_lazy("the name is or begins with what was searched"),
}


@explains("search_ranking")
def explain_ranking(decision: Decision) -> Explanation:
    """Say how many points each product has, and from which fields."""
    scores, rows = decision.output["scores"], decision.explanation["rows"]
    reasons = [
        _("%(place)d. %(product)s: %(score)d points (%(parts)s).")
        % {"place": place, "product": row["product"], "score": score, "parts": _parts(row)}
        for place, (row, score) in enumerate(zip(rows, scores, strict=True), start=1)
    ]
    reasons.append(
        _(
            "More points come first; among equals, what was listed later. Neither payment nor "
            "popularity nor who asks has any part in it."
        )
    )
    return Explanation(
        decided=_("%(count)d products were put in this order for a search of %(phrases)d words.")
        % {"count": len(rows), "phrases": decision.explanation["phrases"]},
        inputs=_(
            "The words searched for, cut as the index cuts them, and the filters chosen. Who "
            "searched is not kept, and the words only as a digest."
        ),
        recompute=("filters", "phrases"),
        reasons=tuple(reasons),
        shares=bars(
            (row["product"], str(score), Decimal(score))
            for row, score in zip(rows, scores, strict=True)
        ),
        picture=_("Points of each product"),
    )


def _parts(row: dict[str, Any]) -> str:
    said = [f"{FIELDS[name]} {row[name]}" for name in FIELDS if row.get(name)]
    return _(", ").join(said) or "–"
