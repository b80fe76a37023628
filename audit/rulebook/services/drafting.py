"""Writing a new version: begin, edit, propose, approve by a second person, publish, withdraw."""

import hashlib
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.log.lifecycle import advance, begin
from audit.log.references import new_reference
from audit.rulebook import queries, rules
from audit.rulebook.events import (
    DraftApproved,
    DraftDiscarded,
    DraftEdited,
    DraftProposed,
    DraftPublished,
    DraftReturned,
    DraftStarted,
    PackPublished,
    PackWithdrawn,
)
from audit.rulebook.models import PackText, RuleDraft, RulePack
from audit.rulebook.queries import find_pack, get_pack, seal_of
from audit.rulebook.schemas import LARGEST, faults_of
from audit.rulebook.states import PACK, RULE_DRAFT, PackState

REASON_LIMIT = 500


@transaction.atomic
def start_draft(*, kind: str, reason: str, base: str = "", by: Actor, at: datetime) -> RuleDraft:
    """Begin a draft from the version in force, or from one that is published to follow it."""
    if refusal := rules.why_not_write(by):
        raise NotAllowed(refusal)
    if kind not in queries.list_kinds():
        raise Invalid({"kind": [_("There are no rules of this kind.")]})
    pack = find_pack(base) if base else get_pack(kind, on=queries.day_of(at))
    if pack is None or pack.kind != kind:
        raise Invalid({"base": [_("There is no such version of these rules.")]})
    words = _words(reason)
    draft = RuleDraft.objects.create(
        reference=new_reference("RD", at),
        kind=kind,
        base=pack.label,
        authority=by.organization,
        reason=words,
        text=pack.text,
        status_since=at,
        authors=[by.id],
        started_at=at,
    )
    started = DraftStarted(
        rule_draft=draft.reference,
        pack=pack.label,
        organization=by.organization,
        reason=words,
        sha256=pack.digest,
    )
    begin(draft, event=started, by=by, at=at)
    return draft


@transaction.atomic
def edit_draft(
    *,
    draft: RuleDraft,
    text: str | None = None,
    effective_on: date | None = None,
    expected_version: int,
    by: Actor,
    at: datetime,
) -> RuleDraft:
    """Give a draft another text or another day; an approval it had is void.

    Raises Conflict when somebody else changed it since version `expected_version` was read. A text
    with faults is kept, so that no work is lost; it cannot be proposed.
    """
    _lock(draft)
    if refusal := rules.why_not_edit(by, draft):
        raise NotAllowed(refusal)
    if draft.version != expected_version:
        raise Conflict(
            _("The draft changed meanwhile: it is version %(now)d, you read %(read)d.")
            % {"now": draft.version, "read": expected_version}
        )
    new_text = draft.text if text is None else text.replace("\r\n", "\n")
    new_day = effective_on or draft.effective_on
    if len(new_text.encode()) > LARGEST:
        raise Invalid({"text": [_("The text is larger than half a megabyte.")]})
    if "\x00" in new_text:
        raise Invalid({"text": [_("The text holds characters that cannot be kept.")]})
    if (new_text, new_day) == (draft.text, draft.effective_on):
        return draft
    edited = DraftEdited(
        rule_draft=draft.reference,
        pack=draft.base,
        draft_version=draft.version + 1,
        sha256=hashlib.sha256(new_text.encode()).hexdigest(),
        effective_on=new_day.isoformat() if new_day else "",
    )
    advance(
        draft,
        RULE_DRAFT.edit,
        event=edited,
        by=by,
        at=at,
        text=new_text,
        effective_on=new_day,
        version=draft.version + 1,
        authors=sorted({*draft.authors, by.id}),
        seal="",
        approved_by="",
        status_since=at,
        status_reason="",
    )
    return draft


@transaction.atomic
def propose_draft(*, draft: RuleDraft, by: Actor, at: datetime) -> RuleDraft:
    """Ask a second person to approve; what has faults cannot be asked for."""
    _lock(draft)
    if refusal := rules.why_not_edit(by, draft):
        raise NotAllowed(refusal)
    _check(draft, at)
    proposed = DraftProposed(
        rule_draft=draft.reference,
        pack=draft.base,
        effective_on=_day(draft),
        seal_sha256=seal_of(draft.kind, draft.effective_on, draft.text),
    )
    authors = sorted({*draft.authors, by.id})
    advance(
        draft, RULE_DRAFT.propose, event=proposed, by=by, at=at, status_since=at, authors=authors
    )
    return draft


@transaction.atomic
def return_draft(*, draft: RuleDraft, reason: str, by: Actor, at: datetime) -> RuleDraft:
    """Give a proposed draft back, as the second person who does not approve it."""
    _lock(draft)
    if refusal := rules.why_not_approve(by, draft):
        raise NotAllowed(refusal)
    words = _words(reason)
    returned = DraftReturned(rule_draft=draft.reference, pack=draft.base, reason=words)
    advance(
        draft,
        RULE_DRAFT.edit,
        event=returned,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
    )
    return draft


