"""What the log says of stored bytes: digests, sizes and purposes, never names of files."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("vault.object.stored", label=_("file stored"))
class ObjectStored(Event):
    """Bytes were encrypted under their own key and kept; `sha256` is of the plaintext."""

    object: Ref
    organization: Ref
    purpose: str
    size: int
    sha256: str
    key_id: str


@event("vault.object.rewrapped", label=_("key of a file wrapped anew"))
class ObjectRewrapped(Event):
    """The object's own key now lies under another key-encryption key; its bytes are the same."""

    object: Ref
    organization: Ref
    before: str
    after: str


@event("vault.object.destroyed", label=_("file destroyed"))
class ObjectDestroyed(Event):
    """The object's key was erased, so that no copy of its bytes can be read again."""

    object: Ref
    organization: Ref
    sha256: str
    reason: str


@event("vault.orphan.discarded", label=_("leftover bytes removed"))
class OrphanDiscarded(Event):
    """Bytes that an interrupted upload left in storage, and that no row names, were removed."""

    object: Ref
    size: int


@event("vault.object.impounded", label=_("file impounded"))
class ObjectImpounded(Event):
    """The file is sealed: nobody reads it, its owner included, and nobody destroys it."""

    object: Ref
    organization: Ref
    sha256: str
    reason: str


@event("vault.object.freed", label=_("file no longer impounded"))
class ObjectFreed(Event):
    """The seal is lifted, since another reading found nothing that demands it."""

    object: Ref
    organization: Ref
    reason: str


@event("vault.object.inspected", label=_("impounded file inspected"))
class ObjectInspected(Event):
    """An authority took the bytes of an impounded file, for this purpose."""

    object: Ref
    organization: Ref
    purpose: str
