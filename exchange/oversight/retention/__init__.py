"""What is due to be destroyed, and its destruction on the record."""

from .due import Due, list_due
from .sweep import Swept, destroy_due

__all__ = ["Due", "Swept", "destroy_due", "list_due"]
