"""Account statements: balances, escrow, every movement, and the proof that they add up."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from exchange.settlement.queries import Balances, Statement, StatementRow, balance_of, statement_for
from exchange.settlement.states import AccountKind, TransferKind
from exchange.trading.queries import orders_visible_to
from exchange.web.components import Column, Head
from exchange.web.forms.trade import PeriodForm
from exchange.web.spreadsheet import csv_response
from exchange.web.trade import OwnPage, way
from pricing.money import Money

USUAL_DAYS = 90
STATEMENT_COLUMNS = (
    Column(label=gettext_lazy("Time")),
    Column(label=gettext_lazy("Movement")),
    Column(label=pgettext_lazy("statement", "For")),
    Column(label=gettext_lazy("Account")),
    Column(label=gettext_lazy("Out"), number=True),
    Column(label=gettext_lazy("In"), number=True),
    Column(
        label=gettext_lazy("Balance"),
        meaning=gettext_lazy("What the movement left on its account"),
        number=True,
    ),
)
TRIAL_COLUMNS = (
    Column(label=gettext_lazy("Account")),
    Column(label=gettext_lazy("At the beginning"), number=True),
    Column(label=gettext_lazy("In"), number=True),
    Column(label=gettext_lazy("Out"), number=True),
    Column(label=gettext_lazy("At the end"), number=True),
    Column(label=gettext_lazy("Adds up")),
)


class AccountPage(OwnPage):
    """The statement of one's own organization for a period."""

    template_name = "money/statement.html"
    summary: ClassVar[Any]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the statement, or hand it over as a table."""
        if request.GET.get("format") == "csv":
            form = self._form()
            since, until = _period(form, timezone.localdate(self.now))
            name = f"statement-{self.actor.organization}-{since}-{until}.csv"
            statement = self._statement(since, until)
            return csv_response(name, _csv_head(), map(_csv_cells, statement.rows))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self._form()
        since, until = _period(form, timezone.localdate(self.now))
        statement = self._statement(since, until)
        known = self._orders_in(statement)
        return super().get_context_data(**kwargs) | {
            "head": Head(title=_("Account statement"), summary=self.summary),
            "balance": balance_of(self.actor.organization),
            "filters": form,
            "since": since,
            "until": until,
            "rows": [_shown(row, known) for row in reversed(statement.rows)],
            "columns": STATEMENT_COLUMNS,
            "trial": _trial(statement),
            "trial_columns": TRIAL_COLUMNS,
        }

    def _form(self) -> PeriodForm:
        query = self.request.GET
        if "since" in query or "until" in query:
            return PeriodForm(query)
        today = timezone.localdate(self.now)
        return PeriodForm({"since": today - timedelta(days=USUAL_DAYS), "until": today})

    def _statement(self, since: date | None, until: date | None) -> Statement:
        return statement_for(
            self.actor,
            self.actor.organization,
            since=_midnight(since) if since else None,
            until=_midnight(until + timedelta(days=1)) if until else None,
        )

    def _orders_in(self, statement: Statement) -> set[str]:
        """Return which purposes are orders that the actor may open."""
        named = {row.purpose for row in statement.rows if row.purpose}
        rows = orders_visible_to(self.actor).filter(reference__in=named)
        return set(rows.values_list("reference", flat=True))


class BuyerAccount(AccountPage):
    """The statement as a buyer reads it."""

    roles = ("BUYER",)
    summary = gettext_lazy(
        "What you can spend, what waits in escrow until you accept, and every movement of both."
    )


class ProviderAccount(AccountPage):
    """The statement as a provider reads it."""

    roles = ("PROVIDER",)
    summary = gettext_lazy(
        "What your sales brought after fee and tax, and every movement of your account."
    )


def _period(form: PeriodForm, today: date) -> tuple[date | None, date | None]:
    """Return the days asked for; what is not a date falls back to the usual period."""
    if form.is_valid():
        return form.cleaned_data["since"], form.cleaned_data["until"]
    return today - timedelta(days=USUAL_DAYS), today


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _shown(row: StatementRow, known: set[str]) -> dict[str, Any]:
    return {
        "row": row,
        "kind": TransferKind(row.kind).label,
        "account": AccountKind(row.account).label,
        "url": way("order", row.purpose) if row.purpose in known else "",
    }


def _trial(statement: Statement) -> list[dict[str, Any]]:
    """Return, for each account, that its beginning and its movements make its end."""
    rows = []
    for kind, name in ((AccountKind.AVAILABLE, "available"), (AccountKind.ESCROW, "escrow")):
        opening, closing = _pot(statement.opening, name), _pot(statement.closing, name)
        mine = [row for row in statement.rows if row.account == kind]
        came = Money.total((row.credit for row in mine if row.credit), statement.currency)
        went = Money.total((row.debit for row in mine if row.debit), statement.currency)
        rows.append(
            {
                "account": kind.label,
                "opening": opening,
                "came": came,
                "went": went,
                "closing": closing,
                "adds_up": opening + came - went == closing,
            }
        )
    return rows


def _pot(balances: Balances, name: str) -> Money:
    return balances.available if name == "available" else balances.escrow


def _csv_head() -> list[object]:
    return [
        _("Time"),
        _("Transfer"),
        _("Movement"),
        pgettext("statement", "For"),
        _("Account"),
        _("Out"),
        _("In"),
        _("Balance"),
        _("Currency"),
    ]


def _csv_cells(row: StatementRow) -> list[Any]:
    return [
        row.at,
        str(row.transfer),
        str(TransferKind(row.kind).label),
        row.purpose,
        str(AccountKind(row.account).label),
        _amount(row.debit),
        _amount(row.credit),
        _amount(row.balance),
        row.balance.currency,
    ]


def _amount(money: Money | None) -> Decimal | None:
    return None if money is None else money.amount


urlpatterns = [
    path("buyer/account/", BuyerAccount.as_view(), name="buyer_account"),
    path("provider/account/", ProviderAccount.as_view(), name="provider_account"),
]
