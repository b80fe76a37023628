"""What a text has to say to be retention rules: classes that can be read, and terms in order."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack
from audit.rulebook.schemas import Fault, schema_of

from .terms import read_classes


@schema_of("retention", optional={"classes": {"maximum": int, "log": bool, "traded": bool}})
def check_retention(data: Mapping[str, Any], base: Pack) -> Iterator[Fault]:
    """Yield classes that would be destroyed before a law lets them go."""
    del base
    for each in read_classes(data):
        if each.maximum is not None and each.maximum < max(each.minimum, each.statutory or 0):
            yield Fault(
                f"classes.{each.id}.maximum",
                _("The record would be destroyed before its shortest term is over."),
                _("Raise the maximum, or lower the minimum."),
            )
