"""What the log says of rule packs: labels and digests, never the text itself."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("rulebook.pack.published", label=_("rule pack published"))
class PackPublished(Event):
    """A version of the rules became binding from `effective_on`; its text is fixed by `sha256`."""

    pack: Ref
    effective_on: str
    sha256: str
    rule_draft: Ref = ""


@event("rulebook.pack.withdrawn", label=_("rule pack withdrawn"))
class PackWithdrawn(Event):
    """A version was taken back before the day from which it would have bound."""

    pack: Ref
    effective_on: str
    reason: str


@event("rulebook.draft.started", label=_("draft of rules started"))
class DraftStarted(Event):
    """A person of the authority began to write a new version, from the text of `pack`."""

    rule_draft: Ref
    pack: Ref
    organization: Ref
    reason: str
    sha256: str


@event("rulebook.draft.edited", label=_("draft of rules changed"))
class DraftEdited(Event):
    """The draft reads otherwise from now on; any approval of it is void."""

    rule_draft: Ref
    pack: Ref
    draft_version: int
    sha256: str
    effective_on: str


@event("rulebook.draft.proposed", label=_("draft of rules proposed"))
class DraftProposed(Event):
    """The draft waits for a second person; `seal_sha256` fixes kind, day and text."""

    rule_draft: Ref
    pack: Ref
    effective_on: str
    seal_sha256: str


@event("rulebook.draft.returned", label=_("draft of rules returned"))
class DraftReturned(Event):
    """The second person does not approve, and says why."""

    rule_draft: Ref
    pack: Ref
    reason: str


@event("rulebook.draft.approved", label=_("draft of rules approved"))
class DraftApproved(Event):
    """A second person approved exactly what `seal_sha256` fixes."""

    rule_draft: Ref
    pack: Ref
    effective_on: str
    seal_sha256: str


@event("rulebook.draft.published", label=_("draft of rules became a version"))
class DraftPublished(Event):
    """The draft is the version `pack` from now on."""

    rule_draft: Ref
    pack: Ref
    seal_sha256: str


@event("rulebook.draft.discarded", label=_("draft of rules discarded"))
class DraftDiscarded(Event):
    """The draft will not become a version."""

    rule_draft: Ref
    pack: Ref
    reason: str
