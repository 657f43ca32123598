"""The builder with mouse and keys: adding, moving, doses, many at once, undo, checks. Each edit is saved at once."""

import itertools
import re
from collections.abc import Iterator

import pytest
from django.http import QueryDict
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinics.models import User
from programs import bench, commands
from programs.clashes import Sent
from programs.models import Item, Program
from tests.journeys.steps import (
    SEARCH,
    Hand,
    find,
    find_also_what_does_not_suit,
    forgive,
    hold_back,
    names,
    number,
    place,
    row,
    said,
    settled,
)
from tests.journeys.test_accessible import program_of

WALKS, HIP_FLEXOR, FIGURE_4 = "Short, frequent walks", "Half-kneeling hip flexor stretch", "Lying figure-4 stretch"
GLIDE, SQUEEZES, CLAMSHELL = "Seated sciatic nerve glide", "Buttock squeezes", "Clamshell"


@pytest.fixture
def tab(as_demo) -> Page:
    """A therapist's builder, tall enough to see all of the program: walks; two releases; a glide; two to strengthen."""
    tab = as_demo("therapist")
    tab.set_viewport_size({"width": 1440, "height": 2200})
    tab.goto(program_of("Jonas Weber"))
    return tab


@pytest.fixture
def hand(tab: Page) -> Hand:
    return Hand(tab)


def stored(tab: Page) -> list[str]:
    """Return the active stage's exercises as the database has them."""
    program = Program.objects.get(patient__name="Jonas Weber")
    found = Item.objects.filter(stage__program=program, stage__slug=program.stage_slug).order_by("position")
    return list(found.values_list("exercise__name", flat=True))


def lift(tab: Page, thing: Locator) -> None:
    """Take hold of something with the mouse."""
    thing.scroll_into_view_if_needed()
    box = thing.bounding_box()
    tab.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    tab.mouse.down()


def carry(tab: Page, there: Locator, *, share: float) -> None:
    """Move what is held over something, `share` of its height from its top."""
    box = there.bounding_box()
    tab.mouse.move(box["x"] + 200, box["y"] + box["height"] * share, steps=6)


def card(tab: Page, name: str) -> Locator:
    return tab.locator("li.card", has=tab.get_by_role("link", name=name, exact=True))


def drop_line(tab: Page) -> Locator:
    return tab.locator(".drag-line")


def step(tab: Page, way: str, label: str) -> Locator:
    """Return the button that undoes or redoes that edit."""
    return tab.get_by_role("button", name=re.compile(f"^{way} ?: {re.escape(label)}$"))


def test_adds_by_button_by_typing_and_by_walking_through_what_was_found(tab, hand):
    find(tab, "bridge", "Bridge")
    hand.press("Add Bridge")
    said(tab, "Bridge added to Strengthen.")
    assert names(tab, "strengthen")[-1:] == ["Bridge"]
    expect(card(tab, "Bridge").get_by_text("in the program")).to_be_visible()
    expect(tab.get_by_role("button", name="Add Bridge", exact=True)).to_be_focused()

    tab.get_by_label(SEARCH).fill("seated cat-cow")
    tab.keyboard.press("Enter")
    said(tab, "Seated cat-cow added to Restore.")
    assert "Seated cat-cow" in names(tab, "restore")
    expect(tab.get_by_label(SEARCH)).to_be_focused()

    first = "Lying hamstring stretch with a strap"
    find(tab, "hamstring", first)
    second = tab.locator(".catalog-found a").nth(1).inner_text()
    tab.keyboard.press("ArrowDown")
    expect(tab.get_by_role("button", name=f"Add {first}", exact=True)).to_be_focused()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    said(tab, re.compile(f"^{re.escape(second)} added to "))
    expect(tab.get_by_role("button", name=f"Add {second}", exact=True)).to_be_focused()
    tab.keyboard.press("ArrowUp")
    tab.keyboard.press("ArrowUp")
    expect(tab.get_by_label(SEARCH)).to_be_focused()
    assert second in names(tab)
    assert names(tab) == stored(tab)


