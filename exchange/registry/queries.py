"""Reading rights statements."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.log.actors import Actor
from audit.log.errors import NotFound

from .models import RightsStatement
from .states import Right

WATCHERS = ("OPERATOR", "REGULATOR")


@dataclass(frozen=True, kw_only=True)
class RightNames:
    """One right with the names of both generations, for certificates, API and pages."""

    code: Right
    name_2022: str
    name_2026: str
    content: str | Promise


RIGHT_NAMES: dict[Right, RightNames] = {
    Right.HOLD: RightNames(
        code=Right.HOLD,
        name_2022="数据资源持有权",
        name_2026="数据持有权",
        content=gettext_lazy("Hold lawfully obtained data."),
    ),
    Right.USE: RightNames(
        code=Right.USE,
        name_2022="数据加工使用权",
        name_2026="数据使用权",
        content=gettext_lazy(
            "Process, aggregate and analyze it for one's own operation or to derive data."
        ),
    ),
    Right.OPERATE: RightNames(
        code=Right.OPERATE,
        name_2022="数据产品经营权",
        name_2026="数据经营权",
        content=gettext_lazy(
            "Provide it to others by transfer, license, contribution or security."
        ),
    ),
}


def rights_visible_to(actor: Actor) -> QuerySet[RightsStatement]:
    """Return the statements an actor may read: its own; operator and regulator read all."""
    statements = RightsStatement.objects.select_related("organization")
    if actor.is_system or actor.has_role(*WATCHERS):
        return statements
    if not actor.organization:
        return statements.none()
    return statements.filter(organization__reference=actor.organization)


def get_rights_for(actor: Actor, reference: str) -> RightsStatement:
    """Return one statement the actor may read; NotFound tells nothing about others."""
    found = rights_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound(_("There is no rights statement %(reference)s.") % {"reference": reference})
    return found
