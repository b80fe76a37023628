"""Mails of the story: written into a folder, so that the terminal keeps to the story."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from django.conf import settings
from django.test.utils import override_settings

PRINTED: Final = "django.core.mail.backends.console.EmailBackend"
WRITTEN: Final = "django.core.mail.backends.filebased.EmailBackend"
PARTING: Final = "-" * 79  # the line after each mail


@contextmanager
def kept_mails(folder: Path) -> Iterator[None]:
    """Write mails into `folder` instead of printing them; a mail server that is set stays."""
    if settings.EMAIL_BACKEND == PRINTED:
        with override_settings(EMAIL_BACKEND=WRITTEN, EMAIL_FILE_PATH=str(folder)):
            yield
    else:
        yield


def how_many(folder: Path) -> int:
    """Return how many mails lie in `folder`; those of one second may share a file."""
    texts = (file.read_text(encoding="utf-8") for file in folder.glob("*.log"))
    return sum(text.splitlines().count(PARTING) for text in texts)
