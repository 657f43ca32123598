"""Nothing is lost in the builder: not to a second person, not to a session that ended, not to a lost network."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from programs.models import Item, Program
from tests.journeys.conftest import PASSWORD, sign_in, violations
from tests.journeys.steps import Hand, forgive, hold_back, names, number, row, said, settled
from tests.journeys.test_accessible import program_of

CLAMSHELL, SQUEEZES, GLIDE = "Clamshell", "Buttock squeezes", "Seated sciatic nerve glide"
TIMES = "repetitions"
TRIES = 3


@pytest.fixture
def tab(as_demo) -> Page:
    """A therapist's builder."""
    tab = as_demo("therapist")
    tab.goto(program_of("Jonas Weber"))
    return tab


@pytest.fixture
def other(second: Page, tab: Page, refused: list[str]) -> Iterator[Page]:
    """The same program on the trainer's screen; that edits clash is expected there."""
    sign_in(second, "trainer", at="demo.invalid").goto(tab.url)
    yield second
    forgive(refused, "409")


def item(name: str) -> Item:
    """Return an exercise of the program as it is stored now."""
    stage = {"stage__program__patient__name": "Jonas Weber", "stage__slug": "w0_2"}
    return Item.objects.get(exercise__name=name, **stage)


def type_into(tab: Page, name: str, text: str, label: str = TIMES) -> None:
    field = number(tab, name, label)
    field.fill(text)
    field.press("Enter")


def dialog(tab: Page) -> Locator:
    return tab.get_by_role("dialog")


def test_two_people_change_the_same_number_and_the_second_chooses(tab, other):
    # given the therapist was quicker, the trainer sees both and keeps the own
    type_into(tab, CLAMSHELL, "6")
    said(tab, "Clamshell: 6 times.")
    type_into(other, CLAMSHELL, "9")
    expect(dialog(other)).to_contain_text("Dana Okafor changed Clamshell while you did. Choose what holds.")
    expect(dialog(other).get_by_role("radio", name="Yours: 9 times")).to_be_checked()
    expect(other.locator("#saved")).to_contain_text("Not saved: somebody else changed the same.")
    assert violations(other) == []
    assert item(CLAMSHELL).reps == 6
    dialog(other).get_by_role("button", name="Save what I chose").click()
    settled(other)
    assert item(CLAMSHELL).reps == 9

    # then it is the therapist who was slower, and takes the trainer's
    type_into(tab, CLAMSHELL, "7")
    expect(dialog(tab).get_by_role("radio", name="Theirs: 9 times")).to_be_visible()
    dialog(tab).get_by_role("radio", name="Theirs: 9 times").check()
    dialog(tab).get_by_role("button", name="Save what I chose").click()
    settled(tab)
    expect(number(tab, CLAMSHELL, TIMES)).to_have_value("9")
    assert item(CLAMSHELL).reps == 9

    # and a choice leaves what is there; Escape is none
    type_into(tab, CLAMSHELL, "11")
    settled(tab)
    type_into(other, CLAMSHELL, "12")
    expect(dialog(other)).to_be_visible()
    for _ in range(3):
        other.keyboard.press("Escape")
    expect(dialog(other).get_by_role("radio", name="Yours: 12 times")).to_be_checked()
    dialog(other).get_by_role("link", name="Leave it as it is now").click()
    expect(other.locator("#saved")).to_have_text("The last change was not saved.")
    expect(number(other, CLAMSHELL, TIMES)).to_have_value("11")
    assert item(CLAMSHELL).reps == 11


def test_what_two_people_change_apart_is_kept_of_both(tab, other):
    type_into(tab, CLAMSHELL, "6")
    said(tab, "Clamshell: 6 times.")
    Hand(tab).press(f"Move {CLAMSHELL} up")
    said(tab, "Clamshell moved up, now 5 of 6.")

    type_into(other, CLAMSHELL, "3", "sets")
    said(other, "Clamshell: 3 sets.")

    expect(number(other, CLAMSHELL, TIMES)).to_have_value("6")
    assert names(other) == names(tab)
    found = item(CLAMSHELL)
    assert (found.sets, found.reps, found.position) == (3, 6, 5)


