"""What the log says of rights. The statement itself is declared by its digest."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("registry.rights.drafted", label=_("rights statement drafted"))
class RightsDrafted(Event):
    """An organization began to describe where its data comes from and what it may do with it."""

    rights: Ref
    organization: Ref
    statement_sha256: str


@event("registry.rights.revised", label=_("rights statement revised"))
class RightsRevised(Event):
    """A draft was changed before anybody answers for it; `fields` is comma-separated."""

    rights: Ref
    organization: Ref
    fields: str
    statement_sha256: str


@event("registry.rights.stated", label=_("rights stated"))
class RightsStated(Event):
    """The organization answers for source and rights from now on (《数据安全法》第三十三条)."""

    rights: Ref
    organization: Ref
    held: str
    origin: str
    source_kind: str
    situation: str
    personal_basis: str
    statement_sha256: str


@event("registry.rights.withdrawn", label=_("rights statement withdrawn"))
class RightsWithdrawn(Event):
    """The statement no longer holds; nothing may be listed on it."""

    rights: Ref
    organization: Ref
    reason: str
