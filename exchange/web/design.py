"""The gallery of every component with invented values, for those who build pages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext_lazy as _

from exchange.parties.states import ORGANIZATION

from .charts import Bar, Bin, Leg
from .components import Action, Column, Head, Link, Moment, Progress
from .pages import Page
from .paging import CursorPage

AT = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"


class SampleForm(forms.Form):
    """One field of every kind."""

    title = forms.CharField(label=_("Product name"), max_length=80)
    origin = forms.ChoiceField(
        label=_("Origin of the data"),
        choices=[("ENTERPRISE", _("enterprise data")), ("PUBLIC", _("public data"))],
        help_text=_("Decides which price regime holds: public data are free or capped."),
    )
    price = forms.DecimalField(label=_("Self-set price"), required=False)
    purpose = forms.CharField(label=_("Purpose of use"), widget=forms.Textarea)
    channels = forms.MultipleChoiceField(
        label=_("Delivery"),
        choices=[("DOWNLOAD", _("download")), ("QUERY", _("query in place"))],
        widget=forms.CheckboxSelectMultiple,
    )
    sample = forms.FileField(label=_("File"), required=False)
    agreed = forms.BooleanField(label=_("The statements above are true and complete"))


class SampleFilter(forms.Form):
    """A bar of filters."""

    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("any")), ("LISTED", _("listed"))]
    )
    since = forms.DateField(
        label=_("Since"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    text = forms.CharField(label=_("Name or reference"), required=False)


class Gallery(Page):
    """Every component, once; only while DEBUG is on."""

    public = True
    template_name = "web/design.html"

    def load(self, **_kwargs: Any) -> None:
        if not settings.DEBUG:
            raise Http404

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wrong = SampleForm({"title": "", "origin": "PUBLIC", "purpose": "x"})
        return super().get_context_data(
            head=_head(),
            columns=_columns(),
            rows=_rows(),
            form=wrong,
            filters=SampleFilter({"status": "LISTED"}),
            page=CursorPage(rows=[], previous="?cursor=a", next="?cursor=b"),
            moments=_moments(),
            jobs=[
                Progress(what=_("Reading rows"), done=120_000, total=336_776, since=AT, url="#"),
                Progress(what=_("Waiting for a worker"), url="#"),
                Progress(what=_("The file ends in the middle of a row"), failed=True),
            ],
            lifecycle=ORGANIZATION,
            badges=["DRAFT", "SCREENING", "IN_REVIEW", "LISTED", "SETTLED", "BLOCKED"],
            digest=DIGEST,
            at=AT,
            on=date(2026, 11, 23),
            **_charts(),
            **kwargs,
        )


def _head() -> Head:
    return Head(
        kind=_("Data product"),
        title=_("Departures from the New York airports, 2013"),
        reference="P-2026-7K3M9QX2",
        owner=Link(label="上海航数科技有限公司", url="#"),
        status="LISTED",
        status_label=_("listed"),
        since=AT,
        summary=_("336,776 flights with delay, route, carrier and weather; one table, monthly."),
        actions=[
            Action(label=_("Place an order"), url="#", main=True),
            Action(label=_("Ask the provider"), url="#", post=False, icon="inquiry"),
            Action(
                label=_("Suspend"),
                url="#",
                danger=True,
                ask=_("Access already granted stops at the next request. Suspend this listing?"),
            ),
            Action(
                label=_("Change the price"),
                url="#",
                reason=_("Only an administrator of the provider may change the price."),
            ),
        ],
        why=[
            Link(label=_("Appraisal A-2026-4H8T1CWD"), url="#"),
            Link(label=_("Screening S-2026-90QZK3RM"), url="#"),
            Link(label=_("entry 1,204"), url="#"),
        ],
        crumbs=[Link(label=_("Market"), url="#"), Link(label=_("Transport"), url="#")],
    )


def _columns() -> list[Column]:
    return [
        Column(label=_("Product")),
        Column(label=_("Reference")),
        Column(label=_("Status")),
        Column(label=_("Empty cells"), meaning=_("Share of cells without a value")),
        Column(label=_("Rows"), number=True),
        Column(label=_("Size"), number=True),
        Column(label=_("Price"), meaning=_("Self-set price before tax"), number=True),
        Column(label=_("Since")),
    ]


def _rows() -> list[dict[str, Any]]:
    named = [
        (_("Departures from the New York airports, 2013"), "LISTED", _("listed"), 336_776),
        (_("Cities of China with population and position"), "IN_REVIEW", _("in review"), 372),
        (_("Penguins of the Palmer archipelago"), "BLOCKED", _("blocked"), 344),
    ]
    return [
        {
            "name": name,
            "reference": f"P-2026-7K3M9QX{number}",
            "status": status,
            "label": label,
            "rate": Decimal("0.024") * (number * 9 + 1),
            "count": count,
            "size": count * 91,
            "price": Decimal("1280.00") * (number + 1),
            "since": AT - timedelta(days=number),
        }
        for number, (name, status, label, count) in enumerate(named)
    ]


def _moments() -> list[Moment]:
    return [
        Moment(
            at=AT - timedelta(hours=2),
            label=_("release submitted"),
            actor="韩梅梅",
            organization="上海航数科技有限公司",
            url="#",
            index=1198,
        ),
        Moment(
            at=AT - timedelta(hours=1),
            label=_("release cleared"),
            actor="system:compliance",
            url="#",
            index=1201,
            tone="good",
            details=[(_("Rules"), "compliance@2026-11-01")],
        ),
        Moment(at=AT, label=_("listing suspended"), actor="Officer", url="#", tone="stop"),
    ]


def _charts() -> dict[str, Any]:
    counts = [3, 9, 24, 61, 120, 188, 240, 221, 160, 96, 51, 22, 12, 5, 2]
    return {
        "bins": [
            Bin(low=f"{n * 20 - 60} min", high=f"{n * 20 - 40} min", count=count * 317)
            for n, count in enumerate(counts)
        ],
        "bars": [
            Bar(label="United Air Lines", value=58_665, marked=True),
            Bar(label="JetBlue Airways", value=54_635),
            Bar(label="中国东方航空股份有限公司", value=32_100),
            Bar(label="Envoy", value=1_397),
        ],
        "legs": [
            Leg(label=str(_("Collection")), amount=Decimal(42_000)),
            Leg(label=str(_("Cleaning")), amount=Decimal(11_500)),
            Leg(label=str(_("Depreciation")), amount=Decimal(-8_200)),
            Leg(label=str(_("Cost base")), amount=Decimal(45_300), total=True),
            Leg(label=str(_("Margin")), amount=Decimal(9_060)),
            Leg(label=str(_("Appraised")), amount=Decimal(54_360), total=True),
        ],
        "bands": [
            (
                Decimal("41000.00"),
                Decimal("54360.00"),
                Decimal("68000.00"),
                Decimal(59_900),
                "GREEN",
            ),
            (
                Decimal("41000.00"),
                Decimal("54360.00"),
                Decimal("68000.00"),
                Decimal(88_000),
                "AMBER",
            ),
            (Decimal("410.00"), Decimal("543.60"), Decimal("680.00"), Decimal(9_800), "RED"),
        ],
        "trend": [12, 14, 13, 17, 16, 21, 24, 23, 28],
    }
