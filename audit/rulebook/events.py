"""What the log says of rule packs."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("rulebook.pack.published", label=_("rule pack published"))
class PackPublished(Event):
    """A version of the rules became binding from `effective_on`; its text is fixed by `sha256`."""

    pack: Ref
    effective_on: str
    sha256: str
