"""What a sent screening page answers: only what somebody said, and nothing that contradicts itself."""

import pytest
from django.http import QueryDict

from patients import screening
from patients.questions import sheet_from, sheet_of
from tests.patients.samples import make_question

pytestmark = pytest.mark.django_db


@pytest.fixture
def groups():
    """Two groups: bladder and bowel; fever and weight."""
    make_question("bladder", "emergency")
    make_question("bowel", "emergency")
    make_question("fever", "refer_urgent", group="infection")
    make_question("weight", "refer", group="infection")
    return screening.groups()


NO_BLADDER_BOWEL = {"bladder": False, "bowel": False}


@pytest.mark.parametrize(
    ("sent", "answers", "unfinished"),
    [
        pytest.param("", {}, ["Bladder bowel", "Infection"], id="nothing sent is nothing answered"),
        pytest.param("answer-bladder=no", {"bladder": False}, ["Bladder bowel", "Infection"], id="one no"),
        pytest.param("answer-bladder=yes", {"bladder": True}, ["Bladder bowel", "Infection"], id="one yes"),
        pytest.param("none-bladder_bowel=on", NO_BLADDER_BOWEL, ["Infection"], id="none of its own group only"),
        pytest.param(
            "none-bladder_bowel=on&answer-bladder=no", NO_BLADDER_BOWEL, ["Infection"], id="none beside a no agrees"
        ),
        pytest.param(
            "none-bladder_bowel=on&answer-fever=yes",
            {**NO_BLADDER_BOWEL, "fever": True},
            ["Infection"],
            id="none says nothing about another group",
        ),
        pytest.param(
            "none-bladder_bowel=on&answer-fever=no&answer-weight=yes",
            {**NO_BLADDER_BOWEL, "fever": False, "weight": True},
            [],
            id="all answered",
        ),
        pytest.param("answer-bladder=&answer-bowel=maybe", {}, ["Bladder bowel", "Infection"], id="other words"),
        pytest.param("answer-bladder=YES&answer-bowel=1", {}, ["Bladder bowel", "Infection"], id="nearly yes"),
        pytest.param("answer-rash=yes&none-rash=on", {}, ["Bladder bowel", "Infection"], id="questions not asked"),
        pytest.param("bladder=yes&none=on", {}, ["Bladder bowel", "Infection"], id="names not on the page"),
    ],
)
def test_answers_what_was_sent_and_no_more(sent, answers, unfinished, groups):
    sheet = sheet_from(groups, QueryDict(sent))

    assert sheet.answers == answers
    assert sheet.unfinished == unfinished
    assert not sheet.contradicts


@pytest.mark.parametrize("value", [None, True, 1, ["yes"], b"yes"])
def test_ignores_what_is_no_text(value, groups):
    assert sheet_from(groups, {"answer-bladder": value}).answers == {}


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ("none-bladder_bowel=on&answer-bladder=yes", "Trouble with the bladder"),
        (
            "none-bladder_bowel=on&answer-bladder=yes&answer-bowel=yes",
            "Trouble with the bladder, Trouble with the bowel",
        ),
        ("none-bladder_bowel=&answer-bowel=yes&answer-bladder=no", "Trouble with the bowel"),
    ],
)
def test_names_the_yes_that_contradicts_none_of_these(sent, named, groups):
    sheet = sheet_from(groups, QueryDict(sent))

    assert sheet.contradicts
    assert [group.trouble for group in sheet.groups] == [
        f"You answered yes ({named}) and also ticked “None of these”. Which is right?",
        "",
    ]
    assert [group.none for group in sheet.groups] == [True, False]


def test_shows_saved_answers_without_ticking_none_of_these(groups):
    sheet = sheet_of(groups, {"bladder": True, "bowel": False})

    shown = {row.question.slug: row.answer for group in sheet.groups for row in group.rows}
    assert shown == {"bladder": "yes", "bowel": "no", "fever": "", "weight": ""}
    assert [group.none for group in sheet.groups] == [False, False]
    assert [group.unanswered for group in sheet.groups] == [0, 2]
    assert sheet.answers == {"bladder": True, "bowel": False}


def test_marks_what_needs_a_doctor_today_as_urgent():
    for urgency in ["emergency", "same_day", "refer_urgent", "refer"]:
        make_question(urgency, urgency, group="all")

    sheet = sheet_of(screening.groups(), {})

    assert [row.urgent for row in sheet.groups[0].rows] == [True, True, False, False]
