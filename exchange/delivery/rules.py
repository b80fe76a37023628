"""Why an access is refused. Every rule is asked again at every access, on every channel."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.rulebook.queries import day_of
from exchange.catalog.models import Release
from exchange.catalog.states import ProductState
from exchange.catalog.vocabulary import DeliveryMode
from exchange.compliance.accesses import why_not_from
from exchange.compliance.conditions import COMPUTED, HANDED_OVER, Use
from exchange.compliance.gate import why_not_trade, why_not_used

from .models import Access, Grant
from .states import AccessState, Channel, Form, GrantState, Refusal

RESUME_WINDOW = timedelta(hours=24)
"""How long the bytes of a taken access may be fetched, and a broken download resumed."""

RESEND_FACTOR = 3
"""How often its size an access sends at most, counting what was sent again after a break."""

RESHOW_FACTOR = 30
"""The same of an answer, which is shown on its page and fetched as a file as well."""

DELIVERED_AS = {
    Channel.DOWNLOAD: HANDED_OVER,
    Channel.QUERY: COMPUTED,
    Channel.INFERENCE: frozenset({DeliveryMode.MODEL_RESULT, DeliveryMode.API_PULL}),
}
"""What each way of access is in the words of manual and conditions."""

COMPUTED_FORMS = frozenset({Form.ANSWER, Form.INFERENCE})
"""What is computed within the exchange, kept for its buyer and shown again."""

FORMS = {
    Channel.DOWNLOAD: frozenset({Form.ORIGINAL, Form.TABLE}),
    Channel.QUERY: frozenset({Form.ANSWER}),
    Channel.INFERENCE: frozenset({Form.INFERENCE}),
}
"""What each way of access hands over."""

READ_WHOLE = frozenset({"csv", "tsv", "json", "jsonl", "ndjson", "geojson", "onnx"})
"""Formats of which the filter reads every byte: nothing is handed over that it has not read."""

LINK_LIFETIME = timedelta(minutes=5)
"""How long a signed link may be followed; the rules are asked again when it is."""


class Reason(NamedTuple):
    """Why not: the code for the log, the words for the caller."""

    code: Refusal
    words: str
    export: dict[str, Any] | None = None


class AccessDenied(NotAllowed):
    """An access was refused; `refusal` is the code that stands in the log."""

    code: ClassVar[str] = "access-refused"

    def __init__(self, reason: Reason) -> None:
        self.refusal = reason.code
        self.export = reason.export
        super().__init__(reason.words)

    def as_problem(self) -> dict[str, Any]:
        needs = {"export": self.export} if self.export else {}
        return super().as_problem() | {"refusal": str(self.refusal)} | needs


def why_not_open_grant(actor: Actor) -> str | None:
    """Return why `actor` may not open a grant, or None."""
    if actor.is_system:
        return None
    return _("The exchange opens access itself once an order is paid.")


def why_not_revoke(actor: Actor, grant: Grant) -> str | None:
    """Return why `actor` may not revoke `grant`, or None.

    Provider and buyer end the contract instead, and trading revokes as the exchange.
    """
    if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
        return None
    if actor.organization == grant.grantee.reference and actor.is_admin:
        return None
    return _("Access is revoked by ending its contract, or by the operator.")


def why_not_steer(actor: Actor) -> str | None:
    """Return why `actor` may not suspend or resume the grants of a product, or None."""
    if actor.is_system:
        return None
    return _("Access follows the state of the product's listing.")


def why_not_reach(actor: Actor, grant: Grant, *, at: datetime) -> Reason | None:
    """Return why `actor` may not have anything under `grant` at `at`, budget aside, or None."""
    return (
        _why_not_caller(actor, grant)
        or _why_not_status(grant, at)
        or _why_not_window(grant, at)
        or _why_not_content(grant, at)
        or _why_not_place(actor, grant, at)
    )


def _why_not_caller(actor: Actor, grant: Grant) -> Reason | None:
    if not actor.organization or actor.organization != grant.grantee.reference:
        return Reason(
            Refusal.NOT_GRANTEE,
            _("This access belongs to another organization; act for the buyer of the order."),
        )
    if not grant.grantee.is_admitted or not actor.has_role("BUYER"):
        return Reason(
            Refusal.GRANTEE_NOT_ADMITTED,
            _("Your organization is not admitted as a buyer now; ask the operator."),
        )
    if not actor.may_write or not actor.has_scope("trade"):
        return Reason(
            Refusal.NO_RIGHT,
            _("You may look, not download; ask your administrator for the role of a trader."),
        )
    return None


def _why_not_status(grant: Grant, at: datetime) -> Reason | None:
    if grant.status == GrantState.REVOKED:
        return Reason(
            Refusal.REVOKED,
            _("The access was revoked: %(reason)s") % {"reason": grant.status_reason},
        )
    if grant.status == GrantState.SUSPENDED or grant.product.status == ProductState.SUSPENDED:
        own = grant.status == GrantState.SUSPENDED
        return Reason(
            Refusal.SUSPENDED if own else Refusal.PRODUCT_SUSPENDED,
            _("The product is suspended; access goes on when its listing is resumed."),
        )
    if grant.status == GrantState.EXPIRED or at >= grant.valid_until:
        return Reason(
            Refusal.EXPIRED,
            _("The access ended on %(until)s; order again to go on.")
            % {"until": _instant(grant.valid_until)},
        )
    return None


def _why_not_window(grant: Grant, at: datetime) -> Reason | None:
    if at < grant.valid_from:
        return Reason(
            Refusal.NOT_YET_VALID,
            _("The access begins on %(since)s; try again then.")
            % {"since": _instant(grant.valid_from)},
        )
    return None


def _why_not_content(grant: Grant, at: datetime) -> Reason | None:
    release = grant.release
    if release.product_id != grant.product_id or release.sha256 != grant.release_sha256:
        return Reason(
            Refusal.OTHER_OBJECT,
            _("The content is not the one the contract is about; ask the operator."),
        )
    if words := why_not_trade(release, at=at) or why_not_used(release, _use(grant, at)):
        return Reason(Refusal.GATE, words)
    return None


def _use(grant: Grant, at: datetime) -> Use:
    """Return what access under a grant is, for the conditions of a compliance decision."""
    return Use(
        recipient=grant.grantee.reference,
        channels=DELIVERED_AS[Channel(grant.channel)],
        on=day_of(at),
    )


def _why_not_place(actor: Actor, grant: Grant, at: datetime) -> Reason | None:
    """Ask the export gate about where the caller reads from, not only where it is registered."""
    refused = why_not_from(order=grant.order, release=grant.release, place=actor.place, at=at)
    return Reason(Refusal.EXPORT, refused.words, refused.export) if refused else None


def fullest_form(release: Release) -> Form:
    """Return the form in which a file is handed over: as uploaded where all of it was read.

    A workbook or a Parquet file holds more than its table, such as parts, properties and values
    that no cell refers to; the filter reads the table, and the table is what is handed over.
    """
    return Form.ORIGINAL if release.format.lower() in READ_WHOLE else Form.TABLE


def why_not_form(grant: Grant, form: Form) -> Reason | None:
    """Return why a grant does not hand over this form, or None."""
    if form == Form.TABLE and grant.release.is_model:
        words = _("A model has no table; fetch the file.")
        return Reason(Refusal.OTHER_CHANNEL, words)
    if form in FORMS[Channel(grant.channel)]:
        if form != Form.ORIGINAL or fullest_form(grant.release) == Form.ORIGINAL:
            return None
        words = _("A file of this format holds more than its table; the table was read: take it.")
        return Reason(Refusal.OTHER_CHANNEL, words)
    if grant.channel == Channel.QUERY:
        words = _("The data stays within the exchange; ask it a question and fetch the answer.")
    elif grant.channel == Channel.INFERENCE:
        words = _("The model stays within the exchange; call it with your rows.")
    else:
        words = _("The contract delivers the file; download it.")
    return Reason(Refusal.OTHER_CHANNEL, words)


def why_not_take(grant: Grant) -> Reason | None:
    """Return why no unit of the budget is left, or None."""
    if grant.status == GrantState.EXHAUSTED or not grant.left_downloads:
        count, budget = grant.budget_downloads, {"budget": grant.budget_downloads}
        if grant.channel == Channel.INFERENCE:
            words = ngettext(
                "The one call of the contract is used; order again for more.",
                "All %(budget)d calls of the contract are used; order again for more.",
                count,
            )
        else:
            words = ngettext(
                "The one download of the contract is used; order again for more.",
                "All %(budget)d downloads of the contract are used; order again for more.",
                count,
            )
        return Reason(Refusal.EXHAUSTED, words % budget)
    return None


def why_not_terms(grant: Grant, computed: str, recorded: str) -> Reason | None:
    """Return why the grant's row is not believed: it differs from the entry of its opening."""
    if grant.terms_sha256 == computed == recorded:
        return None
    return Reason(
        Refusal.TERMS_CHANGED,
        _("The access differs from what the log recorded of it; the operator must look into it."),
    )


def why_not_send(access: Access, asked: int, *, at: datetime) -> Reason | None:
    """Return why `asked` further bytes of `access` are not sent, or None."""
    if access.status not in sendable(access) or at >= access.resumable_until:
        return Reason(
            Refusal.ACCESS_CLOSED,
            _("This download is finished; take another one if your contract has any left."),
        )
    if access.bytes_reserved + asked > allowance(access):
        return Reason(
            Refusal.ALLOWANCE_USED,
            _("The file was sent again too often; resume where it broke off, with a range."),
        )
    return None


def sendable(access: Access) -> frozenset[AccessState]:
    """Return the states in which bytes are sent.

    An answer that was handed over is shown again to whoever has it; a file is handed over once.
    """
    if access.form in COMPUTED_FORMS:
        return frozenset({AccessState.TAKEN, AccessState.COMPLETED})
    return frozenset({AccessState.TAKEN})


def allowance(access: Access) -> int:
    """Return how many bytes an access may send in all."""
    factor = RESHOW_FACTOR if access.form in COMPUTED_FORMS else RESEND_FACTOR
    return factor * access.size


def _instant(at: datetime) -> str:
    return date_format(timezone.localtime(at), "Y-m-d H:i")
