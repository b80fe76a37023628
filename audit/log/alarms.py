"""Alarms: that the log stands still, said where a restored database cannot forget it.

What stopped the last publishing is kept in `<AUDIT_LOG_DIR>/alarm` until one succeeds. Whether the
database lacks what was signed is worked out anew each time.
"""

import json
import logging
import sqlite3
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from verify.errors import VerificationError

from .heads import LogFrozen, agreed_heads, refuse_rollback
from .models import Log

logger = logging.getLogger(__name__)


def _file() -> Path:
    return Path(settings.AUDIT_LOG_DIR) / "alarm"


def raise_alarm(error: Exception, *, at: datetime) -> None:
    """Keep what stopped the publishing, beside the log's files."""
    logger.error("the log is not published: %s", error)
    told = {"at": at.isoformat(), "kind": type(error).__name__, "words": str(error)}
    try:
        _file().parent.mkdir(parents=True, exist_ok=True)
        _file().write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    except OSError:
        logger.exception("the alarm could not be kept")


def end_alarm() -> None:
    """Forget it, after a publishing that succeeded."""
    _file().unlink(missing_ok=True)


def current_alarms() -> list[str]:
    """Return why nothing is signed at present, in the language of whoever looks."""
    found: list[str] = []
    try:
        signed = agreed_heads()
        refuse_rollback(Log.objects.order_by("-first").first(), signed)
    except LogFrozen as frozen:
        found.append(_("The log is frozen: %(reason)s") % {"reason": frozen})
    except (VerificationError, sqlite3.Error, OSError) as error:
        found.append(_("The last signed head cannot be read: %(reason)s") % {"reason": error})
    try:
        told = json.loads(_file().read_text(encoding="utf-8"))
        words = {"at": told["at"], "reason": told["words"]}
    except FileNotFoundError:
        return found
    except (OSError, ValueError, KeyError, TypeError):
        words = {"at": "?", "reason": "?"}
    found.append(_("Nothing is published since %(at)s: %(reason)s") % words)
    return found
