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
