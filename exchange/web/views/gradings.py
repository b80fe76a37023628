"""How data is graded beyond its content: what is determined, and which gradings are owed."""

from collections.abc import Mapping
from typing import Any

from django.urls import path, reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.rulebook.queries import day_of, get_pack
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import get_product_for
from exchange.compliance import gradings, rules, services
from exchange.compliance.models import Determination, Regrade
from exchange.compliance.states import DeterminationKind
from exchange.parties.queries import organization_names
from exchange.web.components import Column, Head, Link
from exchange.web.forms.gradings import BETWEEN, CallForm, GradingReason, determination_form
from exchange.web.pages import Page
from exchange.web.paging import paginate
from exchange.web.screenings import AFFECTED, DEGREES
from exchange.web.timelines import moments_for

from .desk import Decision, Desk
from .owned import own_product, product_crumbs

WATCH = ("regulator", "operator")
DUE_SHOWN = 200
REGRADE_COLUMNS = (
    Column(label=gettext_lazy("Release")),
    Column(label=gettext_lazy("What happened"), meaning=gettext_lazy("GB/T 43697-2024, Annex J")),
    Column(label=gettext_lazy("Reason")),
    Column(label=gettext_lazy("Settled by")),
    Column(label=gettext_lazy("Due"), meaning=gettext_lazy("Past it the release is not traded")),
)
DETERMINATION_COLUMNS = (
    Column(label=gettext_lazy("Determination")),
    Column(label=gettext_lazy("What it says")),
    Column(label=gettext_lazy("Reason")),
    Column(label=gettext_lazy("By")),
    Column(label=gettext_lazy("State")),
)
PRODUCT = Column(label=gettext_lazy("Product"))

Row = dict[str, Any]


def regrade_rows(page: Page, rows: Any) -> list[Row]:
    """Return re-gradings for the table, each with whether its day is over."""
    return [
        {"row": row, "late": row.status == "DUE" and row.due_at <= page.now, "product": about(row)}
        for row in rows.select_related("release__product__provider")
    ]


def about(row: Regrade) -> Product:
    """Return the product whose release is to be graded again."""
    product: Product = row.release.product
    return product


def determination_rows(page: Page, rows: Any) -> list[Row]:
    """Return determinations for the table, in words."""
    found = list(rows)
    names = organization_names(row.made_for for row in found)
    factors = get_pack("compliance", on=day_of(page.now)).data["factors"]
    return [
        {
            "row": row,
            "says": in_words(row, factors),
            "by": names.get(row.made_for, row.made_for),
            "product": row.product,
        }
        for row in found
    ]


def in_words(row: Determination, factors: Mapping[str, Mapping[str, str]]) -> str:
    """Return what a determination says, beside its kind."""
    if row.kind == DeterminationKind.IMPACT:
        affected, degree = AFFECTED.get(row.affected, row.affected), DEGREES.get(row.degree, "")
        return f"{affected}, {degree}"
    tongue = "zh" if (get_language() or "").startswith("zh") else "en"
    known = factors.get(row.code)
    return f"{row.code} {known[tongue]}" if known else row.code


class Gradings(Page):
    """Every grading that is owed, the most urgent first, and every determination that stands."""

    template_name = "cases/gradings.html"
    console = "operator"
    look = "gradings"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        head = Head(
            title=_("Gradings"),
            kind=_("Regulator") if self.console == "regulator" else _("Operator"),
            summary=_(
                "Which releases are to be graded again and by when, and what persons determined "
                "that no content shows. Past its day a release is not traded."
            ),
        )
        standing = paginate(
            gradings.all_standing(self.actor), self.request.GET, order=("-made_at", "-pk")
        )
        return super().get_context_data(
            head=head,
            regrades=regrade_rows(self, gradings.due_regrades(self.actor)[:DUE_SHOWN]),
            determinations=determination_rows(self, standing),
            page=standing,
            product_route=f"{self.console}_grading",
            regrade_columns=(PRODUCT, *REGRADE_COLUMNS),
            determination_columns=(PRODUCT, *DETERMINATION_COLUMNS),
            **kwargs,
        )