@transaction.atomic
def approve_draft(*, draft: RuleDraft, seal: str, by: Actor, at: datetime) -> RuleDraft:
    """Approve exactly what was read: `seal` is that of the page the second person saw."""
    _lock(draft)
    if refusal := rules.why_not_approve(by, draft):
        raise NotAllowed(refusal)
    present = seal_of(draft.kind, draft.effective_on, draft.text)
    if seal != present:
        raise Conflict(_("The draft is not the one you read; read it again."))
    _check(draft, at)
    approved = DraftApproved(
        rule_draft=draft.reference,
        pack=draft.base,
        effective_on=_day(draft),
        seal_sha256=present,
    )
    advance(
        draft,
        RULE_DRAFT.approve,
        event=approved,
        by=by,
        at=at,
        seal=present,
        approved_by=by.id,
        status_since=at,
        status_reason="",
    )
    return draft


@transaction.atomic
def publish_draft(*, draft: RuleDraft, by: Actor, at: datetime) -> RulePack:
    """Make an approved draft a version that binds from its day on, and never changes again."""
    _lock(draft)
    if refusal := rules.why_not_make_binding(by, draft, at):
        raise NotAllowed(refusal)
    _check(draft, at)
    day = draft.effective_on
    assert day is not None  # noqa: S101  the check asks for it
    earlier = RulePack.objects.filter(kind=draft.kind, effective_on=day).count()
    version = f"{day.isoformat()}.{earlier + 1}" if earlier else day.isoformat()
    label = f"{draft.kind}@{version}"
    digest = hashlib.sha256(draft.text.encode()).hexdigest()
    try:
        with transaction.atomic():
            pack = RulePack.objects.create(
                reference=label,
                kind=draft.kind,
                effective_on=day,
                sha256=digest,
                status=PackState.PUBLISHED,
                created_at=at,
            )
            PackText.objects.create(reference=label, text=draft.text)
    except IntegrityError as error:
        raise Conflict(_("A version for this day was published meanwhile.")) from error
    published = PackPublished(
        pack=label, effective_on=day.isoformat(), sha256=digest, rule_draft=draft.reference
    )
    begin(pack, event=published, by=by, at=at)
    became = DraftPublished(rule_draft=draft.reference, pack=label, seal_sha256=draft.seal)
    advance(
        draft, RULE_DRAFT.publish, event=became, by=by, at=at, published_as=label, status_since=at
    )
    transaction.on_commit(queries.forget_packs)
    return pack


@transaction.atomic
def discard_draft(*, draft: RuleDraft, reason: str, by: Actor, at: datetime) -> RuleDraft:
    """Give a draft up."""
    _lock(draft)
    if refusal := rules.why_not_edit(by, draft):
        raise NotAllowed(refusal)
    words = _words(reason)
    discarded = DraftDiscarded(rule_draft=draft.reference, pack=draft.base, reason=words)
    advance(
        draft,
        RULE_DRAFT.discard,
        event=discarded,
        by=by,
        at=at,
        status_since=at,
        status_reason=words,
    )
    return draft


@transaction.atomic
def withdraw_pack(*, pack: RulePack, reason: str, by: Actor, at: datetime) -> RulePack:
    """Take a version back before the day it would bind; what is in force stays."""
    if refusal := rules.why_not_withdraw(by, pack, at):
        raise NotAllowed(refusal)
    words = _words(reason)
    withdrawn = PackWithdrawn(
        pack=pack.reference, effective_on=pack.effective_on.isoformat(), reason=words
    )
    advance(pack, PACK.withdraw, event=withdrawn, by=by, at=at)
    transaction.on_commit(queries.forget_packs)
    return pack


def _lock(draft: RuleDraft) -> None:
    draft.refresh_from_db(from_queryset=RuleDraft.objects.select_for_update())


def _check(draft: RuleDraft, at: datetime) -> None:
    """Raise Invalid where the text or the day cannot become a version."""
    if refusal := rules.why_not_begin_on(draft.kind, draft.base, draft.effective_on, at):
        raise Invalid({"effective_on": [refusal]})
    base = find_pack(draft.base)
    assert base is not None  # noqa: S101  the day asks for it
    if faults := faults_of(draft.kind, draft.text, base):
        raise Invalid({"text": [str(fault) for fault in faults]})
    if draft.text == base.text:
        raise Invalid({"text": [_("The draft says what the version before it says.")]})


def _day(draft: RuleDraft) -> str:
    return draft.effective_on.isoformat() if draft.effective_on else ""


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise Invalid({"reason": [_("Say why.")]})
    if len(words) > REASON_LIMIT:
        raise Invalid({"reason": [_("At most %(limit)s characters.") % {"limit": REASON_LIMIT}]})
    return words