def test_adds_by_dragging_a_card_between_two_items(tab, hand):
    find(tab, "single knee to chest", "Single knee to chest")
    lift(tab, card(tab, "Single knee to chest").locator("img"))
    carry(tab, row(tab, FIGURE_4), share=0.2)
    expect(tab.locator("section[data-phase=release]")).to_have_attribute("data-drop", "ok")
    expect(tab.locator(".drag-ghost")).to_have_text("Single knee to chest")
    expect(drop_line(tab)).to_have_text("")
    tab.mouse.up()
    said(tab, "Single knee to chest added to Release.")
    assert names(tab, "release") == [HIP_FLEXOR, "Single knee to chest", FIGURE_4] == stored(tab)[1:4]

    # Escape lets go without a word, and what is under the pointer isn't opened
    find(tab, "side-lying leg lift", "Side-lying leg lift")
    for end in ("Escape", "drop"):
        lift(tab, card(tab, "Side-lying leg lift").get_by_role("link"))
        carry(tab, row(tab, WALKS), share=0.9)
        expect(drop_line(tab)).to_have_text(
            "Calm normally comes here: Side-lying leg lift belongs to Strengthen.", use_inner_text=True
        )
        if end == "Escape":
            tab.keyboard.press("Escape")
            expect(drop_line(tab)).to_be_hidden()
        tab.mouse.up()
        expect(tab.get_by_role("dialog")).to_have_count(0)

    # and a drop out of order is done, but not without a warning
    said(tab, "Side-lying leg lift added to Calm.")
    assert names(tab, "calm") == [WALKS, "Side-lying leg lift"]
    warnings = tab.locator("#checks .verdict.verdict-warn")
    expect(warnings.filter(has_text="Side-lying leg lift").first).to_be_visible()
    expect(row(tab, "Side-lying leg lift").get_by_text("usually in Strengthen")).to_be_visible()


def test_moves_by_grip_by_keys_and_by_buttons(tab, hand):
    # by mouse, after another one, into another phase, and nowhere
    lift(tab, row(tab, HIP_FLEXOR).locator("[data-grip]"))
    carry(tab, row(tab, FIGURE_4), share=0.9)
    tab.mouse.up()
    said(tab, f"{HIP_FLEXOR} moved to Release, now 3 of 6.")
    assert names(tab, "release") == [FIGURE_4, HIP_FLEXOR]
    lift(tab, row(tab, CLAMSHELL).locator("[data-grip]"))
    carry(tab, row(tab, GLIDE), share=0.1)
    expect(drop_line(tab)).to_have_text("Restore normally comes here: Clamshell belongs to Strengthen.")
    tab.mouse.up()
    said(tab, "Clamshell moved to Restore, now 4 of 6.")
    assert names(tab, "restore") == [CLAMSHELL, GLIDE]
    lift(tab, row(tab, GLIDE).locator("[data-grip]"))
    tab.mouse.move(5, 5, steps=4)
    tab.mouse.up()
    assert names(tab) == stored(tab) == [WALKS, FIGURE_4, HIP_FLEXOR, CLAMSHELL, GLIDE, SQUEEZES]

    # by keys, from a number as well as from the row; the focus stays
    number(tab, GLIDE, "repetitions").focus()
    tab.keyboard.press("Alt+ArrowUp")
    said(tab, f"{GLIDE} moved up, now 4 of 6.")
    expect(number(tab, GLIDE, "repetitions")).to_be_focused()
    tab.keyboard.press("Alt+ArrowDown")
    said(tab, f"{GLIDE} moved down, now 5 of 6.")
    tab.keyboard.press("Alt+Shift+ArrowDown")
    said(tab, f"{GLIDE} moved to Strengthen, now 5 of 6.")
    expect(number(tab, GLIDE, "repetitions")).to_be_focused()
    assert names(tab, "strengthen") == [GLIDE, SQUEEZES]
    tab.keyboard.press("Alt+Shift+ArrowUp")
    said(tab, f"{GLIDE} moved to Restore, now 5 of 6.")
    expect(row(tab, GLIDE)).to_be_in_viewport()

    # and by buttons
    up = tab.get_by_role("button", name=f"Move {HIP_FLEXOR} up")
    up.click()
    said(tab, f"{HIP_FLEXOR} moved up, now 2 of 6.")
    expect(up).to_be_disabled()
    hand.press(f"Move {HIP_FLEXOR} down")
    said(tab, f"{HIP_FLEXOR} moved down, now 3 of 6.")
    place(hand, CLAMSHELL, "strengthen")
    assert names(tab) == stored(tab) == [WALKS, FIGURE_4, HIP_FLEXOR, GLIDE, SQUEEZES, CLAMSHELL]