class ProductGrading(Desk):
    """One product: its grade now, what is owed and determined, and what may be done about it."""

    template_name = "cases/grading.html"
    console = "operator"
    look = "product"
    product: Product

    def load(self, **kwargs: Any) -> None:
        find = own_product if self.console == "provider" else get_product_for
        self.product = find(self.actor, kwargs["reference"])
        self.owed = list(gradings.regrades_of(self.actor, self.product))
        self.determined = list(gradings.standing_first(self.actor, self.product))

    @property
    def release(self) -> Release | None:
        """The release that is traded, whose grade counts."""
        return self.product.current

    @property
    def here(self) -> str:
        """This page."""
        return reverse(f"{self.console}_grading", args=[self.product.reference])

    def decisions(self) -> list[Decision]:
        decisions = [self._close(row) for row in self.owed if self._may("close", row)]
        if self.release is not None:
            decisions.append(self._call(self.release))
        if self.console != "provider":
            decisions += [self._determine(kind) for kind in DeterminationKind]
            decisions += [
                self._withdraw(row) for row in self.determined if self._may("withdraw", row)
            ]
        return decisions

    def _may(self, verb: str, row: Regrade | Determination) -> bool:
        if isinstance(row, Regrade):
            return verb in gradings.allowed_on_regrade(self.actor, row)
        return verb in gradings.allowed_on_determination(self.actor, row)

    def _decision(self, **said: Any) -> Decision:
        return Decision(onward=self.here, folded=True, **said)

    def _close(self, row: Regrade) -> Decision:
        return self._decision(
            name=row.reference,
            title=_("The grading stands: %(trigger)s, %(reference)s")
            % {"trigger": row.get_trigger_display(), "reference": row.reference},
            note=_("The release trades on at once, under the grade it has."),
            verb=_("Let the grading stand"),
            form_class=GradingReason,
            call=lambda said: services.close_regrade(
                regrade=row, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The grading stands; the re-grading is closed."),
        )

    def _call(self, release: Release) -> Decision:
        return self._decision(
            name="call",
            title=_("Call for a new grading"),
            note=_(
                "The filter reads the release again by itself; an incident, and what stands under "
                "no heading, is settled by a person."
            ),
            verb=_("Call for it"),
            form_class=CallForm,
            call=lambda said: services.open_regrade(
                release=release,
                trigger=said["trigger"],
                reason=said["reason"],
                by=self.actor,
                at=self.now,
            ),
            done=_("A new grading is called for."),
            reason=rules.why_not_call_for_grading(self.actor, release),
        )

    def _determine(self, kind: DeterminationKind) -> Decision:
        words = {
            DeterminationKind.FACTOR: (
                _("Determine a factor of Annex G"),
                _("Any one factor makes the data important (GB/T 43697-2024, Annex G)."),
            ),
            DeterminationKind.IMPACT: (
                _("Determine object and degree of a harm"),
                _("The grade follows from Table 1 of the standard; the highest counts."),
            ),
            DeterminationKind.CATALOG: (
                _("Record that a catalogue or notice lists it as important data"),
                "《网络数据安全管理条例》第二十九条",
            ),
            DeterminationKind.CORE_DATA: (
                _("Determine that it is core data"),
                _("No decision overrides core data: it is sealed and leaves the market."),
            ),
            DeterminationKind.DISPUTE: (
                _("Record that its ownership is in dispute"),
                _("It is not traded while the dispute lasts."),
            ),
        }
        pack = get_pack("compliance", on=day_of(self.now)).data
        title, note = words[kind]
        return self._decision(
            name=kind.lower(),
            title=title,
            note=note,
            verb=_("Determine it"),
            form_class=determination_form(kind, pack),
            call=lambda said: self._made(kind, said),
            done=_("It is determined; live releases are graded again."),
            reason=rules.why_not_determine(self.actor, self.product),
            danger=kind == DeterminationKind.CORE_DATA,
        )

    def _made(self, kind: str, said: Mapping[str, Any]) -> object:
        affected, _bar, degree = said.get("harm", "").partition(BETWEEN)
        return services.make_determination(
            product=self.product,
            kind=kind,
            code=said.get("code", ""),
            harm=(affected, degree) if affected else None,
            reason=said["reason"],
            by=self.actor,
            at=self.now,
        )

    def _withdraw(self, row: Determination) -> Decision:
        return self._decision(
            name=row.reference,
            title=_("Take %(kind)s, %(reference)s, back")
            % {"kind": row.get_kind_display(), "reference": row.reference},
            note=_("Live releases are graded again without it."),
            verb=_("Take it back"),
            form_class=GradingReason,
            call=lambda said: services.withdraw_determination(
                determination=row, reason=said["reason"], by=self.actor, at=self.now
            ),
            done=_("The determination is taken back."),
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        product = self.product
        newest = product.releases.order_by("-number").first()
        return super().get_context_data(
            product=product,
            release=self.release or newest,
            head=self._head(),
            regrades=regrade_rows(self, gradings.regrades_of(self.actor, product)),
            determinations=determination_rows(self, gradings.standing_first(self.actor, product)),
            regrade_columns=REGRADE_COLUMNS,
            determination_columns=DETERMINATION_COLUMNS,
            moments=moments_for(
                self.actor,
                "product",
                product.reference,
                names=("compliance.determination.", "compliance.regrade."),
            ),
            **kwargs,
        )

    def _head(self) -> Head:
        product, console = self.product, self.console
        places = {"regulator": "regulator_product", "operator": "operator_listing"}
        place = reverse(places.get(console, "provider_product"), args=[product.reference])
        if console == "provider":
            crumbs = product_crumbs(product)
        else:
            crumbs = [
                Link(label=_("Gradings"), url=reverse(f"{console}_gradings")),
                Link(label=product.name, url=place),
            ]
        return Head(
            title=_("Grading of %(product)s") % {"product": product.name},
            kind=_("Grading"),
            reference=product.reference,
            owner=Link(label=product.provider.name, url=place),
            status=product.status,
            status_label=product.get_status_display(),
            since=product.status_since,
            actions=self.way(),
            crumbs=crumbs,
        )


urlpatterns = [
    *[
        path(
            f"{console}/gradings/",
            Gradings.as_view(roles=(console.upper(),), console=console),
            name=f"{console}_gradings",
        )
        for console in WATCH
    ],
    *[
        path(
            f"{console}/gradings/<str:reference>/",
            ProductGrading.as_view(roles=(console.upper(),), console=console),
            name=f"{console}_grading",
        )
        for console in WATCH
    ],
    path(
        "provider/products/<str:reference>/grading/",
        ProductGrading.as_view(roles=("PROVIDER",), console="provider"),
        name="provider_grading",
    ),
]