def test_what_was_typed_for_an_exercise_that_is_gone_is_offered_again(tab, other):
    Hand(tab).unfold(CLAMSHELL)
    Hand(tab).press(f"Remove {CLAMSHELL}")
    said(tab, "Clamshell removed.")

    type_into(other, CLAMSHELL, "9")
    expect(dialog(other)).to_contain_text("Dana Okafor removed it while you changed Clamshell. You typed: 9 times.")
    dialog(other).get_by_role("button", name="Add Clamshell with what I typed").click()
    said(other, "Clamshell added again.")
    assert item(CLAMSHELL).reps == 9

    # and moving one that is gone says who took it out
    Hand(tab).unfold(SQUEEZES)
    Hand(tab).press(f"Remove {SQUEEZES}")
    said(tab, f"{SQUEEZES} removed.")
    Hand(other).press(f"Move {SQUEEZES} down")
    expect(other.locator(".notice")).to_contain_text(f"Dana Okafor removed {SQUEEZES} meanwhile.")
    expect(row(other, SQUEEZES)).to_have_count(0)
    settled(other)


def test_edits_wait_for_a_session_that_ended(tab, refused):
    # given two edits made after the session ended
    tab.context.clear_cookies(name="sessionid")
    type_into(tab, CLAMSHELL, "6")
    expect(dialog(tab)).to_contain_text("1 edit not saved yet, kept on this page")
    assert violations(tab) == []
    dialog(tab).get_by_role("button", name="Later").click()
    Hand(tab).press(f"Move {CLAMSHELL} up")
    expect(tab.locator("#saved")).to_contain_text("Not saved: you are signed out. 2 edits wait.")
    assert (item(CLAMSHELL).reps, item(CLAMSHELL).position) == (12, 6)

    # when one signs in beside it and comes back
    Hand(tab).press("Try now")
    with tab.context.expect_page() as opened:
        dialog(tab).get_by_role("link", name="Sign in").click()
    beside = opened.value
    beside.get_by_label("Email").fill("therapist@demo.invalid")
    beside.get_by_label("Password").fill(PASSWORD)
    beside.get_by_role("button", name="Sign in", exact=True).click()
    expect(beside.get_by_role("heading", name="You are signed in")).to_be_visible()
    beside.close()
    tab.bring_to_front()
    tab.evaluate("dispatchEvent(new Event('focus'))")  # windows without a screen don't say that they are come back to

    # then both are sent, in order
    settled(tab)
    expect(dialog(tab)).to_have_count(0)
    assert (item(CLAMSHELL).reps, item(CLAMSHELL).position) == (6, 5)
    assert labels()[-2:] == ["Clamshell: 6 times", "Clamshell moved up, now 5 of 6"]
    forgive(refused, "401")


def test_edits_wait_for_a_lost_network_and_are_sent_once(tab, refused):
    tab.context.set_offline(True)
    type_into(tab, CLAMSHELL, "6")
    expect(tab.locator("#saved")).to_contain_text("Not saved: no connection.")
    Hand(tab).press(f"Move {CLAMSHELL} up")
    type_into(tab, GLIDE, "8")
    expect(tab.locator("#saved")).to_contain_text("3 edits wait.")

    tab.context.set_offline(False)
    settled(tab)

    assert labels() == ["Clamshell: 6 times", "Clamshell moved up, now 5 of 6", f"{GLIDE}: 8 times"]
    forgive(refused, "ERR_INTERNET_DISCONNECTED")


def test_an_edit_whose_answer_was_lost_is_not_done_twice(tab, refused):
    """The server carries it out, but the page doesn't hear of it and sends it again."""
    lost = []

    def lose_the_first_answer(route) -> None:
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    tab.route("**/edit/", lose_the_first_answer)
    Hand(tab).unfold(CLAMSHELL)
    row(tab, CLAMSHELL).get_by_role("button", name="Duplicate").click()
    expect(tab.locator("#saved")).to_contain_text("Not saved: no connection.")
    Hand(tab).press("Try now")
    settled(tab)

    assert names(tab).count(CLAMSHELL) == 2
    assert labels() == ["Clamshell added once more"]
    forgive(refused, "ERR_FAILED")


