"""Agreements on how the proceeds of a jointly supplied product are divided."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.log.services import record
from exchange.catalog.models import Product, Release
from exchange.parties.models import Organization
from exchange.settlement import events, rules
from exchange.settlement.models import ShareAgreement, ShareParty, ValueMeasurement
from exchange.settlement.queries import lock_agreement
from exchange.settlement.states import AGREEMENT, AgreementState
from pricing.queries import costs_by_bearer
from pricing.sharing import Basis, RevenueShare, contribution_weights

from .measuring import measured_weights

REASON_LIMIT = 1000


@transaction.atomic
def propose_share(
    *,
    product: Product,
    share: RevenueShare,
    releases: Mapping[str, Sequence[str]],
    by: Actor,
    at: datetime,
    measurement: ValueMeasurement | None = None,
) -> ShareAgreement:
    """Propose terms; the proposing provider agrees by proposing, the others are to be asked.

    `releases` names what each source supplied. Where nobody else has a part the terms enter into
    force at once. Invalid for a party that is not admitted, a release that is not its own, and for
    weights called measured that are not those of the signed `measurement`.
    """
    if refusal := rules.why_not_propose_share(by, product):
        raise NotAllowed(refusal)
    names = [cut.party for cut in share.cuts] + list(share.weights)
    _require_admitted(names)
    _require_own(releases, share)
    _require_measured(share, product, measurement)
    _require_booked(share, product)
    terms = share.as_document() | {
        "product": product.reference,
        "releases": {party: sorted(set(supplied)) for party, supplied in releases.items()},
        "measurement": measurement.reference if measurement else "",
        "measurement_sha256": measurement.document_sha256 if measurement else "",
    }
    agreement = ShareAgreement.objects.create(
        reference=new_reference("RS", at),
        product=product,
        terms=terms,
        terms_sha256=hashlib.sha256(canonical(terms)).hexdigest(),
        proposed_at=at,
    )
    ShareParty.objects.bulk_create(
        ShareParty(
            agreement=agreement,
            organization=name,
            releases=terms["releases"].get(name, []),
            agreed_at=at if name == by.organization else None,
        )
        for name in names
    )
    proposed = events.ShareProposed(
        agreement=agreement.reference,
        product=product.reference,
        organization=by.organization,
        basis=str(share.basis),
        terms_sha256=agreement.terms_sha256,
    )
    begin(agreement, event=proposed, by=by, at=at)
    _enter_if_all_agreed(agreement, by=by, at=at)
    return agreement


@transaction.atomic
def agree_share(*, agreement: ShareAgreement, by: Actor, at: datetime) -> ShareAgreement:
    """Agree for one party; the last to agree brings the terms into force."""
    agreement = _awaiting(agreement, by)
    party = agreement.parties.filter(organization=by.organization, agreed_at__isnull=True)
    if not party.update(agreed_at=at):
        raise Conflict(_("Your organization has agreed already."))
    agreed = events.ShareAgreed(
        agreement=agreement.reference,
        organization=by.organization,
        terms_sha256=agreement.terms_sha256,
    )
    record(agreed, by=by, at=at)
    _enter_if_all_agreed(agreement, by=by, at=at)
    return agreement


@transaction.atomic
def decline_share(
    *, agreement: ShareAgreement, reason: str, by: Actor, at: datetime
) -> ShareAgreement:
    """Refuse the terms for one party; that ends the proposal for all."""
    agreement = _awaiting(agreement, by)
    words = reason.strip()
    if not words or len(words) > REASON_LIMIT:
        raise Invalid({"reason": [_("Say why, in at most 1,000 characters.")]})
    declined = events.ShareDeclined(
        agreement=agreement.reference,
        product=agreement.product.reference,
        organization=by.organization,
        reason_sha256=hashlib.sha256(words.encode()).hexdigest(),
    )
    step = AGREEMENT.decline
    advance(agreement, step, event=declined, by=by, at=at, ended_at=at, end_reason=words)
    return agreement


@transaction.atomic
def withdraw_share(*, agreement: ShareAgreement, by: Actor, at: datetime) -> ShareAgreement:
    """Take a proposal back before all have agreed."""
    if refusal := rules.why_not_propose_share(by, agreement.product):
        raise NotAllowed(refusal)
    withdrawn = events.ShareWithdrawn(
        agreement=agreement.reference,
        product=agreement.product.reference,
        terms_sha256=agreement.terms_sha256,
    )
    advance(agreement, AGREEMENT.withdraw, event=withdrawn, by=by, at=at, ended_at=at)
    return agreement


def _awaiting(agreement: ShareAgreement, by: Actor) -> ShareAgreement:
    """Return the agreement, locked, where it waits for an answer of the actor's organization."""
    if refusal := rules.why_not_answer_share(by, agreement):
        raise NotAllowed(refusal)
    locked = lock_agreement(agreement)
    if locked.status != AgreementState.PROPOSED:
        raise Conflict(_("These terms wait for no answer any more."))
    return locked


