"""What the product manual and the rights statement say, in the words that rules ask for."""

from datetime import date

from exchange.catalog.models import Product
from exchange.registry.states import RightsState

from .grading import Manual


def manual_of(product: Product) -> Manual:
    """Return the facts about source, rights and scenarios as stated now."""
    scenarios = tuple(str(text) for text in product.manual.get("scenarios_allowed") or ())
    rights = product.rights
    if rights is None:
        return Manual(scenarios=scenarios)
    kinds = {str(proof.get("kind", "")) for proof in rights.proofs if isinstance(proof, dict)}
    return Manual(
        origin=rights.origin,
        source_kind=rights.source_kind,
        source_note=rights.source_note,
        personal_basis=rights.personal_basis,
        rights=frozenset(str(right) for right in rights.rights),
        proofs=frozenset(kinds | ({"LICENSE"} if rights.license_name else set())),
        rights_stated=rights.status == RightsState.STATED,
        rights_until=rights.valid_until if isinstance(rights.valid_until, date) else None,
        scenarios=scenarios,
    )
