"""What can be done with bytes: keep, read, take in as a table, destroy, look after."""

from .ingesting import Ingested, ingest_file
from .objects import (
    ObjectDamaged,
    ObjectReader,
    StorageFull,
    destroy_object,
    open_object,
    plaintext_copy,
    store_object,
)
from .upkeep import discard_orphans, rewrap_keys, rotate_keys

__all__ = [
    "Ingested",
    "ObjectDamaged",
    "ObjectReader",
    "StorageFull",
    "destroy_object",
    "discard_orphans",
    "ingest_file",
    "open_object",
    "plaintext_copy",
    "rewrap_keys",
    "rotate_keys",
    "store_object",
]
