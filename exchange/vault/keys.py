"""The ring that the keys of stored objects are wrapped under."""

from pathlib import Path

from django.conf import settings

from audit.log.keyring import (
    OBJECTS,
    KeyFiles,
    KeyRing,
    KeySetting,
    KeySource,
    KeyUnavailable,
    Secret,
)

__all__ = [
    "KeyFiles",
    "KeyRing",
    "KeySetting",
    "KeySource",
    "KeyUnavailable",
    "Secret",
    "get_key_ring",
]


def get_key_ring() -> KeyRing:
    """Return the ring that the settings describe."""
    if settings.KEY_ENCRYPTION_KEYS:
        return KeyRing(KeySetting(settings.KEY_ENCRYPTION_KEYS, mark=OBJECTS))
    folder = Path(settings.KEYS_DIR)
    return KeyRing(KeyFiles(folder, generate=settings.GENERATE_KEYS, mark=OBJECTS))
