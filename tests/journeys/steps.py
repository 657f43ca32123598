"""What a clinician does on the pages, by the words that stand on them; each step waits for where it leads."""

import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, Route, expect

from tests.journeys.conftest import PATIENCE_MS

REASON = "Agreed with the patient today."
SEARCH = "Search exercises, muscles, equipment"


class Hand:
    """Clicks what it is given, and counts: what a mouse would do, typing left out."""

    def __init__(self, tab: Page) -> None:
        self.tab = tab
        self.clicks = 0

    def press(self, name: str) -> None:
        self.tab.get_by_role("button", name=name, exact=True).click()
        self.clicks += 1

    def follow(self, name: str) -> None:
        self.tab.get_by_role("link", name=name, exact=True).first.click()
        self.clicks += 1

    def choose(self, name: str | re.Pattern[str]) -> None:
        self.tab.get_by_role("radio", name=name, exact=isinstance(name, str)).check()
        self.clicks += 1

    def type_into(self, label: str, text: str) -> None:
        self.tab.get_by_label(label, exact=True).fill(text)
        self.clicks += 1

    def pick(self, label: str, value: str) -> None:
        self.tab.get_by_label(label, exact=True).select_option(value)
        self.clicks += 1

    def unfold(self, name: str) -> None:
        """Open what else can be done with an exercise of the program."""
        self.tab.get_by_label(f"More for {name}", exact=True).click()
        self.clicks += 1


def admit(tab: Page, name: str, email: str = "maria@patients.invalid") -> None:
    """Add a patient; the screening follows."""
    tab.get_by_role("link", name="New patient").first.click()
    tab.get_by_label("Full name").fill(name)
    tab.get_by_label("E-mail").fill(email)
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_role("heading", name="Red-flag screening")).to_be_visible()


def tick_none(tab: Page, *, but_the_last: bool = False) -> None:
    """Tick “None of these” in each group: there is no button for all."""
    expect(tab.get_by_role("button", name="Finish screening")).to_be_visible()  # it stands after all of them
    boxes = tab.get_by_label("None of these").all()
    for box in boxes[:-1] if but_the_last else boxes:
        box.check()


def say_yes(tab: Page, question: str) -> None:
    tab.locator(".question", has_text=question).get_by_role("radio", name="Yes").check()


def answer_the_rest(tab: Page) -> None:
    """Answer no to every question that is still open."""
    for question in tab.locator(".question").all():
        if not question.locator(":checked").count():
            question.get_by_role("radio", name="No", exact=True).check()


def screen(tab: Page) -> None:
    """Finish a screening without a yes; the assessment of a new patient follows."""
    tick_none(tab)
    tab.get_by_role("button", name="Finish screening").click()
    expect(tab.get_by_role("heading", name="Assessment of")).to_be_visible()


def assess(hand: Hand, driver: str = "Piriformis") -> None:
    """Say the least that an assessment needs: side, driver, irritability."""
    hand.choose(re.compile(f"^{driver}"))
    hand.choose("Left")
    hand.choose(re.compile("^Low"))
    hand.press("Save assessment")
    expect(hand.tab.get_by_text("Assessment saved.")).to_be_visible()


def start_program(hand: Hand) -> None:
    """Start from the driver's protocol; the builder follows."""
    hand.follow("New program")
    hand.press("Start from this")
    expect(hand.tab.get_by_role("heading", name="Program of")).to_be_attached()


def find(tab: Page, words: str, first: str) -> None:
    """Search the builder's catalog, as one types or by the button; the first found is named `first`."""
    tab.get_by_label(SEARCH, exact=True).fill(words)
    button = tab.get_by_role("button", name="Search", exact=True)
    if button.is_visible():  # there is no script
        button.click()
    expect(tab.locator(".catalog-found a").first).to_have_text(first)


def find_also_what_does_not_suit(tab: Page, words: str, first: str) -> None:
    tab.get_by_label("Suits this patient").uncheck()
    find(tab, words, first)


def row(tab: Page, name: str) -> Locator:
    """Return the program's line of an exercise."""
    return tab.locator(".item", has=tab.get_by_role("heading", name=name, exact=True))


def number(tab: Page, name: str, label: str) -> Locator:
    """Return a field of an exercise's dose, such as its “repetitions”."""
    return row(tab, name).get_by_label(re.compile(f"^{re.escape(name)}: {re.escape(label)}"))


def names(tab: Page, phase: str = "") -> list[str]:
    """Return the exercises of the program, or of a phase, in the order they stand on the page."""
    inside = f"section[data-phase={phase}]" if phase else "section[data-phase]"
    return tab.locator(f"{inside} .item h3").all_inner_texts()


def place(hand: Hand, name: str, phase: str) -> None:
    """Put an exercise at the end of a phase, by the list in its line."""
    hand.unfold(name)
    row(hand.tab, name).get_by_label("Phase", exact=True).select_option(phase)
    row(hand.tab, name).get_by_role("button", name="Move", exact=True).click()
    settled(hand.tab)


def settled(tab: Page) -> None:
    """Wait until all edits are saved; there may be many of them."""
    expect(tab.locator("#saved")).to_have_text("Saved", timeout=2 * PATIENCE_MS)


def said(tab: Page, words: str | re.Pattern[str]) -> None:
    """Wait until a screen reader was told these words, then until all is saved."""
    expect(tab.locator("#said")).to_have_text(words)
    settled(tab)


def hold_back(tab: Page) -> Callable[[], None]:
    """Keep edits from being sent until what is returned is called."""
    held: list[Route] = []
    tab.route("**/edit/", lambda route: held.append(route))  # noqa: PLW0108  # a built-in can't be a handler

    def let_go() -> None:
        tab.route("**/edit/", lambda route: route.continue_())
        for route in held:
            route.continue_()

    return let_go


def forgive(refused: list[str], *words: str) -> None:
    """Strike out what a browser says by itself of answers that a journey provoked: a 422, a lost network."""
    refused[:] = [line for line in refused if not any(word in line for word in words)]


def asked_reasons(tab: Page) -> list[Locator]:
    """Return the fields for a reason under the warnings of the issue page, once it is there."""
    expect(tab.get_by_role("button", name="Issue the handout")).to_be_visible()  # it stands after all of them
    return tab.get_by_label("Your reason").all()


def give_reasons(tab: Page, reason: str = REASON) -> int:
    """Type a reason under each warning of the issue page; return how many there were."""
    fields = asked_reasons(tab)
    for field in fields:
        field.fill(reason)
    return len(fields)


def issue(hand: Hand) -> None:
    """Issue the program on the builder, with a reason for each warning."""
    hand.follow("Issue…")
    hand.clicks += give_reasons(hand.tab)
    hand.press("Issue the handout")
    expect(hand.tab.get_by_role("link", name="Print handout 1")).to_be_visible()
