"""Calls of a model: run within the exchange, on record, and taken from the budget of a grant.

The model never leaves, and its buyer's rows are not kept. It is run before budget is taken, and
every rule is asked again when it is: a call that fails takes nothing, and one that was under way
when the model was suspended is not delivered.
"""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.disclosure.evaluation.limits import RunLimits
from audit.disclosure.evaluation.running import Answers, Output, run_plan
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotFound
from audit.rulebook.queries import day_of
from confined.faults import Ending, Fault
from exchange.compliance.papers import papers_of
from exchange.delivery import queries, rules
from exchange.delivery.inputs import Inputs, call_rules, plan_of, read_inputs
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import AccessDenied, Reason
from exchange.delivery.states import Form, Refusal
from exchange.vault.models import StoredObject
from exchange.vault.services import plaintext_copy, store_object
from exchange.vault.services.objects import workdir
from exchange.vault.states import Purpose

from .downloads import (
    Wanted,
    checked_grant,
    digest_of_key,
    refusals_logged,
    resume_download,
    take_access,
)

CALLING = Actor.system("delivery")
TELLING = frozenset({"not-run", "not-finite", "other-rows", "odd-output"})
"""What a model does with rows that do not suit it; the caller mends them."""


@dataclass(frozen=True, kw_only=True)
class Inference:
    """A call that was answered: the access it took, and what the model said."""

    access: Access
    answer: Mapping[str, Any]


def call_model(
    *,
    grant: Grant,
    inputs: object,
    by: Actor,
    at: datetime,
    request_key: str = "",
) -> Inference:
    """Run the model of a grant over some rows; the answer takes one unit of its budget.

    Raises Invalid for rows that do not fit, naming input and row, and AccessDenied where any rule
    stands against it or the exchange cannot run the model; nothing is taken then. A repeated
    `request_key` returns the answer that was given. Must not run inside a transaction.
    """
    checked = check_calling(grant=grant, by=by, at=at)
    read = read_inputs(checked.release, inputs, on=day_of(at))
    text = b""
    if not queries.access_by_request(checked, digest_of_key(request_key)):
        with refusals_logged(grant, by, at):
            if reason := rules.why_not_take(checked):
                raise AccessDenied(reason)
            text = _answer(checked, read, at)

    def supply(row: Grant) -> StoredObject:
        return store_object(
            source=io.BytesIO(text),
            filename=f"{row.release.reference}-outputs.json",
            purpose=Purpose.RESULT,
            owner=row.grantee.reference,
            by=CALLING,
            at=at,
            media_type="application/json",
        )

    wanted = Wanted(Form.INFERENCE, supply, read.as_question())
    taken = take_access(grant=checked, wanted=wanted, by=by, at=at, request_key=request_key)
    answer = read_outputs(access=taken.access, by=by, at=at)
    taken.access.refresh_from_db()
    return Inference(access=taken.access, answer=answer)


def check_calling(*, grant: Grant, by: Actor, at: datetime) -> Grant:
    """Return the grant as it is now if its model may be called; a refusal is on record."""
    with refusals_logged(grant, by, at):
        checked = checked_grant(grant, by, at)
        if reason := rules.why_not_form(checked, Form.INFERENCE):
            raise AccessDenied(reason)
    return checked


def read_outputs(*, access: Access, by: Actor, at: datetime) -> dict[str, Any]:
    """Return what a call gave, to be shown: it counts as sent like any download, on record."""
    if access.form != Form.INFERENCE:
        raise NotFound
    download = resume_download(access=access, by=by, at=at)
    told: dict[str, Any] = json.loads(b"".join(download.chunks()))
    return told


def _answer(grant: Grant, inputs: Inputs, at: datetime) -> bytes:
    """Run the model in the confined child, outside of any transaction."""
    release = grant.release
    limits = RunLimits(seconds=int(call_rules(day_of(at))["most_seconds"]), threads=1)
    try:
        with workdir() as folder, plaintext_copy(release.original) as model:
            answers = run_plan(model, plan_of(inputs, folder), workdir=folder, limits=limits)
    except Fault as fault:
        raise _refusal(fault) from None
    papers = papers_of(release)
    told = {
        "type": "quanheng.inference.v1",
        "release": release.reference,
        "release_sha256": release.sha256,
        "algorithm": papers.algorithm,
        "disclosure": papers.disclosure,
        "rows": inputs.rows,
        "inputs_sha256": inputs.sha256,
        "outputs": _outputs(answers),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _refusal(fault: Fault) -> Invalid | AccessDenied:
    """Tell whether rows or the exchange were at fault; neither takes anything of the budget."""
    if fault.what in TELLING:
        words = _("The model does not take these rows (%(reason)s). Nothing was used.")
        return Invalid({"inputs": [words % {"reason": _worded(fault)}]})
    if fault.code == Ending.TIMEOUT:
        words = _("The model took longer than a call may. Send fewer rows. Nothing was used.")
        return AccessDenied(Reason(Refusal.NOT_RUN, words))
    words = _("The exchange could not run the model now. Nothing was used; try again later.")
    return AccessDenied(Reason(Refusal.NOT_RUN, words))


def _worded(fault: Fault) -> str:
    if fault.what == "not-run":
        return _("near row %(row)s") % {"row": fault.params.get("row", 0)}
    name = fault.params.get("name", "")
    return _("output “%(name)s” is no number") % {"name": name} if name else fault.what


def _outputs(answers: Answers) -> dict[str, list[Any]]:
    return {output.name: _rows(output) for output in answers.outputs}


def _rows(output: Output) -> list[Any]:
    if output.kind == "texts":
        table: list[list[Any]] = [[output.texts[code] for code in row] for row in output.values]
    elif output.kind == "whole":
        table = [[int(each) for each in row] for row in output.values]
    else:
        table = [[float(each) for each in row] for row in output.values]
    return [row[0] if len(row) == 1 else row for row in table]
