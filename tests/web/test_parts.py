"""The larger pieces: heads, tables, forms, progress, steps, timelines."""

from datetime import datetime
from typing import Any

import pytest
from django import forms
from django.template import Context, Template

from audit.log.actors import Actor
from audit.log.lifecycle import Lifecycle
from audit.log.queries import entries_for
from exchange.parties.models import Organization
from exchange.parties.services import suspend_organization
from exchange.parties.states import ORGANIZATION
from exchange.web.components import Action, Column, Head, Link, Moment, Progress, stages
from exchange.web.paging import CursorPage
from exchange.web.templatetags.parts import moments_of, tone_of_event


class Form(forms.Form):
    """A form with one of several kinds of field."""

    name = forms.CharField(label="Name", help_text="As in the license.")
    note = forms.CharField(label="Note", required=False)
    kinds = forms.MultipleChoiceField(
        label="Kinds", choices=[("A", "a"), ("B", "b")], widget=forms.CheckboxSelectMultiple
    )
    sure = forms.BooleanField(label="Sure")
    secret = forms.CharField(widget=forms.HiddenInput, required=False)


def show(source: str, **context: Any) -> str:
    """Return a template's output with the exchange's tags loaded."""
    return Template("{% load face parts %}" + source).render(Context(context))


def test_head_answers_the_four_questions(at: datetime) -> None:
    head = Head(
        title="Flights",
        kind="Data product",
        reference="P-1",
        owner=Link(label="Provider Ltd.", url="/o/1"),
        status="LISTED",
        status_label="listed",
        since=at,
        actions=[
            Action(label="Order", url="/order", main=True),
            Action(label="Ask", url="/ask", post=False),
            Action(label="Edit", url="/edit", reason="Only the provider may."),
        ],
        why=[Link(label="entry 7", url="/e/7")],
    )

    shown = show("{% page_head head %}", head=head, csrf_token="token-1")

    assert "<h1>Flights</h1>" in shown
    assert "P-1" in shown
    assert "Provider Ltd." in shown
    assert "listed" in shown
    assert "2026-11-23 14:00" in shown
    assert 'action="/order"' in shown
    assert 'value="token-1"' in shown
    assert 'href="/ask"' in shown
    assert "Only the provider may." in shown
    assert "/edit" not in shown
    assert 'href="/e/7"' in shown


def test_there_is_one_main_action_and_it_may_be_refused() -> None:
    refused = Action(label="Order", url="/order", main=True, reason="Suspended.")
    head = Head(title="x", actions=[refused, Action(label="Ask", url="/ask")])

    assert head.main is None
    assert [act.label for act in head.others] == ["Ask"]
    assert [act.label for act in head.refused] == ["Order"]


def test_an_action_that_asks_confirms_without_script() -> None:
    act = Action(label="Suspend", url="/s", danger=True, ask="Really?", fields={"a": "1"})

    shown = show("{% action act %}", act=act)

    assert "<details" in shown
    assert "Really?" in shown
    assert '<input type="hidden" name="a" value="1">' in shown


COLUMNS = [Column(label="Name"), Column(label="Rows", meaning="Without the head", number=True)]


def test_table_has_a_head_with_meanings() -> None:
    shown = show(
        "{% table columns=c caption='Products' filterable=True export='?csv' %}"
        "<tr><td>{{ x }}</td></tr>{% endtable %}",
        c=COLUMNS,
        x="<i>",
    )

    assert '<abbr title="Without the head">Rows</abbr>' in shown
    assert "&lt;i&gt;" in shown
    assert "data-quick" in shown
    assert 'href="?csv"' in shown


def test_table_without_rows_says_what_to_do() -> None:
    shown = show(
        "{% table columns=c caption='Products' empty='None yet.' empty_action=a %} {% endtable %}",
        c=COLUMNS,
        a=Action(label="Upload", url="/upload", post=False),
    )

    assert "<table" not in shown
    assert "None yet." in shown
    assert 'href="/upload"' in shown


def test_errors_stand_above_the_form_and_at_the_field() -> None:
    form = Form({"name": "", "note": "kept"})

    shown = show("{% form_fields form %}", form=form)

    assert shown.count("This field is required.") == 6
    assert 'href="#id_name"' in shown
    assert 'aria-describedby="id_name_help id_name_error"' in shown
    assert 'aria-invalid="true"' in shown
    assert 'value="kept"' in shown
    assert '<fieldset class="field" aria-describedby="id_kinds_error">' in shown
    assert 'type="hidden"' in shown
    assert shown.count(">optional<") == 1