def _enter_if_all_agreed(agreement: ShareAgreement, *, by: Actor, at: datetime) -> None:
    if agreement.parties.filter(agreed_at__isnull=True).exists():
        return
    current = ShareAgreement.objects.filter(
        product=agreement.product, status=AgreementState.IN_FORCE
    ).first()
    if current is not None:
        superseded = events.ShareSuperseded(
            agreement=current.reference,
            product=agreement.product.reference,
            terms_sha256=current.terms_sha256,
        )
        advance(current, AGREEMENT.supersede, event=superseded, by=by, at=at, ended_at=at)
    entered = events.ShareEntered(
        agreement=agreement.reference,
        product=agreement.product.reference,
        terms_sha256=agreement.terms_sha256,
    )
    advance(agreement, AGREEMENT.enter, event=entered, by=by, at=at, effective_at=at)


def _require_admitted(names: Sequence[str]) -> None:
    found = Organization.objects.filter(reference__in=names)
    admitted = {organization.reference for organization in found if organization.is_admitted}
    missing = [name for name in names if name not in admitted]
    if missing:
        text = _("%(party)s is no admitted organization of this exchange.")
        raise Invalid({"parties": [text % {"party": name} for name in missing]})


def _require_own(releases: Mapping[str, Sequence[str]], share: RevenueShare) -> None:
    for party, supplied in releases.items():
        if party not in share.weights:
            text = _("%(party)s is no source of this agreement.")
            raise Invalid({"releases": [text % {"party": party}]})
        own = Release.objects.filter(
            reference__in=supplied, product__provider__reference=party
        ).values_list("reference", flat=True)
        if strange := sorted(set(supplied) - set(own)):
            text = _("%(release)s is no release of %(party)s.")
            raise Invalid({"releases": [text % {"release": strange[0], "party": party}]})


def _require_measured(
    share: RevenueShare, product: Product, measurement: ValueMeasurement | None
) -> None:
    """Let nobody call weights measured that no signed measurement of this product gives."""
    if measurement is None and share.basis != Basis.MEASURED:
        return
    same = measurement is not None and measurement.agreement.product_id == product.pk
    if not measurement or not same or share.basis != Basis.MEASURED:
        text = _("Measured weights name the signed measurement of this product they follow from.")
        raise Invalid({"measurement": [text]})
    if dict(share.weights) != measured_weights(measurement):
        raise Invalid({"weights": [_("These are not the weights that were measured.")]})


def _require_booked(share: RevenueShare, product: Product) -> None:
    """Let weights by cost be those of the product's cost ledger, and no others."""
    if share.basis != Basis.COST:
        return
    borne = costs_by_bearer(product.reference)
    if not borne:
        raise Invalid({"weights": [_("There is no cost ledger of this product to weigh by.")]})
    weights = contribution_weights(borne)
    if dict(share.weights) != weights:
        told = ", ".join(f"{party} {weight}" for party, weight in weights.items())
        text = _("By the cost ledger the weights are: %(weights)s.")
        raise Invalid({"weights": [text % {"weights": told}]})
