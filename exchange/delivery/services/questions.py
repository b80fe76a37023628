"""Answers: computed within the exchange, examined, and handed over in the place of the data.

The data is read where it is kept and never leaves (数据二十条（四）: 原始数据不出域).
What leaves is figures of groups; the filter reads them like anything that is sold.
"""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotFound
from audit.rulebook.queries import day_of
from exchange.catalog.models import Release
from exchange.compliance.recipes import KEYLESS, in_words
from exchange.compliance.remedies import Derived, Recipe, RecipeFault, derive_parquet, write_recipe
from exchange.compliance.scanning import scan_content
from exchange.compliance.states import Grade, PersonalClass
from exchange.delivery import queries, rules
from exchange.delivery.models import Access, Grant
from exchange.delivery.questions import answer_rules, read_question
from exchange.delivery.rules import AccessDenied, Reason
from exchange.delivery.states import Form, Refusal
from exchange.vault.models import StoredObject
from exchange.vault.services import seekable_object, store_object
from exchange.vault.services.objects import workdir
from exchange.vault.states import Purpose

from .downloads import (
    Download,
    Wanted,
    checked_grant,
    digest_of_key,
    refusals_logged,
    resume_download,
    take_access,
)

ANSWERING = Actor.system("delivery")
HARMLESS = (PersonalClass.NONE, PersonalClass.PSEUDONYMOUS)


def ask_question(
    *,
    grant: Grant,
    question: Mapping[str, Any],
    by: Actor,
    at: datetime,
    request_key: str = "",
) -> Download:
    """Answer a question about the release of a grant; the answer takes one unit of its budget.

    Returns the answer as JSON to be downloaded. Raises Invalid for a question that does not fit,
    AccessDenied where any rule stands against it; nothing is taken then. A repeated `request_key`
    returns the answer that was given. Must not run inside a transaction, like `take_download`.
    """
    checked = check_asking(grant=grant, by=by, at=at)
    recipe = read_question(checked.release, question, on=day_of(at))
    text = b""
    if not queries.access_by_request(checked, digest_of_key(request_key)):
        with refusals_logged(grant, by, at):
            if reason := rules.why_not_take(checked):
                raise AccessDenied(reason)
            text = _answer(checked, recipe, at)

    def supply(row: Grant) -> StoredObject:
        return store_object(
            source=io.BytesIO(text),
            filename=f"{row.release.reference}-answer.json",
            purpose=Purpose.RESULT,
            owner=row.grantee.reference,
            by=ANSWERING,
            at=at,
            media_type="application/json",
        )

    wanted = Wanted(Form.ANSWER, supply, write_recipe(recipe))
    return take_access(grant=checked, wanted=wanted, by=by, at=at, request_key=request_key)


def check_asking(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """Return the grant as it is now if questions may be asked under it; a refusal is on record."""
    with refusals_logged(grant, by, at):
        checked = checked_grant(grant, by, at)
        if reason := rules.why_not_form(checked, Form.ANSWER):
            raise AccessDenied(reason)
    return checked


def read_answer(*, access: Access, by: Actor, at: datetime) -> dict[str, Any]:
    """Return what an answer says, to be shown: it counts as sent like any download, on record.

    Raises NotFound where the access is no answer, AccessDenied where it may not be sent (again).
    """
    if access.form != Form.ANSWER:
        raise NotFound
    download = resume_download(access=access, by=by, at=at)
    told: dict[str, Any] = json.loads(b"".join(download.chunks()))
    return told


def _answer(grant: Grant, recipe: Recipe, at: datetime) -> bytes:
    """Compute an answer, outside of any transaction, and have the filter read it."""
    release, most = grant.release, int(answer_rules(day_of(at))["most_groups"])
    with workdir() as folder, seekable_object(release.table) as source:
        made = folder / "answer.parquet"
        try:
            derived = derive_parquet(source, made, recipe, KEYLESS)
        except RecipeFault as fault:
            raise Invalid(in_words(fault)) from None
        if not derived.rows_out:
            raise Invalid({"question.by": [_("Every group is too small; take coarser ones.")]})
        if derived.rows_out > most:
            words = _("There are more than %(limit)s groups. Group by fewer or coarser columns.")
            raise Invalid({"question.by": [words % {"limit": most}]})
        if reason := _why_not_given(made, at):
            raise AccessDenied(reason)
        return _written(release, recipe, derived, made)


def _why_not_given(made: Path, at: datetime) -> Reason | None:
    """Return why the filter does not let an answer leave, or None."""
    verdict = scan_content(made, on=day_of(at)).verdict
    if verdict.grade == Grade.GENERAL and verdict.personal in HARMLESS:
        return None
    words = _(
        "The answer itself would be restricted (%(found)s). Take coarser groups or other figures."
    )
    graded = verdict.grade != Grade.GENERAL
    found = Grade(verdict.grade).label if graded else PersonalClass(verdict.personal).label
    return Reason(Refusal.NOT_AN_AGGREGATE, words % {"found": found})


def _written(release: Release, recipe: Recipe, derived: Derived, made: Path) -> bytes:
    table = pq.read_table(made)
    answer = {
        "type": "quanheng.answer.v1",
        "release": release.reference,
        "release_sha256": release.sha256,
        "question": write_recipe(recipe),
        "columns": table.column_names,
        "groups": [[_plain(value) for value in row.values()] for row in table.to_pylist()],
        "rows_read": derived.rows_in,
        "rows_in_small_groups": derived.in_small_groups,
    }
    return json.dumps(answer, ensure_ascii=False, indent=1).encode()


def _plain(value: object) -> object:
    """Return a value as JSON knows it; a fraction without an end as nothing."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else str(value)
