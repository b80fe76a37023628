"""Questions through pages: limits first, errors beside their field, an answer as a table."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from audit.log.actors import Actor
from exchange.compliance.remedies.steps import Measure
from exchange.delivery.models import Access, Grant
from exchange.parties.models import Organization
from exchange.web.asking import SHOWN, table_of
from exchange.web.forms.questions import AskForm
from tests.compliance.making import product_of
from tests.delivery.test_questions import COLUMNS, opened
from tests.trading.making import Floor
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
Log = Callable[[], list[tuple[str, str]]]
SPECIALTY = {**COLUMNS, "出生日期": [f"19{30 + row % 20}-01-01" for row in range(80)]}


@pytest.fixture
def asked(
    provider_org: Organization, provider: Actor, buyer_org: Organization, at: datetime
) -> Grant:
    """Two answers about visits of twenty persons, four of each."""
    return opened(product_of(provider_org, provider, at), SPECIALTY, provider, buyer_org, at)


@pytest.fixture
def browser(buyer: Actor) -> Client:
    """The buyer at work."""
    return client_of(buyer)


class Sheet:
    """The form on a grant's page, by the names of its columns."""

    def __init__(self, browser: Client, grant: Grant) -> None:
        self.browser, self.place = browser, f"/grants/{grant.reference}/"
        page = browser.get(self.place)
        form: AskForm = page.context["asking"]["form"]
        self.kept = {
            field.html_name: "on" if field.value() is True else str(field.value())
            for field in form
            if field.value()
        }
        self.numbers = {each.name: place for place, each in enumerate(form.offer.columns)}

    def ask(self, *ticked: tuple[str, str], **said: str) -> Any:
        """Send it with columns ticked: `by`, `s` for a sum, `m` for a mean."""
        ticks = {f"{letter}{self.numbers[name]}": "on" for letter, name in ticked}
        return self.browser.post(f"{self.place}ask/", self.kept | ticks | said)


def test_limits_are_said_before_the_question(asked: Grant, browser: Client) -> None:
    page = browser.get(f"/grants/{asked.reference}/")
    told = text_of(page)

    assert "10 persons, told apart by column 就诊卡号" in told
    assert "2 of 2; each answer uses one" in told
    assert "Ask – uses 1 of 2 answers left" in told
    assert "Ask a question – 2 left" in told
    assert "Download –" not in told
    offered = {each.name: each.options for each in page.context["asking"]["offer"].columns}
    assert offered["费用"] == ("keep", "band:10", "band:100", "band:1000", "band:10000")
    assert not {"drop", "mask", "pseudonym"} & {each for one in offered.values() for each in one}


def test_a_question_becomes_a_table_and_a_file(asked: Grant, browser: Client, log: Log) -> None:
    sheet, before = Sheet(browser, asked), len(log())

    sent = sheet.ask(("by", "医院"), ("m", "费用"), ("s", "费用"))
    access = Access.objects.get()
    page = browser.get(sent.url)

    assert sent.url == f"/grants/{asked.reference}/answers/{access.reference}/"
    assert [str(each.label) for each in page.context["answer"]["columns"]] == [
        "医院", "Rows in the group", "Sum of 费用", "Mean of 费用",
    ]  # fmt: skip
    assert page.context["answer"]["rows"] == [
        (["一院"], ["40", "4,039", "100.975"]),
        (["二院"], ["40", "4,040", "101.0"]),
    ]
    link = browser.post(f"/accesses/{access.reference}/link/")["Location"]
    file = json.loads(b"".join(browser.get(link).streaming_content))
    assert file["groups"] == [["一院", 40, 4039, 100.975], ["二院", 40, 4040, 101.0]]
    assert [name for name, _subject in log()][before:] == [
        "vault.object.stored",
        "delivery.access.taken",
        "delivery.access.completed",  # shown on its page
        "delivery.access.part_sent",  # and fetched
    ]
    asked.refresh_from_db()
    assert asked.used_downloads == 1


def test_columns_are_made_coarser_and_said_in_the_list(asked: Grant, browser: Client) -> None:
    sheet = Sheet(browser, asked)
    place = sheet.numbers["出生日期"]

    sheet.ask(("by", "出生日期"), **{f"a{place}": "period:DECADE"})
    told = text_of(browser.get(sheet.place))

    assert "Rows in the group by 出生日期 (decade)" in told
    assert "groups of 10 persons or more" in told
    assert "1 of 2 used" in told


def test_sent_twice_it_takes_once(asked: Grant, browser: Client) -> None:
    sheet = Sheet(browser, asked)

    first, second = (sheet.ask(("by", "医院")) for _twice in range(2))

    assert first.url == second.url
    asked.refresh_from_db()
    assert asked.used_downloads == 1


