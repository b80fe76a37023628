"""A provider's algorithms: described step by step, brought in, followed through review."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure import queries, services
from audit.disclosure.fields import BY_CODE
from audit.disclosure.models import Disclosure
from audit.disclosure.portable import export_of, read_file
from audit.disclosure.rules import disclosure_actions, why_not_describe
from audit.disclosure.services.drafting import statement_of
from audit.disclosure.showing import shown_to
from audit.disclosure.statements import Statement
from audit.disclosure.states import DISCLOSURE, EDITABLE, OPEN, STANDING
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotFound
from audit.rulebook.queries import day_of
from exchange.parties.queries import organization_names
from exchange.web.components import Action, Column, Head, Link
from exchange.web.describing import completeness_of, label_of, limit_of, steps_of
from exchange.web.evidence import evidence_action
from exchange.web.forms.disclosures import (
    FIRST,
    STEPS,
    ImportForm,
    StepForm,
    WithdrawForm,
    initial_of,
)
from exchange.web.forms.plain import PlainForm
from exchange.web.pages import ActPage, FormPage, Page
from exchange.web.paging import paginate
from exchange.web.timelines import moments_for

from .desk import Decision, Desk
from .owned import PROVIDER

ROAD: Final = ("DRAFT", "FILED", "UNDER_REVIEW", "PUBLISHED")
COLUMNS = (
    Column(label=gettext_lazy("Algorithm")),
    Column(label=gettext_lazy("Version"), number=True),
    Column(label=gettext_lazy("Status")),
    Column(label=gettext_lazy("Time limit")),
    Column(label=gettext_lazy("What comes next")),
)
NEXT: Final = {
    "DRAFT": gettext_lazy("Complete the description and file it"),
    "FILED": gettext_lazy("Wait; a reviewer takes it up"),
    "UNDER_REVIEW": gettext_lazy("Wait; it is being read"),
    "RETURNED": gettext_lazy("Mend what the reviewer noted and file again"),
    "REFUSED": gettext_lazy("Read the reason; another version may follow"),
    "PUBLISHED": gettext_lazy("File every change within ten working days"),
    "SUSPENDED": gettext_lazy("Stop the service until the suspension is lifted"),
}


class OwnAlgorithms(Page):
    """What the organization discloses: states, limits, and what to do next."""

    roles = PROVIDER
    template_name = "disclosures/own.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = queries.list_own(self.actor).filter(owner=self.actor.organization)
        refusal = why_not_describe(self.actor, self.actor.organization)
        new = Action(
            label=_("Describe an algorithm"),
            url=reverse("provider_algorithm_new"),
            post=False,
            main=True,
            reason=refusal,
        )
        brought = Action(
            label=_("Bring in a file"),
            url=reverse("provider_algorithm_import"),
            post=False,
            reason=refusal,
        )
        page = paginate(own, self.request.GET, order=("algorithm", "-version"), size=30)
        on = day_of(self.now)
        return super().get_context_data(
            head=Head(
                title=_("Our algorithms"),
                summary=_(
                    "Whoever sells or uses an algorithm here says what it does, how well, and for "
                    "whom (《算法推荐管理规定》第二十四条)."
                ),
                actions=[new, brought],
            ),
            page=page,
            rows=[
                {"row": row, "limit": limit_of(row, on), "next": NEXT.get(row.status, "")}
                for row in page
            ],
            columns=COLUMNS,
            new=new,
            **kwargs,
        )


class OwnAlgorithm(Desk):
    """One version: how complete it is, where it stands, what the reviewer noted."""

    roles = PROVIDER
    template_name = "disclosures/one.html"
    row: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.row = own_disclosure(self, kwargs["reference"])

    def decisions(self) -> Sequence[Decision]:
        here = reverse("provider_algorithm", args=[self.row.reference])
        common: dict[str, Any] = {"by": self.actor, "at": self.now, "disclosure": self.row}
        open_to = disclosure_actions(self.actor, self.row)
        found = []
        if "file" in open_to:
            found.append(
                Decision(
                    name="file",
                    title=_("File it"),
                    verb=_("Hand it in for review"),
                    note=_("It can no longer be changed then, unless the reviewer returns it."),
                    form_class=PlainForm,
                    call=lambda _said: self._file(common),
                    done=_("It is filed. The reviewer decides within thirty working days."),
                    onward=here,
                )
            )
        if "withdraw" in open_to:
            standing = self.row.status in STANDING
            found.append(
                Decision(
                    name="withdraw",
                    title=_("Cancel the filing") if standing else _("Give this version up"),
                    verb=_("Cancel") if standing else _("Give up"),
                    form_class=WithdrawForm,
                    call=lambda said: services.withdraw_disclosure(
                        **common, reason=said["reason"], last_day=said["last_day"]
                    ),
                    done=_("It is withdrawn and stays readable with the reason."),
                    onward=here,
                    danger=True,
                    folded=True,
                )
            )
        return found

    def _file(self, common: Mapping[str, Any]) -> None:
        """File it; what is wrong is named, since its fields stand on other pages."""
        try:
            services.file_disclosure(**common)
        except Invalid as error:
            named = [
                f"{label_of(code.partition('.')[0])}: {text}"
                for code, texts in error.fields.items()
                for text in texts
            ]
            raise Invalid({"": named}) from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row, on = self.row, day_of(self.now)
        return super().get_context_data(
            head=Head(
                title=row.name,
                kind=_("Algorithm"),
                reference=row.reference,
                status=row.status,
                status_label=row.get_status_display(),
                lifecycle="disclosure",
                since=row.status_since,
                summary=NEXT.get(row.status, ""),
                actions=self._actions(),
                crumbs=[Link(label=_("Our algorithms"), url=reverse("provider_algorithms"))],
            ),
            row=row,
            lifecycle=DISCLOSURE,
            road=ROAD,
            limit=limit_of(row, on),
            complete=completeness_of(row) if row.status in EDITABLE else None,
            steps=steps_of(row) if row.status in EDITABLE else [],
            notes=[(label_of(code), text) for code, text in row.notes.items()],
            reviewer=organization_names([row.reviewer]).get(row.reviewer, row.reviewer),
            suspensions=queries.suspensions_of(row.algorithm, owner=row.owner),
            moments=moments_for(self.actor, "disclosure", row.reference, limit=20),
            **kwargs,
        )

    def _actions(self) -> list[Action]:
        row, found = self.row, []
        if row.status in EDITABLE:
            found.append(
                Action(
                    label=_("Go on writing"),
                    url=reverse("provider_algorithm_step", args=[row.reference, FIRST]),
                    post=False,
                    main=True,
                )
            )
        elif row.status not in OPEN and not self._follower():
            label = _("File a change") if row.status in STANDING else _("Describe another version")
            url = reverse("provider_algorithm_change", args=[row.reference])
            found.append(Action(label=label, url=url, main=True))
        found.append(
            Action(
                label=_("Export as JSON"),
                url=reverse("provider_algorithm_file", args=[row.reference]),
                post=False,
            )
        )
        if row.published_at:
            url = reverse("algorithm", args=[row.reference])
            found.append(Action(label=_("As everybody sees it"), url=url, post=False))
        return [*found, *evidence_action(self.actor, "ALGORITHM", row.reference)]

    def _follower(self) -> bool:
        rows = Disclosure.objects.filter(owner=self.row.owner, algorithm=self.row.algorithm)
        return rows.filter(version__gt=self.row.version).exists()


class DescribeAlgorithm(FormPage):
    """One step of the description: each field with its help and a good example."""

    roles = PROVIDER
    template_name = "disclosures/step.html"
    row: Disclosure | None = None
    step: str = FIRST

    def load(self, **kwargs: Any) -> None:
        self.step = kwargs.get("step", FIRST)
        if self.step not in STEPS:
            raise NotFound
        if "reference" in kwargs:
            self.row = own_disclosure(self, kwargs["reference"])

    def initial(self) -> dict[str, Any]:
        return initial_of(statement_of(self.row).as_document()) if self.row else {}

    def get_form(self) -> forms.Form:
        data = self.request.POST if self.request.method == "POST" else None
        return StepForm(
            data,
            initial=self.initial(),
            step=self.step,
            fixed_key=self.row is not None,
            notes=self.row.notes if self.row else {},
        )

    def act(self, form: forms.Form) -> str:
        assert isinstance(form, StepForm)  # noqa: S101  made above
        before: Mapping[str, Any] = (
            statement_of(self.row).as_document() if self.row else {"texts": {}}
        )
        statement = Statement.from_document(form.said(before))
        common: dict[str, Any] = {"statement": statement, "by": self.actor, "at": self.now}
        try:
            if self.row is None:
                row = services.draft_disclosure(owner=self.actor.organization, **common)
            else:
                read = self.request.POST.get("read", "")
                row = services.edit_disclosure(disclosure=self.row, read=read, **common)
        except Invalid as error:
            raise Invalid({_place(name): words for name, words in error.fields.items()}) from error
        steps = list(STEPS)
        following = steps[steps.index(self.step) + 1 :]
        if "stay" in self.request.POST or not following:
            return reverse("provider_algorithm", args=[row.reference])
        return reverse("provider_algorithm_step", args=[row.reference, following[0]])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [Link(label=_("Our algorithms"), url=reverse("provider_algorithms"))]
        if self.row:
            url = reverse("provider_algorithm", args=[self.row.reference])
            crumbs.append(Link(label=self.row.name, url=url))
        return super().get_context_data(
            head=Head(
                title=STEPS[self.step],
                kind=self.row.name if self.row else _("A new algorithm"),
                crumbs=crumbs,
                summary=_(
                    "What you leave empty can be written later; a draft is seen by you only."
                ),
            ),
            row=self.row,
            place=self.step,
            steps=steps_of(self.row),
            last=self.step == list(STEPS)[-1],
            **kwargs,
        )


class ImportAlgorithm(FormPage):
    """A draft from a file; with faults nothing is kept."""

    roles = PROVIDER
    template_name = "disclosures/import.html"
    form_class = ImportForm
    done = gettext_lazy("The file is a draft now. Read it before you file it.")

    def act(self, form: forms.Form) -> str:
        data = form.cleaned_data
        said = read_file(data["file"].read(512 * 1024 + 1), algorithm=data["algorithm"])
        row = services.draft_disclosure(
            statement=said, owner=self.actor.organization, by=self.actor, at=self.now
        )
        return reverse("provider_algorithm", args=[row.reference])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            head=Head(
                title=_("Bring in a file"),
                crumbs=[Link(label=_("Our algorithms"), url=reverse("provider_algorithms"))],
                summary=_("Every fault in the file is named at once; nothing of it is kept then."),
            ),
            **kwargs,
        )


class ChangeAlgorithm(ActPage):
    """The next version begins with what the last one says."""

    roles = PROVIDER
    done = gettext_lazy("A new version is begun. Change what is different and file it.")

    def load(self, **kwargs: Any) -> None:
        self.row = own_disclosure(self, kwargs["reference"])

    def act(self) -> str:
        row = services.draft_disclosure(
            statement=statement_of(self.row), owner=self.row.owner, by=self.actor, at=self.now
        )
        return reverse("provider_algorithm_step", args=[row.reference, FIRST])


class AlgorithmFile(Page):
    """One's own version as a JSON file."""

    roles = PROVIDER

    def load(self, **kwargs: Any) -> None:
        self.row = own_disclosure(self, kwargs["reference"])

    def get(self, *_args: Any, **_kwargs: Any) -> HttpResponse:
        said = canonical(export_of(self.row, shown_to(self.actor, self.row)))
        response = HttpResponse(said, content_type="application/json")
        name = f"{self.row.reference}.json"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def own_disclosure(page: Page, reference: str) -> Disclosure:
    """Return a version of the actor's own algorithms, or NotFound."""
    row = queries.get_disclosure_for(page.actor, reference)
    if row.owner != page.actor.organization:
        raise NotFound
    return row


def _place(name: str) -> str:
    """Return the input at which a fault of a field is shown."""
    if name in BY_CODE:
        return f"{name}.zh"
    return f"{name}.value" if name.startswith("declared.") else name


urlpatterns = [
    path("provider/algorithms/", OwnAlgorithms.as_view(), name="provider_algorithms"),
    path("provider/algorithms/new/", DescribeAlgorithm.as_view(), name="provider_algorithm_new"),
    path(
        "provider/algorithms/import/", ImportAlgorithm.as_view(), name="provider_algorithm_import"
    ),
    path("provider/algorithms/<str:reference>/", OwnAlgorithm.as_view(), name="provider_algorithm"),
    path(
        "provider/algorithms/<str:reference>/file/",
        AlgorithmFile.as_view(),
        name="provider_algorithm_file",
    ),
    path(
        "provider/algorithms/<str:reference>/change/",
        ChangeAlgorithm.as_view(),
        name="provider_algorithm_change",
    ),
    path(
        "provider/algorithms/<str:reference>/<str:step>/",
        DescribeAlgorithm.as_view(),
        name="provider_algorithm_step",
    ),
]
