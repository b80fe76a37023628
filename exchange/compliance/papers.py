"""What stands on record of a trained model: its disclosure, and the rights to train it.

《生成式人工智能服务管理暂行办法》第七条; 《网络数据安全管理条例》第十九条;
《互联网信息服务算法推荐管理规定》第二十四条.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from audit.disclosure.fields import FIELDS
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import current_disclosure
from exchange.catalog.models import Product, Release, TrainingStatement
from exchange.catalog.queries import training_of
from exchange.catalog.vocabulary import SourceRights
from exchange.registry.models import RightsStatement
from exchange.registry.states import PersonalBasis, Right

from .criteria import GRADES
from .models import Determination
from .statements import ModelPapers, TrainingSource
from .states import DeterminationKind, DeterminationState, PersonalClass

IMPERSONAL: Final = frozenset({PersonalBasis.NONE, PersonalBasis.ANONYMIZED})
NEEDED: Final = frozenset(field.code for field in FIELDS if field.required) | {"training_data"}
"""What a disclosure has to say before its model is traded."""


def papers_of(release: Release, *, on: date | None = None) -> ModelPapers:
    """Return what is on record of the model: its disclosure, and on a day its training data too."""
    product, stated = release.product, training_of(release.product)
    disclosure = disclosure_of(product, stated)
    return ModelPapers(
        algorithm=stated.algorithm if stated else "",
        disclosure=disclosure.reference if disclosure else "",
        lacks=_lacking(disclosure) if disclosure else (),
        concerns=bool(disclosure and product.reference in disclosure.products),
        same_file=bool(disclosure and _file_of(disclosure, stated) == release.sha256),
        sources=tuple(_source(each, product, on) for each in stated.sources)
        if stated and on
        else (),
        idle=tuple(map(str, release.model.get("idle", ()))),
    )


def disclosure_of(product: Product, stated: TrainingStatement | None) -> Disclosure | None:
    """Return the disclosure in force of the algorithm that a product is stated to be."""
    if stated is None:
        return None
    return current_disclosure(stated.algorithm, owner=product.provider.reference)


def as_document(papers: ModelPapers) -> dict[str, Any]:
    """Return the papers as they stand in a signed report."""
    return {
        "algorithm": papers.algorithm,
        "disclosure": papers.disclosure,
        "lacks": list(papers.lacks),
        "concerns": papers.concerns,
        "same_file": papers.same_file,
        "idle": list(papers.idle),
        "sources": [
            {
                "name": each.name,
                "rights": each.rights,
                "reference": each.reference,
                "rests": each.rests,
                "personal": each.personal,
                "grade": each.grade,
            }
            for each in papers.sources
        ],
    }


def _lacking(disclosure: Disclosure) -> tuple[str, ...]:
    said = {code for code, words in disclosure.statement.items() if any(words.values())}
    return tuple(sorted(NEEDED - said))


def _file_of(disclosure: Disclosure, stated: TrainingStatement | None) -> str:
    """Return the digest of the file that a disclosure is about."""
    return disclosure.model_sha256 or (stated.model_sha256 if stated else "")


def _source(stated: Mapping[str, Any], product: Product, on: date) -> TrainingSource:
    """Return a source, graded by what is known of it where that is graver than what is stated."""
    reference, rights = str(stated["reference"]), str(stated["rights"])
    rests, personal = True, stated["personal"] not in IMPERSONAL
    releases = Release.objects.none()
    if rights == SourceRights.STATEMENT:
        found = RightsStatement.objects.filter(
            reference=reference, organization=product.provider_id
        ).first()
        rests = found is not None and found.gives(Right.USE, on=on)
        if found is not None:
            personal |= found.personal_basis not in IMPERSONAL
            releases = Release.objects.filter(product__rights=found).exclude(product=product)
    elif rights == SourceRights.CONTRACT:
        releases = Release.objects.filter(reference=stated.get("release", ""))
        rests = releases.exists()
    known = list(releases.select_related("product"))
    grades = [str(stated["grade"]), *(each.grade or "GENERAL" for each in known)]
    if Determination.objects.filter(
        product__in={each.product_id for each in known},
        kind=DeterminationKind.CORE_DATA,
        status=DeterminationState.STANDING,
    ).exists():
        grades.append("CORE")
    return TrainingSource(
        name=str(stated["name"]),
        rights=rights,
        reference=reference or str(stated["evidence"]),
        rests=rests,
        personal=personal or any(each.personal not in ("", PersonalClass.NONE) for each in known),
        grade=max(grades, key=GRADES.index),
    )
