"""What can be done with bytes: keep, read, take in as a table, destroy, look after."""

from .impounding import free_object, impound_object, inspect_object
from .ingesting import Ingested, discard_ingested, enter_ingested, ingest_file, prepare_file
from .objects import (
    Impounded,
    ObjectDamaged,
    ObjectReader,
    StorageFull,
    destroy_object,
    open_object,
    plaintext_copy,
    store_object,
)
from .seeking import seekable_object
from .upkeep import discard_orphans, rewrap_keys, rotate_keys

__all__ = [
    "Impounded",
    "Ingested",
    "ObjectDamaged",
    "ObjectReader",
    "StorageFull",
    "destroy_object",
    "discard_ingested",
    "discard_orphans",
    "enter_ingested",
    "free_object",
    "impound_object",
    "ingest_file",
    "inspect_object",
    "open_object",
    "plaintext_copy",
    "prepare_file",
    "rewrap_keys",
    "rotate_keys",
    "seekable_object",
    "store_object",
]
