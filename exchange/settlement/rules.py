"""Who may move money, and why not."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.parties.models import Organization

from .models import ShareAgreement, Transfer


def why_not_book_bank_money(actor: Actor) -> str | None:
    """Return why `actor` may not record what the bank received or paid, or None."""
    if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
        return None
    return _("Only the operator records money that came in or went out through the bank.")


def why_not_hold(actor: Actor, payer: Organization) -> str | None:
    """Return why `actor` may not place money of `payer` in escrow, or None."""
    if not payer.is_admitted:
        return _("The paying organization is not admitted; it can pay again once it is.")
    if actor.is_system:
        return None
    if actor.organization != payer.reference:
        return _("Only members of the paying organization spend its money.")
    if not actor.may_write or not actor.has_scope("trade"):
        return _("Your place in the organization lets you look, not pay; ask its administrator.")
    return None


def why_not_settle(actor: Actor, hold: Transfer) -> str | None:
    """Return why `actor` may not pay the provider out of escrow, or None.

    The provider never can: money leaves escrow by the payer's acceptance or by the exchange.
    """
    if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
        return None
    if actor.organization == hold.party and actor.may_write and actor.has_scope("trade"):
        return None
    return _("Escrow is paid out by the buyer's acceptance or by the exchange.")


def why_not_void(actor: Actor, hold: Transfer) -> str | None:
    """Return why `actor` may not give the escrow back to the payer, or None.

    The payer alone cannot take it back; trading decides and acts as the exchange.
    """
    if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
        return None
    if hold.payee and actor.organization == hold.payee and actor.may_write:
        return None
    return _("Money in escrow is returned by the exchange, or by the provider who gives it up.")


def why_not_refund(actor: Actor) -> str | None:
    """Return why `actor` may not reverse a settled payment, or None."""
    if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
        return None
    return _("Only the exchange reverses a settled payment.")


def why_not_propose_share(actor: Actor, product: Product) -> str | None:
    """Return why `actor` may not say how the proceeds of a product are divided, or None."""
    if not actor.organization or actor.organization != product.provider.reference:
        return _("Only the provider that sells the product proposes how its proceeds are divided.")
    if not actor.has_role("PROVIDER") or not actor.may_write:
        return _("Your place in the organization lets you look only; ask its administrator.")
    return None


def why_not_answer_share(actor: Actor, agreement: ShareAgreement) -> str | None:
    """Return why `actor` may not agree to the terms or decline them for its organization."""
    names = [party.organization for party in agreement.parties.all()]
    if not actor.organization or actor.organization not in names:
        return _("Only a party of the agreement answers it.")
    if not actor.may_write:
        return _("Your place in the organization lets you look only; ask its administrator.")
    return None


def why_not_measure(actor: Actor, agreement: ShareAgreement, order: str) -> str | None:
    """Return why `actor` may not have contributions measured under an agreement, or None.

    `order` is the paid order by which trading lets its buyer ask; the provider needs none.
    """
    if not order and actor.organization != agreement.product.provider.reference:
        return _("Contributions are measured for a buyer with a paid order, or for the provider.")
    if not actor.organization or not actor.may_write:
        return _("Your place in the organization lets you look only; ask its administrator.")
    return None
