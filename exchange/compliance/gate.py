"""The gate before every trade: exactly this content, let through under the rules of today."""

from datetime import datetime

from django.utils.translation import gettext as _

from audit.rulebook.queries import NoPack, day_of, get_pack
from exchange.catalog.models import Release
from exchange.catalog.states import ReleaseState

from .queries import is_foreseen


def why_not_trade(release: Release, at: datetime) -> str | None:
    """Return why the filter stands against trading this release now, or None.

    An approval is bound to the content's digest and to the rule pack; it is void when either
    changes (《数据安全法》第三十三条). Under rules that have just begun to bind, a verdict counts
    that was reached on exactly this content ahead of their day; without one nothing is traded.
    """
    if release.status != ReleaseState.CLEARED:
        return _("The release has not passed the compliance screening.")
    if not release.cleared_sha256 or release.cleared_sha256 != release.sha256:
        return _("The content is not the one that passed the compliance screening.")
    try:
        in_effect = get_pack("compliance", on=day_of(at)).label
    except NoPack:
        return _("No compliance rules are in effect, so nothing may be traded.")
    if release.cleared_pack != in_effect and not is_foreseen(release, in_effect):
        return _(
            "The release passed under %(passed)s; now %(in_effect)s applies. It is screened again."
        ) % {"passed": release.cleared_pack, "in_effect": in_effect}
    return None
