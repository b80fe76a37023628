"""The decisions open on a case, each a form: propose, confirm, decline, ask for more, extend."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid
from audit.rulebook.queries import day_of
from exchange.compliance import carrying, dossiers, rules, services
from exchange.compliance.heads import case_pack
from exchange.compliance.models import Case, Proposal
from exchange.compliance.states import CaseState
from exchange.web.forms.cases import AnswerForm, ApproveForm, ExtendForm, WhyForm

from .desk import Decision

Said = Mapping[str, Any]


def case_decisions(case: Case, *, by: Actor, at: datetime, onward: str) -> list[Decision]:
    """Return the decisions that belong to the state of a case, the usual one first."""
    common: dict[str, Any] = {"case": case, "by": by, "at": at}
    made = dossiers.proposal_of(case) if case.status == CaseState.PROPOSED else None
    if made is not None:
        found = _answers(made, common, onward)
    elif case.status in {CaseState.OPEN, CaseState.SUBMITTED}:
        found = _proposals(common, onward)
    else:
        return []
    refusal = rules.why_not_decide(by, case)
    if case.status == CaseState.SUBMITTED:
        found.append(
            Decision(
                name="return",
                title=_("Ask the provider for more"),
                verb=_("Send the file back"),
                note=_("The provider's time begins anew."),
                form_class=WhyForm,
                call=lambda said: services.send_back_case(reason=said["reason"], **common),
                done=_("The file is with the provider again."),
                onward=onward,
                reason=refusal,
                folded=True,
            )
        )
    found.append(
        Decision(
            name="extend",
            title=_("Extend the time limit"),
            verb=_("Extend"),
            form_class=ExtendForm,
            call=lambda said: services.extend_case(
                workdays=said["workdays"], reason=said["reason"], **common
            ),
            done=_("The time limit is extended."),
            onward=onward,
            reason=refusal,
            folded=True,
        )
    )
    return found


def _proposals(common: Mapping[str, Any], onward: str) -> list[Decision]:
    case, by = common["case"], common["by"]
    pack = case_pack(day_of(common["at"]))
    return [
        Decision(
            name="approve",
            title=_("Propose approval"),
            verb=_("Propose to approve"),
            note=_(
                "Another person has to confirm it. The approval is for exactly this content, these "
                "rules and this file; its conditions become part of every contract."
            ),
            form_class=ApproveForm.for_ways(carrying.ways_permitted(case, pack)),
            call=_at_fields(
                lambda said: services.propose_decision(
                    approve=True,
                    reason=said["reason"],
                    conditions=ApproveForm.conditions(said),
                    valid_until=said["valid_until"],
                    **common,
                )
            ),
            done=_("The approval is proposed; another person has to confirm it."),
            onward=onward,
            reason=rules.why_not_approve(by, case),
        ),
        Decision(
            name="reject",
            title=_("Propose rejection"),
            verb=_("Propose to block"),
            note=_(
                "Another person has to confirm it. The release is then blocked; the provider may "
                "appeal or bring another one."
            ),
            form_class=WhyForm,
            call=lambda said: services.propose_decision(
                approve=False, reason=said["reason"], **common
            ),
            done=_("The rejection is proposed; another person has to confirm it."),
            onward=onward,
            reason=rules.why_not_decide(by, case),
            danger=True,
        ),
    ]


def _answers(made: Proposal, common: Mapping[str, Any], onward: str) -> list[Decision]:
    by = common["by"]
    initial = {"proposal": made.reference}
    if rules.why_not_withdraw(by, made) is None:
        return [
            _answer(
                "withdraw",
                _("Take the proposal back"),
                _("The proposal is taken back."),
                services.withdraw_decision,
                common,
                onward=onward,
                initial=initial,
            )
        ]
    return [
        _answer(
            "confirm",
            _("Confirm the proposal"),
            _("The case is decided."),
            services.confirm_decision,
            common,
            onward=onward,
            initial=initial,
            reason=rules.why_not_confirm(by, made),
        ),
        _answer(
            "decline",
            _("Decline the proposal"),
            _("The proposal is declined; the case awaits another one."),
            services.decline_decision,
            common,
            onward=onward,
            initial=initial,
            reason=rules.why_not_decide(by, made.case),
            danger=True,
        ),
    ]


def _answer(
    name: str,
    title: str,
    done: str,
    service: Callable[..., object],
    common: Mapping[str, Any],
    **more: Any,
) -> Decision:
    return Decision(
        name=name,
        title=title,
        verb=title,
        form_class=AnswerForm,
        call=lambda said: service(proposal=said["proposal"], reason=said["reason"], **common),
        done=done,
        **more,
    )


def _at_fields(call: Callable[[Said], object]) -> Callable[[Said], object]:
    """Return the call with what is wrong with a condition at its own field."""

    def wrapped(said: Said) -> object:
        try:
            return call(said)
        except Invalid as error:
            fields = {
                name.removeprefix("conditions."): texts for name, texts in error.fields.items()
            }
            raise Invalid(fields) from None

    return wrapped