@pytest.mark.parametrize(
    ("ticked", "said", "field", "words"),
    [
        ((), {}, "by0", "Tick at least one column"),
        ((("by", "医院"),), {"smallest": "9"}, "smallest", "greater than or equal to 10"),
        ((("by", "医院"),), {"count": ""}, "count", "at least one figure"),
        ((("by", "就诊卡号"),), {}, "a:就诊卡号", "Every group is too small"),
        ((("by", "费用"), ("m", "费用")), {"a:费用": "band:100"}, "m:费用", "holds no numbers"),
        ((("by", "医院"),), {"a:费用": "band:100"}, "a:费用", "Tick the column as well"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_costs_nothing(
    ticked: tuple[tuple[str, str], ...],
    said: dict[str, str],
    field: str,
    words: str,
    asked: Grant,
    browser: Client,
    log: Log,
) -> None:
    sheet, before = Sheet(browser, asked), log()

    def named(name: str) -> str:
        letter, _colon, column = name.partition(":")
        return f"{letter}{sheet.numbers[column]}" if column else name

    page = sheet.ask(*ticked, **{named(name): value for name, value in said.items()})

    assert page.status_code == 422
    errors = page.context["form"].errors
    assert list(errors) == [named(field)]
    assert words in str(errors)
    assert text_of(page).count(words) == 2  # above the form, and beside the field
    assert log() == before
    asked.refresh_from_db()
    assert asked.used_downloads == 0


def test_without_budget_the_page_says_why_instead(asked: Grant, browser: Client) -> None:
    late = Sheet(browser, asked)
    Sheet(browser, asked).ask(("by", "医院"))
    Sheet(browser, asked).ask(("by", "专科"))

    page = browser.get(late.place)
    refused = late.ask(("by", "医院"))

    assert page.context["asking"] is None
    assert "order again for more" in text_of(page)
    assert refused.status_code == 403
    assert "order again for more" in text_of(refused)
    assert Access.objects.count() == 2


def test_an_answer_is_shown_while_its_time_lasts(
    asked: Grant, browser: Client, buyer: Actor, at: datetime
) -> None:
    address = Sheet(browser, asked).ask(("by", "医院")).url

    shown = [browser.get(address).status_code for _again in range(3)]
    with time_machine.travel(at + timedelta(hours=25), tick=False):
        again = client_of(buyer)
        late = again.get(address)
        listed = again.get(f"/grants/{asked.reference}/").content.decode()

    assert shown == [200, 200, 200]
    assert late.status_code == 403
    assert "This download is finished" in text_of(late)
    assert f'href="{address}"' not in listed
    assert Access.objects.get().reference in listed


@pytest.mark.parametrize(
    ("who", "status"), [("stranger", 404), ("provider", 403), ("operator", 403), ("anonymous", 302)]
)
def test_nobody_else_asks_or_reads_the_answer(
    who: str, status: int, asked: Grant, browser: Client, request: pytest.FixtureRequest, log: Log
) -> None:
    sheet = Sheet(browser, asked)
    address = sheet.ask(("by", "医院")).url
    other, before = client_of(request.getfixturevalue(who)), len(log())

    page = other.get(sheet.place)
    sent = other.post(f"{sheet.place}ask/", sheet.kept)
    read = other.get(address)

    assert (sent.status_code, read.status_code) == (status, status)
    assert "Ask – uses" not in text_of(page)
    assert "一院" not in text_of(read)
    refused = ["delivery.access.refused"] * 2 if status == 403 else []
    assert [name for name, _subject in log()][before:] == refused
    assert Access.objects.count() == 1


def test_a_grant_on_a_file_is_not_asked_and_an_access_of_another_is_not_shown(
    asked: Grant, floor: Floor, browser: Client
) -> None:
    grant = floor.paid().grant
    assert grant is not None
    address = Sheet(browser, asked).ask(("by", "医院")).url
    crossed = address.replace(asked.reference, grant.reference)

    assert browser.post(f"/grants/{grant.reference}/ask/", {}).status_code == 403
    assert browser.get(crossed).status_code == 404


def test_it_is_asked_in_chinese(asked: Grant, browser: Client) -> None:
    browser.cookies["django_language"] = "zh-hans"

    told = text_of(browser.get(f"/grants/{asked.reference}/"))

    assert "10 人，以字段 就诊卡号 区分个人" in told
    assert "提问" in told


def test_long_answers_are_cut_on_the_page_and_missing_figures_shown_as_such() -> None:
    groups = {"do": "aggregate", "by": ["站"], "measures": [{"take": "MEAN", "column": "客流"}]}
    rows = [[f"站{row}", None if row else 1234.56789] for row in range(SHOWN + 1)]

    table = table_of(
        {
            "question": {"steps": [groups]},
            "groups": rows,
            "rows_read": 9,
            "rows_in_small_groups": 0,
        }
    )

    assert (len(table["rows"]), table["total"], table["is_cut"]) == (SHOWN, SHOWN + 1, True)
    assert table["rows"][0] == (["站0"], ["1,234.5679"])
    assert "–" in table["rows"][1][1][0]
    assert Measure(take="MEAN", column="客流").title == "客流_mean"
