"""Reading request bodies: bounded in size and depth, and only text that every database keeps."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import parsers, status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.request import Request

from exchange.vault.storage import FULL, StorageFull

LARGEST_DOCUMENT = 1024**2
"""Bytes of a JSON body; the largest manual is a tenth of it."""

DEEPEST = 32
"""Levels of nesting in a JSON body; nothing here is deeper than six."""

ROOM_FOR_FORM = 64 * 1024
"""Bytes of a form beside its file: boundaries, headers, the short fields."""


class TooLarge(APIException):
    """A body beyond what this address takes."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too-large"
    default_detail = gettext_lazy("The request is larger than this address takes.")


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8, of bounded size and depth, without NUL and without halves of characters."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002  the framework's signature
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return what the body says; raise ParseError or TooLarge."""
        _check_length(parser_context, LARGEST_DOCUMENT)
        raw = stream.read(LARGEST_DOCUMENT + 1)
        if len(raw) > LARGEST_DOCUMENT:
            raise TooLarge
        try:
            found = json.loads(raw.decode(), parse_constant=_refuse_constant)
        except RecursionError:
            raise ParseError(_too_deep()) from None
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %(error)s") % {"error": error}) from error
        _check_values(found)
        return found


class UploadParser(parsers.MultiPartParser):
    """A form with a file, bounded by the view's `upload_limit` before a byte of it is read."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return fields and files; raise ParseError, TooLarge or StorageFull."""
        view = parser_context["view"] if parser_context else None
        limit = getattr(view, "upload_limit", settings.UPLOAD_MAX_BYTES)
        _check_length(parser_context, limit + ROOM_FOR_FORM)
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig as error:
            raise TooLarge from error
        except SuspiciousOperation as error:
            raise ParseError(str(error)) from error
        except OSError as error:
            if error.errno in FULL:
                raise StorageFull from error
            raise


def _check_length(context: Mapping[str, Any] | None, limit: int) -> None:
    request: Request | None = context["request"] if context else None
    if request is None:
        return
    declared = request.META.get("CONTENT_LENGTH") or ""
    if declared and int(declared) > limit:
        raise TooLarge


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _too_deep() -> str:
    return _("The body is nested too deeply.")


def _check_values(found: Any) -> None:
    """Refuse what no column keeps: NUL and unpaired surrogates, and nesting without end."""
    level: list[Any] = [found]
    for _depth in range(DEEPEST):
        following: list[Any] = []
        for value in level:
            if isinstance(value, str):
                _check_text(value)
            elif isinstance(value, dict):
                following += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                following += value
        if not following:
            return
        level = following
    raise ParseError(_too_deep())


def _check_text(text: str) -> None:
    if "\x00" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise ParseError(_("A text in the body holds a character that no text can hold."))