def test_doses_are_typed_where_they_stand(tab, hand, refused):
    sets, times = number(tab, CLAMSHELL, "sets"), number(tab, CLAMSHELL, "repetitions")
    expect(row(tab, CLAMSHELL).locator(".doses").first).to_contain_text("times")
    expect(row(tab, CLAMSHELL).locator(".doses").first).to_contain_text("days a week")

    # typing takes the number's place, Tab leads on, Enter saves both as one edit
    times.focus()
    tab.keyboard.type("8")
    tab.keyboard.press("Tab")
    expect(sets).to_be_focused()
    tab.keyboard.type("3")
    tab.keyboard.press("Enter")
    said(tab, re.compile("^Clamshell: (8 times, 3 sets|3 sets, 8 times)\\.$"))
    expect(sets).to_be_focused()

    # what can't be is said beside the number, which stays as it was typed
    times.fill("900")
    times.press("Enter")
    expect(row(tab, CLAMSHELL).locator(".field-error")).to_have_text("Between 1 and 100.")
    expect(times).to_have_value("900")
    expect(times).to_have_attribute("aria-invalid", "true")
    expect(times).to_have_accessible_description("Between 1 and 100.")
    expect(tab.locator("#saved")).to_have_text("The last change was not saved.")
    hand.press(f"Move {SQUEEZES} down")
    said(tab, f"{SQUEEZES} moved down, now 6 of 6.")
    expect(times).to_have_value("900")
    times.fill("10")
    times.press("Enter")
    said(tab, "Clamshell: 10 times.")
    expect(row(tab, CLAMSHELL).locator(".field-error")).to_have_count(0)

    # side, note, and back to the usual dose
    number(tab, CLAMSHELL, "side").select_option("left")
    said(tab, "Clamshell: left.")
    hand.unfold(CLAMSHELL)
    row(tab, CLAMSHELL).get_by_label("Note for the patient").fill("Slowly.")
    tab.keyboard.press("Tab")
    said(tab, "Clamshell: “Slowly.”.")
    expect(row(tab, CLAMSHELL).locator(".item-words")).to_contain_text("“Slowly.”")
    row(tab, CLAMSHELL).get_by_role("button", name="Usual dose").click()
    said(tab, "Clamshell: usual dose.")
    expect(times).to_have_value("12")
    item = Item.objects.get(stage__program__patient__name="Jonas Weber", exercise__slug="clamshell", stage__slug="w0_2")
    assert (item.sets, item.reps, item.side, item.note) == (2, 12, "left", "Slowly.")
    forgive(refused, "422")


def test_puts_another_in_its_place_and_takes_several_at_once(tab, hand):
    # easier and harder
    hand.unfold(SQUEEZES)
    easier = row(tab, SQUEEZES).get_by_role("button", name=re.compile("^(Easier|Harder): ")).first
    other = easier.inner_text().partition(": ")[2]
    easier.click()
    said(tab, f"{other} in place of {SQUEEZES}.")
    assert (other in names(tab), SQUEEZES in names(tab)) == (True, False)
    step(tab, "Undo", f"{other} in place of {SQUEEZES}").click()
    said(tab, f"Undone: {other} in place of {SQUEEZES}.")

    # what the drawer offers, and what it says of an exercise
    row(tab, CLAMSHELL).get_by_role("link", name=CLAMSHELL).click()
    drawer = tab.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name=CLAMSHELL)).to_be_visible()
    favourite = drawer.get_by_role("button", name="Favourite")
    favourite.click()
    expect(favourite).to_have_attribute("aria-pressed", "true")
    expect(favourite).to_have_text("★ Favourite")
    tab.keyboard.press("Escape")
    expect(row(tab, CLAMSHELL).get_by_role("link", name=CLAMSHELL)).to_be_focused()
    hand.unfold(CLAMSHELL)
    row(tab, CLAMSHELL).get_by_role("link", name="Replace…").click()
    choice = drawer.get_by_role("button", name=re.compile("^Use ")).first
    chosen = choice.get_attribute("aria-label").removeprefix("Use ")
    choice.click()
    said(tab, f"{chosen} in place of {CLAMSHELL}.")
    expect(drawer).to_have_count(0)

    # once more, then a dose for two, then both gone
    hand.unfold(FIGURE_4)
    row(tab, FIGURE_4).get_by_role("button", name="Duplicate").click()
    said(tab, f"{FIGURE_4} added once more.")
    for box in tab.get_by_label(f"Choose {FIGURE_4}").all():
        box.check()
    expect(tab.get_by_text("2 chosen")).to_be_visible()
    tab.get_by_label(re.compile("^All chosen: .*times$")).fill("5")
    hand.press("Set for all chosen")
    said(tab, f"Dose of {FIGURE_4} and {FIGURE_4} changed.")
    assert [field.input_value() for field in number(tab, FIGURE_4, "repetitions").all()] == ["5", "5"]
    hand.press("Remove chosen")
    said(tab, f"{FIGURE_4} and {FIGURE_4} removed.")
    assert names(tab) == stored(tab) == [WALKS, HIP_FLEXOR, GLIDE, SQUEEZES, chosen]
    expect(tab.get_by_role("button", name="Remove chosen")).to_be_hidden()