def test_a_field_cites_its_article() -> None:
    form = Form()
    form.fields["note"].article = "《数据安全法》第三十三条"  # type: ignore[attr-defined]

    shown = show("{% field form.note %}{% field form.name article='《民法典》' %}", form=form)

    assert "《数据安全法》第三十三条</cite>" in shown
    assert "《民法典》</cite>" in shown


def test_filters_live_in_the_address() -> None:
    shown = show("{% filter_bar form summary='2 of 3' %}", form=Form({"name": "x"}))

    assert 'method="get"' in shown
    assert 'href="?"' in shown
    assert "2 of 3" in shown
    assert 'href="?"' not in show("{% filter_bar form %}", form=Form({}))


def test_pager_shows_only_ways_that_exist() -> None:
    both = show("{% pager p %}", p=CursorPage(rows=[], previous="?cursor=a", next="?cursor=b"))
    assert 'rel="prev"' in both
    assert 'rel="next"' in both

    assert 'rel="prev"' not in show("{% pager p %}", p=CursorPage(rows=[], next="?cursor=b"))
    assert "<nav" not in show("{% pager p %}", p=CursorPage(rows=[]))


def test_progress_asks_again_only_while_it_runs() -> None:
    running = show("{% progress j %}", j=Progress(what="Reading", done=50, total=200, url="/j"))
    assert 'hx-get="/j"' in running
    assert 'value="25"' in running
    assert "50 / 200" in running

    waiting = show("{% progress j %}", j=Progress(what="Waiting", url="/j"))
    assert "<progress aria-label" in waiting
    over = show("{% progress j %}", j=Progress(what="Done", done=200, total=200))
    assert "hx-get" not in over
    assert Progress(what="x", done=9, total=3).percent == 100
    assert Progress(what="x", done=9, total=0).percent is None


@pytest.mark.parametrize(
    ("status", "places"),
    [
        ("APPLIED", ["here", "ahead"]),
        ("ADMITTED", ["past", "here"]),
        ("SUSPENDED", ["past", "past", "aside"]),
        ("REJECTED", ["past", "aside", "ahead"]),
    ],
)
def test_stepper_shows_the_usual_path_and_states_beside_it(status: str, places: list[str]) -> None:
    shown = stages(ORGANIZATION, status)

    assert [stage.place for stage in shown] == places


def test_the_usual_path_leaves_out_refusals_and_early_ends() -> None:
    for lifecycle in Lifecycle.registry.values():
        road = [stage.status for stage in stages(lifecycle, str(lifecycle.initial))]
        assert road[0] == lifecycle.initial
        assert not {"CANCELLED", "REJECTED", "BLOCKED", "WITHDRAWN"} & set(road)


def test_stepper_follows_a_given_path() -> None:
    path = ["APPLIED", "ADMITTED", "TERMINATED"]

    shown = stages(ORGANIZATION, "TERMINATED", path)

    assert [stage.place for stage in shown] == ["past", "past", "here"]
    assert 'aria-current="step"' in show("{% stepper l s %}", l=ORGANIZATION, s="ADMITTED")


def test_timeline_tells_entries_with_names(
    provider_org: Organization, operator: Actor, at: datetime
) -> None:
    suspend_organization(organization=provider_org, reason="?", by=operator, at=at)
    entries = list(entries_for("organization", "ORG-PROVIDER"))

    moments = moments_of(
        entries,
        people={operator.id: "王芳"},
        organizations={"ORG-OPERATOR": "Exchange"},
        entry_url="/log/{id}/",
    )
    shown = show("{% timeline m %}", m=moments)

    assert "organization suspended" in shown
    assert "王芳, Exchange" in shown
    assert f"/log/{entries[0].id}/" in shown
    assert "waiting for its index" in shown
    assert 'class="stop"' in shown
    assert "Nothing is recorded yet." in show("{% timeline m %}", m=[])
    assert "entry 1,204" in show(
        "{% timeline m %}", m=[Moment(at=at, label="x", url="/", index=1204)]
    )


@pytest.mark.parametrize(
    ("name", "tone"),
    [
        ("catalog.product.listed", "good"),
        ("compliance.release.blocked", "stop"),
        ("parties.organization.applied", "wait"),
        ("a.b.changed", "still"),
    ],
)
def test_events_are_marked_by_their_last_word(name: str, tone: str) -> None:
    assert tone_of_event(name) == tone
