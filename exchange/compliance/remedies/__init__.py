"""What a provider does with a finding: a recipe makes a compliant table of one that is not. Pure.

A recipe (`Recipe`) is read from a document, checked against a table, and carried out batch by
batch with memory that does not grow with the table. No Django, no network, no clock.
"""

from .applying import Derived, check_recipe, derive_parquet
from .changing import Tools
from .faults import RecipeFault
from .recipes import read_recipe, recipe_bytes, recipe_schema, recipe_sha256, write_recipe
from .redaction import Redactor
from .steps import (
    AgeBand,
    Aggregate,
    Band,
    Drop,
    Grid,
    KeepRows,
    Mask,
    Measure,
    Period,
    Pseudonym,
    Recipe,
    Redact,
    Region,
    Step,
    Suppress,
)

VERSION = "1.0.0"

__all__ = [
    "VERSION",
    "AgeBand",
    "Aggregate",
    "Band",
    "Derived",
    "Drop",
    "Grid",
    "KeepRows",
    "Mask",
    "Measure",
    "Period",
    "Pseudonym",
    "Recipe",
    "RecipeFault",
    "Redact",
    "Redactor",
    "Region",
    "Step",
    "Suppress",
    "Tools",
    "check_recipe",
    "derive_parquet",
    "read_recipe",
    "recipe_bytes",
    "recipe_schema",
    "recipe_sha256",
    "write_recipe",
]