@pytest.fixture
def fifty() -> Iterator[int]:
    """Fifty edits of the program: an exercise goes down and up again."""
    by = User.objects.get(email="therapist@demo.invalid")
    program = Program.objects.get(patient__name="Jonas Weber")
    item = Item.objects.get(stage__program=program, stage__slug="w0_2", exercise__slug="glute-contractions")
    ways = itertools.cycle(["down", "up"])
    for way in itertools.islice(ways, 49):
        commands.carry_out(bench.lock(program.pk, by=by), f"{way}:{item.pk}", Sent(QueryDict()), at=timezone.now())
    return 50


def test_undoes_fifty_edits_also_after_a_reload(tab, hand, fifty):
    tab.reload()
    hand.unfold(CLAMSHELL)
    hand.press(f"Remove {CLAMSHELL}")
    said(tab, "Clamshell removed.")
    tab.reload()

    step(tab, "Undo", "Clamshell removed").click()
    said(tab, "Undone: Clamshell removed.")
    assert CLAMSHELL in names(tab)
    step(tab, "Redo", "Clamshell removed").click()
    said(tab, "Done again: Clamshell removed.")
    for _ in range(fifty):
        tab.keyboard.press("Control+Z")
    settled(tab)
    expect(tab.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    assert names(tab) == stored(tab) == [WALKS, HIP_FLEXOR, FIGURE_4, GLIDE, SQUEEZES, CLAMSHELL]
    tab.keyboard.press("Control+Shift+Z")
    said(tab, f"Done again: {SQUEEZES} moved down, now 6 of 6.")
    tab.keyboard.press("Control+Y")
    said(tab, f"Done again: {SQUEEZES} moved up, now 5 of 6.")


def test_checks_follow_each_edit_and_a_warning_is_accepted_with_a_reason(tab, hand, refused):
    # given something that shouldn't be there, one click mends it
    warnings = tab.locator("#checks .verdict.verdict-warn, #checks .verdict.verdict-stop")
    expect(warnings).to_have_count(0)
    place(hand, SQUEEZES, "calm")
    expect(warnings.first).to_be_visible()
    fix = warnings.first.locator(".fix").first
    words = fix.inner_text()
    fix.click()
    said(tab, f"{words}.")
    expect(warnings).to_have_count(0)

    # given a warning that is right for this patient, a reason has to say something
    find_also_what_does_not_suit(tab, "side-lying leg lift", "Side-lying leg lift")
    hand.press("Add Side-lying leg lift")
    settled(tab)
    place(hand, "Side-lying leg lift", "calm")
    warning = warnings.first
    warning.get_by_text("Accept with a reason").click()
    reason = warning.get_by_role("textbox")
    reason.fill("ok")
    warning.get_by_role("button", name="Accept", exact=True).click()
    expect(warning.locator(".field-error")).to_contain_text("A reason has at least 10 characters; this one has 2.")
    expect(reason).to_have_value("ok")
    hand.press(f"Move {CLAMSHELL} down")
    settled(tab)
    expect(reason).to_have_value("ok")
    reason.fill("Lies on that side to rest anyway.")
    warning.get_by_role("button", name="Accept", exact=True).click()
    said(tab, "Accepted with your reason.")
    expect(warning).to_contain_text("Accepted by Dana Okafor, PT: “Lies on that side to rest anyway.”")

    # and the page that issues has it already
    hand.follow("Issue…")
    expect(tab.get_by_label("Your reason").first).to_have_value("Lies on that side to rest anyway.")
    forgive(refused, "422")


def test_a_link_waits_until_all_is_saved(tab, hand):
    let_go = hold_back(tab)
    number(tab, CLAMSHELL, "repetitions").fill("9")
    tab.get_by_role("textbox", name="Next visit").fill("Mon 7 Dec, 10:30")
    hand.follow("Issue…")
    expect(tab.locator("#saved")).to_have_text("Saving…")
    let_go()

    tab.wait_for_url("**/issue/**")
    tab.goto(tab.url.partition("issue/")[0] + "preview/")
    expect(tab.locator(".handout")).to_contain_text("9 times")
    expect(tab.locator(".handout")).to_contain_text("Mon 7 Dec, 10:30")
