"""What the product manual and the rights statement say, in the words that rules ask for."""

from dataclasses import replace
from datetime import date

from exchange.catalog.models import Product, Release
from exchange.registry.states import RightsState

from .papers import papers_of
from .queries import standing_determinations
from .statements import Determined, Manual


def manual_of(
    product: Product, release: Release | None = None, *, on: date | None = None
) -> Manual:
    """Return the facts about source, rights and scenarios as stated now.

    Of a release that is a model, also what stands on record of it on the day.
    """
    scenarios = tuple(str(text) for text in product.manual.get("scenarios_allowed") or ())
    rights = product.rights
    described = Manual(
        scenarios=scenarios,
        sector=product.sector,
        industry=product.industry,
        processing=str(product.manual.get("processing") or ""),
        texts=_texts_of(product),
        provider_admitted=product.provider.is_admitted,
        determined=tuple(
            Determined(
                reference=each.reference,
                kind=each.kind,
                code=each.code,
                harm=(each.affected, each.degree) if each.affected else None,
            )
            for each in standing_determinations(product)
        ),
        model=papers_of(release, on=on) if release and release.is_model and on else None,
    )
    if rights is None:
        return described
    kinds = {str(proof.get("kind", "")) for proof in rights.proofs if isinstance(proof, dict)}
    return replace(
        described,
        origin=rights.origin,
        source_kind=rights.source_kind,
        source_note=rights.source_note,
        personal_basis=rights.personal_basis,
        rights=frozenset(str(right) for right in rights.rights),
        proofs=frozenset(kinds | ({"LICENSE"} if rights.license_name else set())),
        rights_stated=rights.status == RightsState.STATED,
        rights_until=rights.valid_until if isinstance(rights.valid_until, date) else None,
        limits=rights.limits,
    )


def _texts_of(product: Product) -> tuple[str, ...]:
    """Return what the manual says the content is, the title first; not what use it forbids."""
    said = [product.name, product.abstract, *(product.keywords or ())]
    said += [str(product.manual.get(name) or "") for name in ("name_en", "description")]
    return tuple(text for text in map(str, said) if text.strip())