def test_edits_that_wait_do_not_clash_with_each_other(tab):
    """What is typed while an edit is on its way was made on what that edit leaves behind."""
    let_go = hold_back(tab)
    type_into(tab, CLAMSHELL, "6")
    type_into(tab, CLAMSHELL, "8")
    Hand(tab).press(f"Move {CLAMSHELL} up")
    type_into(tab, CLAMSHELL, "4", "sets")
    let_go()
    settled(tab)

    expect(dialog(tab)).to_have_count(0)
    assert (item(CLAMSHELL).reps, item(CLAMSHELL).sets, item(CLAMSHELL).position) == (8, 4, 5)


def test_an_edit_that_the_server_stumbles_over_is_given_up_and_the_next_goes_on(tab, refused):
    """It is tried three times; what was typed stays in its field, and may be entered again."""
    tries = []

    def stumble(route) -> None:
        if "do=dose" not in route.request.post_data or len(tries) == TRIES:
            return route.continue_()
        tries.append(route.request)
        return route.fulfill(status=500)

    tab.route("**/edit/", stumble)
    type_into(tab, CLAMSHELL, "6")
    expect(tab.locator("#saved")).to_have_text("Not saved: something went wrong here. 1 edit waits.")
    Hand(tab).press(f"Move {SQUEEZES} down")
    said(tab, re.compile(f"^{SQUEEZES} moved down"))

    expect(tab.locator(".notice")).to_have_text(
        "Clamshell: that couldn't be saved; something went wrong here. Your other edits are kept."
    )
    expect(number(tab, CLAMSHELL, TIMES)).to_have_value("6")
    expect(row(tab, CLAMSHELL).locator(".field-error")).to_have_text("Not saved.")
    assert violations(tab) == []
    assert (len(tries), item(CLAMSHELL).reps, len(labels())) == (TRIES, 12, 1)

    number(tab, CLAMSHELL, TIMES).press("Enter")
    said(tab, "Clamshell: 6 times.")
    expect(tab.locator(".notice")).to_be_hidden()
    expect(row(tab, CLAMSHELL).locator(".field-error")).to_have_count(0)
    assert item(CLAMSHELL).reps == 6
    forgive(refused, "500")


def test_an_edit_waits_for_a_server_that_is_busy(tab, refused):
    busy = [429, 502, 503, 504]
    answers = list(busy)

    def be_busy(route) -> None:
        return route.fulfill(status=answers.pop()) if answers else route.continue_()

    tab.route("**/edit/", be_busy)
    type_into(tab, CLAMSHELL, "6")
    expect(tab.locator("#saved")).to_have_text("Not saved: the site can't save at the moment. 1 edit waits.")
    while "waits" in tab.locator("#saved").inner_text():  # each time without the pause before it
        tab.evaluate("dispatchEvent(new Event('online'))")
        tab.wait_for_timeout(50)
    said(tab, "Clamshell: 6 times.")
    assert answers == []

    forgive(refused, *map(str, busy))


def test_what_is_done_and_undone_while_edits_wait_is_sent_in_full(tab):
    stages = {slug: tab.locator(f"[name=do][value='stage:{slug}']") for slug in ("w0_2", "w2_4", "w4_8")}
    Hand(tab).press(f"Move {CLAMSHELL} up")
    said(tab, "Clamshell moved up, now 5 of 6.")
    Hand(tab).unfold(CLAMSHELL)

    let_go = hold_back(tab)
    Hand(tab).press(f"Remove {CLAMSHELL}")
    tab.locator("[name=do][value=undo]").click()
    Hand(tab).press(f"Remove {CLAMSHELL}")
    let_go()
    said(tab, "Clamshell removed.")
    assert CLAMSHELL not in names(tab)

    let_go = hold_back(tab)
    for slug in ("w4_8", "w2_4", "w4_8"):
        stages[slug].click()
    let_go()
    settled(tab)
    expect(stages["w4_8"]).to_have_attribute("aria-current", "true")


def test_a_double_click_is_sent_once(tab):
    Hand(tab).unfold(CLAMSHELL)

    let_go = hold_back(tab)
    row(tab, CLAMSHELL).get_by_role("button", name="Duplicate").dblclick()
    let_go()
    settled(tab)

    assert names(tab).count(CLAMSHELL) == 2
    assert labels() == ["Clamshell added once more"]


def labels() -> list[str]:
    """Return what the program remembers to have been done, oldest first."""
    edits = Program.objects.get(patient__name="Jonas Weber").edits
    return [entry["label"] for entry in edits["done"]]
