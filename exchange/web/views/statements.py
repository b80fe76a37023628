"""Statements of any organization at the operator's desk, as it reads them itself."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from exchange.parties.models import Organization
from exchange.parties.queries import get_organization_for
from exchange.settlement import queries
from exchange.settlement.states import AccountKind, TransferKind
from exchange.web.components import Column, Head, Link
from exchange.web.forms.decisions import StatementForm, valid
from exchange.web.pages import Page
from exchange.web.spreadsheet import csv_response
from pricing.money import DEFAULT_CURRENCY

STATEMENT_COLUMNS = (
    Column(label=gettext_lazy("Time")),
    Column(label=gettext_lazy("Movement")),
    Column(label=gettext_lazy("Purpose")),
    Column(label=gettext_lazy("Account")),
    Column(label=gettext_lazy("Debit"), number=True),
    Column(label=gettext_lazy("Credit"), number=True),
    Column(label=gettext_lazy("Balance"), number=True),
)


class Statement(Page):
    """The statement of any organization, as it reads it itself; also as CSV."""

    roles = ("OPERATOR",)
    template_name = "operator/statement.html"
    organization: Organization
    statement: queries.Statement
    form: StatementForm

    def load(self, **kwargs: Any) -> None:
        self.organization = get_organization_for(self.actor, kwargs["reference"])
        self.form = StatementForm(self.request.GET or {"currency": DEFAULT_CURRENCY})
        said = valid(self.form)
        self.statement = queries.statement_for(
            self.actor,
            self.organization.reference,
            currency=said.get("currency", DEFAULT_CURRENCY),
            since=_begin(said.get("since")),
            until=_begin(said.get("until"), days=1),
        )

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show it, or send it as a table."""
        if request.GET.get("format") == "csv":
            return self._csv()
        return super().get(request, *args, **kwargs)

    def _csv(self) -> HttpResponse:
        return csv_response(
            f"{self.organization.reference}-{self.statement.currency}.csv",
            [*(column.label for column in STATEMENT_COLUMNS), _("Transfer")],
            [
                (
                    row["at"],
                    str(row["kind"]),
                    row["purpose"],
                    str(row["account"]),
                    row["debit"].amount if row["debit"] else None,
                    row["credit"].amount if row["credit"] else None,
                    row["balance"].amount,
                    str(row["transfer"]),
                )
                for row in self._rows()
            ],
        )

    def _rows(self) -> list[dict[str, Any]]:
        kinds, accounts = dict(TransferKind.choices), dict(AccountKind.choices)
        return [
            {
                "at": row.at,
                "kind": kinds[row.kind],
                "purpose": row.purpose,
                "account": accounts[row.account],
                "debit": row.debit,
                "credit": row.credit,
                "balance": row.balance,
                "transfer": row.transfer,
            }
            for row in self.statement.rows
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET.copy()
        query["format"] = "csv"
        head = Head(
            title=self.organization.name,
            kind=_("Account statement"),
            reference=self.organization.reference,
            crumbs=[Link(label=_("Clearing"), url=reverse("operator_settlement"))],
        )
        return super().get_context_data(
            head=head,
            form=self.form,
            statement=self.statement,
            rows=self._rows(),
            columns=STATEMENT_COLUMNS,
            export=f"?{query.urlencode()}",
            **kwargs,
        )


def _begin(day: Any, *, days: int = 0) -> datetime | None:
    """Return the first instant of a day in the zone that pages show."""
    if day is None:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=days), time.min))


urlpatterns = [
    path(
        "operator/settlement/statements/<str:reference>/",
        Statement.as_view(),
        name="operator_statement",
    ),
]
