"""Bringing files in: written to a work folder, looked into by the confined child, then sealed."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from audit.disclosure.evaluation.frames import Frame
from audit.disclosure.evaluation.limits import RunLimits
from audit.disclosure.wording import describe_reason
from audit.log.errors import Invalid
from confined.faults import Fault
from exchange.vault.models import StoredObject
from exchange.vault.services.objects import seal_object, workdir

BLOCK: Final = 1024**2
LOOKING: Final = RunLimits(seconds=60)
"""Bounds of a child that reads a file while somebody waits."""
Answer = TypeVar("Answer")


@contextmanager
def received(source: BinaryIO, limit: int) -> Iterator[Path]:
    """Bring an upload into a work folder, no more of it than the limit."""
    with workdir() as folder:
        path, size = folder / "original", 0
        with path.open("wb") as file:
            while block := source.read(BLOCK):
                size += len(block)
                if size > limit:
                    words = _("The file has more than %(limit)s bytes, which is what is accepted.")
                    raise Invalid({"file": [words % {"limit": limit}]})
                file.write(block)
        if not size:
            raise Invalid({"file": [_("The file is empty. Choose it again.")]})
        yield path


def told(work: Callable[[], Answer]) -> Answer:
    """Do some reading; a refusal becomes a message at the field of the file."""
    try:
        return work()
    except Fault as fault:
        raise Invalid({"file": [describe_reason(fault.what, fault.params)]}) from None


def sealed_copy(
    path: Path, *, filename: str, purpose: str, owner: str, at: datetime
) -> StoredObject:
    """Write a received file into the vault; its row is not saved yet."""
    with path.open("rb") as file:
        return seal_object(
            source=file,
            filename=filename,
            purpose=purpose,
            owner=owner,
            at=at,
            max_bytes=settings.UPLOAD_MAX_BYTES,
        )


def columns_of(frame: Frame) -> list[dict[str, Any]]:
    """Return the columns of rows by name, kind and width; no value of theirs."""
    return [
        {"name": column.name, "kind": column.kind, "width": column.width}
        for column in frame.columns
    ]
