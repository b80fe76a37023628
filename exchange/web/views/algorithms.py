"""The public register of algorithms: what each does, for whom, and how accurate it measured."""

from typing import Any

from django.db.models import QuerySet
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.disclosure.fields import BY_CODE, FIELDS, GROUPS
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    PLATFORM,
    RegisterSearch,
    accuracy_of,
    get_disclosure_for,
    history_of,
    latest_measurements_of,
    open_suspensions,
    register,
    search,
)
from audit.disclosure.showing import Shown, publicly_shown_to
from audit.disclosure.verification import faults_of_disclosure
from exchange.catalog.models import Product
from exchange.parties.queries import organization_names, organizations_named
from exchange.web.audit_block import audits_block
from exchange.web.components import Action, Column, Head, Link
from exchange.web.forms.disclosures import RegisterFilter
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.pdf import why_no_pdf
from exchange.web.sheets import sheet_of

MAIN_FIELDS = ("technique", "prediction_target", "stakeholders")
QUESTIONS = {
    "technique": gettext_lazy("How does it work?"),
    "prediction_target": gettext_lazy("What does it predict or decide?"),
    "stakeholders": gettext_lazy("Whom does it concern?"),
}
ACCURACY_COLUMNS = (
    Column(label=gettext_lazy("Metric")),
    Column(
        label=gettext_lazy("Declared"),
        meaning=gettext_lazy("What the owner claims"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Measured"),
        meaning=gettext_lazy("What the platform found, with the interval of 95 %"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Simple rule"),
        meaning=gettext_lazy("What the best rule without skill reaches on the same rows"),
        number=True,
    ),
    Column(label=gettext_lazy("Verdict")),
    Column(label=gettext_lazy("Number of cases"), number=True),
    Column(label=gettext_lazy("Data")),
    Column(label=gettext_lazy("Measured at")),
)
CALIBRATION_COLUMNS = (
    Column(label=gettext_lazy("Predicted"), number=True),
    Column(label=gettext_lazy("Came true"), number=True),
    Column(label=gettext_lazy("Rows"), number=True),
)
GROUP_COLUMNS = (
    Column(label=gettext_lazy("Group")),
    Column(label=gettext_lazy("Rows"), number=True),
    Column(label=gettext_lazy("Chosen"), number=True),
    Column(
        label=gettext_lazy("Impact ratio"),
        meaning=gettext_lazy("Chosen, over the group most often chosen"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Found"),
        meaning=gettext_lazy("Of those who should be chosen, the share that is"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Wrongly chosen"),
        meaning=gettext_lazy("Of those who should not be chosen, the share that is"),
        number=True,
    ),
    Column(
        label=gettext_lazy("Score"), meaning=gettext_lazy("Accuracy within the group"), number=True
    ),
)


class Algorithms(Page):
    """The register of algorithms: what each does, to what end, for whom, and how accurately."""

    public = True
    template_name = "registers/algorithms.html"

    def found(self, form: RegisterFilter) -> QuerySet[Disclosure]:
        """Return the register as far as it was asked for; what cannot be read asks for nothing."""
        said = form.cleaned_data if form.is_valid() else {}
        text = said.get("text", "")
        wanted = RegisterSearch(
            text=text,
            algorithm_type=said.get("algorithm_type", ""),
            owner=PLATFORM if said.get("owner") == RegisterFilter.EXCHANGE else None,
            owners=organizations_named(text),
        )
        rows = search(register(), wanted)
        return rows.exclude(owner=PLATFORM) if said.get("owner") == form.MEMBERS else rows

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = RegisterFilter(self.request.GET)
        found = self.found(form)
        page = paginate(found, self.request.GET, order=("owner", "algorithm"), size=20)
        rows = list(page)
        measured = latest_measurements_of(rows)
        names = organization_names(row.owner for row in rows if row.owner)
        return super().get_context_data(
            head=Head(
                title=_("Register of algorithms"),
                kind=_("Public register"),
                summary=_(
                    "Every algorithm that decides about data or prices here: the technique it "
                    "uses, what it predicts, how accurate it was measured, and whom it concerns."
                ),
            ),
            filter=form,
            page=page,
            rows=[
                {
                    "disclosure": row,
                    "owner": names.get(row.owner, row.owner) if row.owner else "",
                    "accuracy": accuracy_of(row, measured.get(row.pk, [])),
                }
                for row in rows
            ],
            **kwargs,
        )


class Algorithm(Page):
    """One disclosure with everything it says, its measurements, its history, its signature."""

    public = True
    template_name = "registers/algorithm.html"
    disclosure: Disclosure

    def load(self, **kwargs: Any) -> None:
        self.disclosure = get_disclosure_for(self.actor, kwargs["reference"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.disclosure
        shown = publicly_shown_to(self.actor, row)
        owner = organization_names([row.owner]).get(row.owner, row.owner) if row.owner else ""
        listed = Product.objects.filter(reference__in=row.products, status="LISTED")
        return super().get_context_data(
            head=Head(
                title=row.name,
                kind=row.get_algorithm_type_display(),
                reference=row.reference,
                owner=Link(label=owner, url=reverse("participants")) if owner else None,
                status=row.status,
                lifecycle="disclosure",
                status_label=row.get_status_display(),
                since=row.status_since or row.drafted_at,
                summary="" if owner else _("An algorithm of the exchange itself."),
                crumbs=[Link(label=_("Register of algorithms"), url=reverse("algorithms"))],
                actions=[
                    Action(
                        label=_("Sheet as PDF"),
                        url=reverse("algorithm_pdf", args=[row.reference]),
                        post=False,
                        icon="export",
                        reason=why_no_pdf(),
                    )
                ],
            ),
            disclosure=row,
            suspensions=open_suspensions(row.algorithm, owner=row.owner),
            **sheet_context(row, shown),
            groups=_groups(shown),
            withheld=[BY_CODE[code].label for code in shown.withheld if code in BY_CODE],
            history=history_of(row.algorithm, owner=row.owner),
            products=listed,
            **audits_block(row),
            faults=faults_of_disclosure(row) if row.document else None,
            here=self.request.build_absolute_uri(),
            **kwargs,
        )


def sheet_context(row: Disclosure, shown: Shown) -> dict[str, Any]:
    """Return what the sheet shows of a disclosure, on the page and in print."""
    return {
        "questions": [(QUESTIONS[code], shown.text(code)) for code in MAIN_FIELDS],
        "sheet": sheet_of(row),
        "accuracy_columns": ACCURACY_COLUMNS,
        "calibration_columns": CALIBRATION_COLUMNS,
        "group_columns": GROUP_COLUMNS,
    }


def _groups(shown: Shown) -> list[dict[str, Any]]:
    found = []
    for code, label in GROUPS.items():
        fields = [
            (field, shown.text(field.code))
            for field in FIELDS
            if field.group == code and field.code not in MAIN_FIELDS and shown.text(field.code)
        ]
        if fields:
            found.append({"label": label, "fields": fields})
    return found


urlpatterns = [
    path("algorithms/", Algorithms.as_view(), name="algorithms"),
    path("algorithms/<str:reference>/", Algorithm.as_view(), name="algorithm"),
]
