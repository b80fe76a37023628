"""Admission to the exchange: applications, what was checked, and the ways in and out."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from audit.log.errors import NotFound
from exchange.parties import queries, rules, services
from exchange.parties.models import AdmissionCheck, Organization
from exchange.parties.services import Check
from exchange.parties.states import (
    ROLE_SETS,
    CheckKind,
    OrganizationRole,
    OrganizationState,
)
from exchange.vault.models import StoredObject
from exchange.vault.queries import get_object
from exchange.vault.services import open_object
from exchange.vault.states import Purpose
from exchange.web.components import Column, Head, Link
from exchange.web.evidence import evidence_action
from exchange.web.forms.decisions import CheckForm, OrganizationFilter, admit_form, valid
from exchange.web.forms.reasons import ReasonForm
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .desk import Decision, Desk

APPLICATION_COLUMNS = (
    Column(label=gettext_lazy("Applicant")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Applies as")),
    Column(label=gettext_lazy("Checks passed"), number=True),
    Column(label=gettext_lazy("Applied")),
)
ORGANIZATION_COLUMNS = (
    Column(label=pgettext_lazy("party", "Organization")),
    Column(label=gettext_lazy("Reference")),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Roles")),
    Column(label=pgettext_lazy("state", "Since")),
)
CHECK_COLUMNS = (
    Column(label=gettext_lazy("Check"), meaning="《数据安全法》第三十三条"),
    Column(label=gettext_lazy("Result")),
    Column(label=gettext_lazy("Evidence")),
    Column(label=gettext_lazy("Checked by")),
    Column(label=gettext_lazy("When")),
)


class Admissions(Page):
    """Applications that wait, the oldest first, and every organization there is."""

    roles = ("OPERATOR",)
    template_name = "operator/admissions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = OrganizationFilter(self.request.GET)
        found = _narrowed(queries.organizations_visible_to(self.actor), valid(form))
        waiting = list(queries.applications()[:100])
        head = Head(
            title=_("Admissions"),
            kind=_("Operator"),
            summary=_("Who may take part in the market, decided after every check is on record."),
        )
        return super().get_context_data(
            head=head,
            waiting=[(row, _progress(row)) for row in waiting],
            form=form,
            page=paginate(found, self.request.GET, order=("-pk",)),
            application_columns=APPLICATION_COLUMNS,
            organization_columns=ORGANIZATION_COLUMNS,
            **kwargs,
        )


def _narrowed(rows: QuerySet[Organization], said: Mapping[str, Any]) -> QuerySet[Organization]:
    if status := said.get("status"):
        rows = rows.filter(status=status)
    if role := said.get("role"):
        rows = rows.filter(roles__in=[list(roles) for roles in ROLE_SETS if role in roles])
    if text := said.get("text", "").strip():
        rows = rows.filter(
            Q(name__icontains=text)
            | Q(name_en__icontains=text)
            | Q(uscc__iexact=text)
            | Q(reference__iexact=text)
        )
    return rows


def _progress(organization: Organization) -> str:
    needed = rules.required_checks(organization.roles)
    done = needed & queries.passed_checks(organization)
    return f"{len(done)} / {len(needed)}"


class Admission(Desk):
    """One organization: what it says of itself, what was checked, what can be decided."""

    roles = ("OPERATOR",)
    template_name = "operator/admission.html"
    organization: Organization

    def load(self, **kwargs: Any) -> None:
        self.organization = queries.get_organization_for(self.actor, kwargs["reference"])

    @property
    def here(self) -> str:
        """This page."""
        return reverse("operator_admission", args=[self.organization.reference])

    def decisions(self) -> list[Decision]:
        match self.organization.status:
            case OrganizationState.APPLIED:
                return [self._check(), self._admit(), self._verb("reject")]
            case OrganizationState.ADMITTED:
                return [self._verb("suspend"), self._verb("terminate")]
            case OrganizationState.SUSPENDED:
                return [self._verb("reinstate"), self._verb("terminate")]
        return []

    def _check(self) -> Decision:
        return Decision(
            name="check",
            title=_("Record a check"),
            note=_("One at a time; the latest record of a kind counts, all are kept."),
            verb=_("Record the check"),
            form_class=CheckForm,
            call=self._record_check,
            done=_("The check is on record."),
            onward=f"{self.here}#checks",
            reason=rules.why_not_review(self.actor),
            initial={"kind": self._next_check(), "passed": "yes"},
        )

    def _next_check(self) -> str:
        passed = queries.passed_checks(self.organization)
        missing = [kind for kind in CheckKind.values if kind in self._needed() - passed]
        return missing[0] if missing else CheckKind.IDENTITY

    def _needed(self) -> frozenset[str]:
        return rules.required_checks(self.organization.roles)

    def _record_check(self, said: Mapping[str, Any]) -> None:
        check = Check(
            kind=said["kind"], passed=said["passed"] == "yes", evidence=said["evidence"].strip()
        )
        services.record_check(
            organization=self.organization, check=check, by=self.actor, at=self.now
        )

    def _admit(self) -> Decision:
        passed = queries.passed_checks(self.organization)
        choices = [role for role in self.organization.roles if role != OrganizationRole.OPERATOR]
        # fewer roles may need fewer checks, so the refusal is that of the narrowest admission
        refusals = [
            rules.why_not_admit(self.actor, self.organization, [role], passed) for role in choices
        ]
        return Decision(
            name="admit",
            title=_("Admit"),
            note=_("The roles are in force from this moment."),
            verb=_("Admit the organization"),
            form_class=admit_form(choices),
            call=lambda said: services.admit_organization(
                organization=self.organization, roles=said["roles"], by=self.actor, at=self.now
            ),
            done=_("The organization is admitted."),
            onward=self.here,
            reason=None if None in refusals else next(iter(refusals), None),
        )

    def _verb(self, name: str) -> Decision:
        title, verb, note, done, service = VERBS[name]
        check = rules.why_not_review(self.actor)
        if name != "reject":
            check = rules.why_not_suspend(self.actor, self.organization)
        return Decision(
            name=name,
            title=title,
            verb=verb,
            note=note,
            form_class=ReasonForm,
            call=lambda said: service(
                organization=self.organization, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=done,
            onward=self.here,
            reason=check,
            danger=name != "reinstate",
            folded=name != "reinstate",
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        organization = self.organization
        return super().get_context_data(
            organization=organization,
            head=self._head(),
            license=_license_of(organization),
            market=CheckKind.CLEAN_RECORD in self._needed(),
            check_rows=self._check_rows(),
            check_columns=CHECK_COLUMNS,
            members=queries.members_visible_to(self.actor).filter(organization=organization),
            moments=moments_for(self.actor, "organization", organization.reference),
            **kwargs,
        )

    def _check_rows(self) -> list[dict[str, Any]]:
        """Return every kind of check with its latest record, then the records it superseded."""
        checks = list(self.organization.checks.all())
        names = queries.people_names(check.checked_by for check in checks)
        latest = {check.kind: check for check in checks}
        rows = [
            _check_row(kind.label, latest.get(kind), names)
            | ({} if kind in self._needed() else {"note": _("not required")})
            for kind in CheckKind
            if kind in self._needed() or kind in latest
        ]
        return rows + [
            _check_row(check.get_kind_display(), check, names)
            | {"note": _("superseded"), "good": "over", "bad": "over"}
            for check in checks
            if check is not latest[check.kind]
        ]

    def _head(self) -> Head:
        organization = self.organization
        return Head(
            title=organization.name,
            kind=pgettext("party", "Organization"),
            reference=organization.reference,
            status=organization.status,
            status_label=organization.get_status_display(),
            since=organization.status_since,
            summary=organization.name_en,
            actions=[
                *self.way(),
                *evidence_action(self.actor, "ORGANIZATION", organization.reference),
            ],
            crumbs=[Link(label=_("Admissions"), url=reverse("operator_admissions"))],
            why=[
                Link(label=_("Checks"), url="#checks"),
                Link(label=_("Timeline"), url="#timeline"),
            ],
        )


VERBS: dict[str, tuple[Any, Any, Any, Any, Any]] = {
    "reject": (
        gettext_lazy("Refuse the application"),
        gettext_lazy("Refuse"),
        gettext_lazy("The organization may apply again with what is missing."),
        gettext_lazy("The application is refused."),
        services.reject_organization,
    ),
    "suspend": (
        gettext_lazy("Suspend"),
        gettext_lazy("Suspend the organization"),
        gettext_lazy("Its roles are void from the next request on; its listings stop."),
        gettext_lazy("The organization is suspended."),
        services.suspend_organization,
    ),
    "reinstate": (
        gettext_lazy("Reinstate"),
        gettext_lazy("Reinstate the organization"),
        gettext_lazy("It gets its roles back."),
        gettext_lazy("The organization has its roles back."),
        services.reinstate_organization,
    ),
    "terminate": (
        gettext_lazy("End the membership"),
        gettext_lazy("End the membership"),
        gettext_lazy("There is no way back but a new application."),
        gettext_lazy("The membership has ended."),
        services.terminate_organization,
    ),
}


def _check_row(
    label: object, check: AdmissionCheck | None, names: Mapping[str, str]
) -> dict[str, Any]:
    by = names.get(check.checked_by, check.checked_by) if check else ""
    return {"label": label, "check": check, "by": by, "good": "good", "bad": "stop"}


def _license_of(organization: Organization) -> StoredObject | None:
    """Return the license on file; an object kept for another purpose or owner is none."""
    if not organization.license_object:
        return None
    try:
        found = get_object(organization.license_object)
    except NotFound:
        return None
    return found if found.purpose == Purpose.LICENSE else None


class License(Page):
    """The license of an organization as a file, for those who check it."""

    roles = ("OPERATOR", "REGULATOR")
    look = "party"
    license: StoredObject

    def load(self, **kwargs: Any) -> None:
        organization = queries.get_organization_for(self.actor, kwargs["reference"])
        found = _license_of(organization)
        if found is None:
            raise NotFound(_("There is no license file on record."))
        self.license = found

    def get(self, request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:  # noqa: ARG002
        """Send it as a download, never to be opened by the browser itself."""
        found = self.license
        with open_object(found) as reader:  # a document, 20 MB at most
            content = b"".join(reader.chunks())
        response = HttpResponse(content, content_type="application/octet-stream")
        disposition = content_disposition_header(as_attachment=True, filename=found.filename)
        response["Content-Disposition"] = disposition or "attachment"
        return response


urlpatterns = [
    path("operator/admissions/", Admissions.as_view(), name="operator_admissions"),
    path("operator/admissions/<str:reference>/", Admission.as_view(), name="operator_admission"),
    path(
        "operator/admissions/<str:reference>/license",
        License.as_view(),
        name="operator_license",
    ),
]
