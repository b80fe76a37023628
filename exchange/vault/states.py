"""What bytes are kept for, and the two states they can be in."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class Purpose(TextChoices):
    """Why the exchange keeps an object; bound into its encryption, so none passes for another."""

    ORIGINAL = "ORIGINAL", _("file as the provider uploaded it")
    TABLE = "TABLE", _("table read from an uploaded file")
    SAMPLE = "SAMPLE", _("sample shown to buyers")
    LICENSE = "LICENSE", _("business license of an organization")
    PROOF = "PROOF", _("proof of rights or of source")
    DOCUMENT = "DOCUMENT", _("signed document or report")
    EVIDENCE = "EVIDENCE", _("evidence in a case")
    KEY = "KEY", _("key of pseudonyms")
    RESULT = "RESULT", _("answer computed for a buyer")
    EVALUATION_SET = "EVALUATION_SET", _("sealed rows that algorithms are measured on")
    ALGORITHM = "ALGORITHM", _("model handed in to be measured")
    OWN_ROWS = "OWN_ROWS", _("rows of an algorithm's owner")


class ObjectState(TextChoices):
    """Whether an object can still be read."""

    STORED = "STORED", pgettext_lazy("state", "stored")
    IMPOUNDED = "IMPOUNDED", _("impounded")
    DESTROYED = "DESTROYED", pgettext_lazy("state", "destroyed")


OBJECT = Lifecycle(
    "object",
    ObjectState,
    initial=ObjectState.STORED,
    impound=Step({ObjectState.STORED}, ObjectState.IMPOUNDED),
    free=Step({ObjectState.IMPOUNDED}, ObjectState.STORED),
    destroy=Step({ObjectState.STORED}, ObjectState.DESTROYED),
)
"""What is impounded (封存) is not destroyed either: it is evidence."""
