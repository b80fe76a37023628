"""Who may describe, withdraw and measure an algorithm, and what a description must say."""

from django.utils.translation import gettext as _

from audit.log.actors import Actor

from .fields import BY_CODE, REQUIRED
from .statements import ALGORITHM, LANGUAGES, Statement
from .states import AlgorithmType

TEXT_MOST = 20_000


def why_not_describe(actor: Actor, owner: str) -> str | None:
    """Let only whoever answers for an algorithm disclose it (《算法推荐管理规定》第七条)."""
    if not owner:
        if actor.is_system or (actor.has_role("OPERATOR") and actor.may_write):
            return None
        return _("Only the operator discloses the platform's own algorithms.")
    if actor.organization != owner:
        return _("Only the owner of an algorithm discloses it.")
    if not actor.roles:
        return _("The organization is not admitted.")
    if not actor.may_write:
        return _("Your role in the organization only allows looking.")
    return None


def why_not_measure(actor: Actor) -> str | None:
    """Accuracy is recomputed by the platform; nobody types it in."""
    if actor.is_system:
        return None
    return _("Accuracy is measured by the platform itself.")


def faults_of_statement(statement: Statement) -> dict[str, list[str]]:
    """Say by field what keeps a statement from being filed; empty when nothing does."""
    faults = _faults_of_texts(statement)
    if not ALGORITHM.match(statement.algorithm):
        faults["algorithm"] = [
            _("A key has 2 to 48 small letters, digits, hyphens or underscores.")
        ]
    if statement.algorithm_type not in AlgorithmType.values:
        faults["algorithm_type"] = [_("This type of algorithm is not known.")]
    for place, item in enumerate(statement.declared):
        if not item.metric or not item.is_figure:
            faults[f"declared.{place}"] = [_("A declared accuracy has a name and a number.")]
    return faults


def _faults_of_texts(statement: Statement) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    for code in REQUIRED:
        if not any(statement.texts.get(code, {}).values()):
            faults[code] = [_("This is needed.")]
    for code, texts in statement.texts.items():
        if code not in BY_CODE:
            faults[code] = [_("A disclosure has no such field.")]
        elif not set(texts) <= set(LANGUAGES):
            faults[code] = [_("Texts are given in English (en) and Chinese (zh).")]
        elif any(len(text) > TEXT_MOST for text in texts.values()):
            faults[code] = [_("This text is too long.")]
    return faults
