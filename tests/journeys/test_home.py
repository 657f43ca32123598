"""A patient at home: from the link on paper to ticks, scores and a timer, without a network too, until it ends."""

import datetime
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinics.models import AuditEntry
from programs import home_visit, patient_link
from programs.at_home import PainScore, PatientLink, Tick
from programs.handout import Handout
from programs.home_views import MOST_NOTES
from programs.models import Issue
from tests.journeys.conftest import sign_in, violations
from tests.journeys.steps import forgive

SMALLEST_TARGET_PX = 44
SMALLEST_WORDS_PX = 18
WIDTHS = (320, 390, 768, 1440)
TOO_SMALL = """least => [...document.querySelectorAll('a, button, summary, .home-scale label')]
    .filter(it => it.checkVisibility() && !it.matches('.skip-link'))
    .map(it => [it.innerText.trim(), it.getBoundingClientRect()])
    .filter(([, box]) => box.width < least || box.height < least).map(([words]) => words)"""
SMALL_WORDS = """least => [...document.querySelectorAll('body *')]
    .filter(it => it.checkVisibility() && [...it.childNodes].some(one => one.nodeType === 3 && one.data.trim()))
    .filter(it => parseFloat(getComputedStyle(it).fontSize) < least).map(it => it.innerText)"""
KEPT = """async () => (await (await caches.open('home')).keys()).map(request => new URL(request.url).pathname)"""
NOTES = """() => new Promise(resolve => {
    const asked = indexedDB.open('home');
    asked.onsuccess = () => {
        const database = asked.result;
        if (!database.objectStoreNames.contains('notes')) { database.close(); resolve(0); return; }
        const counted = database.transaction('notes').objectStore('notes').count();
        counted.onsuccess = () => { database.close(); resolve(counted.result); };
    };
})"""

KEEP_MANY = """([link, day, count]) => new Promise(resolve => {
    const asked = indexedDB.open('home');
    asked.onsuccess = () => {
        const database = asked.result;
        const work = database.transaction('notes', 'readwrite');
        for (let number = 1; number <= count; number++) {
            const at = new Date(Date.now() - count + number).toISOString();
            const note = number > 1 ? { kind: 'score', day, score: number % 10, at } : { kind: 'none', at };
            work.objectStore('notes').put({ id: `${number}`, link, note });
        }
        work.oncomplete = () => { database.close(); resolve(); };
    };
})"""
NO_DATABASE = "indexedDB.open = () => { throw new Error('It is full.'); };"


@pytest.fixture
def link(demo, settings, live_server) -> PatientLink:
    """A link to a demo patient's handout, as it is printed on paper."""
    settings.SITE_ADDRESS = live_server.url
    issue = Issue.objects.order_by("pk").first()
    return patient_link.make(issue, seed=patient_link.new_seed(), way="paper", by=issue.issued_by)


def open_link(tab: Page, link: PatientLink) -> None:
    """Open the address on paper and press the one button."""
    tab.goto(patient_link.address(link.seed))
    expect(tab.get_by_role("button")).to_have_count(1)
    tab.get_by_role("button", name="Open my exercises").click()
    tab.wait_for_url("**/p/")


def ready(tab: Page) -> None:
    expect(tab.locator("body[data-ready]")).to_be_attached()


def first(tab: Page):
    return tab.locator("#exercise-1")


def test_from_the_link_on_paper_to_a_phone_without_a_network(link, page, refused):
    # given the address on the sheet
    open_link(page, link)
    ready(page)
    assert patient_link.token_of(link.seed) not in page.url + page.content()

    # when the patient does an exercise and says how it was
    first(page).get_by_role("button", name="I did this today").click()
    expect(first(page).get_by_role("button", name="Done today. Undo")).to_be_visible()
    expect(page.get_by_text("All saved.")).to_be_visible()
    page.get_by_role("radio", name="4", exact=True).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Noted for today: 4")).to_be_visible()
    expect(page.get_by_text("All saved.")).to_be_visible()

    # then it is noted
    assert Tick.objects.get().number == 1
    assert PainScore.objects.get().score == 4

    # when there is no network, the page is there, and keeps what is noted
    page.context.set_offline(True)
    page.reload()
    expect(first(page).get_by_role("button", name="Done today. Undo")).to_be_visible()
    expect_pictures(page)
    second = page.locator("#exercise-2")
    second.get_by_role("button", name="I did this today").click()
    expect(page.get_by_text("Kept on this phone. It will be sent when you are online.")).to_be_visible()
    first(page).get_by_role("button", name="Done today. Undo").click()
    expect(first(page).get_by_role("button", name="I did this today")).to_be_visible()  # kept, since it is shown
    page.reload()
    expect(second.get_by_role("button", name="Done today. Undo")).to_be_visible()
    expect(first(page).get_by_role("button", name="I did this today")).to_be_visible()
    assert [tick.number for tick in Tick.objects.all()] == [1]

    # and sends it once the network is back
    page.context.set_offline(False)
    expect(page.get_by_text("All saved.")).to_be_visible()
    assert [tick.number for tick in Tick.objects.filter(done=True)] == [2]
    assert page.evaluate(NOTES) == 0

    # when the clinic revokes the link, nothing of it stays on the phone
    patient_link.revoke(link, by=link.made_by)
    page.reload()
    expect(page.get_by_role("heading", name="This link no longer works.")).to_be_visible()
    expect(page.locator("body[data-forgotten]")).to_be_attached()
    assert page.evaluate(KEPT) == []
    assert page.evaluate(NOTES) == 0
    forgive(refused, "ERR_INTERNET_DISCONNECTED", "Failed to load resource")


def expect_pictures(page: Page) -> None:
    """Every picture of the page has been drawn."""
    page.wait_for_function("() => [...document.querySelectorAll('figure img')].every(it => it.complete)")
    broken = page.evaluate(
        "() => [...document.querySelectorAll('figure img')].filter(it => !it.naturalWidth).map(it => it.src)"
    )
    assert broken == []


def test_shows_every_exercise_in_the_programs_order_with_its_pictures(link, page):
    open_link(page, link)

    handout = Handout.from_snapshot(link.issue.snapshot)
    expect(page.locator(".home-exercise h4")).to_have_text([f"{item.number}. {item.name}" for item in handout.items])
    expect(page.locator("figure img")).to_have_count(sum(len(item.figures) for item in handout.items))
    expect_pictures(page)
    expect(page.get_by_text("Nobody watches this page live.")).to_be_visible()
    call = page.get_by_role("link", name=re.compile("^Call"))
    assert call.get_attribute("href").startswith("tel:")


def test_shows_an_exercise_moving_when_asked(link, page):
    open_link(page, link)
    moving = page.locator(".home-motion").first

    moving.get_by_text("Show it moving").click()

    expect(moving.locator("img")).to_be_visible()
    page.wait_for_function("() => document.querySelector('.home-motion img').naturalWidth > 0")


def test_counts_a_hold_down(link, page):
    page.clock.install()
    open_link(page, link)
    timer = page.locator(".home-timer").first
    seconds = int(timer.get_attribute("data-seconds"))

    timer.get_by_role("button", name="Start the timer").click()
    page.clock.run_for(2_000)
    expect(timer.locator(".home-clock")).to_have_text(f"{seconds - 2} seconds left")
    timer.get_by_role("button", name="Stop the timer").click()
    expect(timer.get_by_role("status")).to_have_text("The timer has stopped.")

    timer.get_by_role("button", name="Start the timer").click()
    page.clock.run_for((seconds + 1) * 1_000)
    expect(timer.get_by_role("status")).to_have_text("Time is up. Let go slowly.")


def test_keeps_notes_when_the_visit_is_over_until_the_link_is_opened_again(link, page, refused):
    open_link(page, link)
    ready(page)

    page.context.clear_cookies()
    page.reload()
    ready(page)
    first(page).get_by_role("button", name="I did this today").click()
    expect(page.get_by_text("Kept on this phone. Open your link again to send it.")).to_be_visible()
    assert not Tick.objects.exists()

    open_link(page, link)
    expect(page.get_by_text("All saved.")).to_be_visible()
    expect(first(page).get_by_role("button", name="Done today. Undo")).to_be_visible()
    assert Tick.objects.get().number == 1
    forgive(refused, "Failed to load resource")


def test_sends_all_that_was_kept_and_says_that_not_all_of_it_could_be_saved(link, page):
    """The site takes a part at once; the first of these notes can't be read, and the last one counts."""
    open_link(page, link)
    ready(page)
    count = 2 * MOST_NOTES + 7
    page.evaluate(KEEP_MANY, [home_visit.form_key(link), timezone.localdate().isoformat(), count])

    page.reload()

    expect(page.get_by_text("Not all could be saved.")).to_be_visible()
    assert page.evaluate(NOTES) == 0
    assert PainScore.objects.get().score == count % 10


def test_says_of_a_note_that_can_be_neither_kept_nor_saved_that_it_is_not(link, page):
    page.add_init_script(NO_DATABASE)
    page.clock.set_fixed_time(timezone.now() + datetime.timedelta(days=10))
    open_link(page, link)
    ready(page)
    expect(page.locator("#said")).to_have_text("")

    first(page).get_by_role("button", name="I did this today").click()

    expect(page.get_by_text("Not all could be saved. Check the date on your phone.")).to_be_visible()
    assert not Tick.objects.exists()


def test_asks_for_the_page_once_when_the_worker_keeps_it_anyhow(link, page):
    open_link(page, link)
    ready(page)
    looks = AuditEntry.objects.filter(action="view handout at home")
    before = looks.count()

    page.reload()
    ready(page)

    assert looks.count() == before + 1


def test_sends_nothing_of_a_page_whose_link_is_not_the_one_opened_last(link, page, refused):
    open_link(page, link)
    ready(page)
    other = patient_link.make(link.issue, seed=patient_link.new_seed(), way="paper", by=link.issue.issued_by)
    tab = page.context.new_page()
    open_link(tab, other)
    ready(tab)

    first(page).get_by_role("button", name="I did this today").click()

    expect(page.get_by_text("Kept on this phone. Open your link again to send it.")).to_be_visible()
    assert not Tick.objects.exists()
    forgive(refused, "Failed to load resource")


def test_takes_the_kept_page_away_when_the_link_ended_after_the_visit(link, page, refused):
    open_link(page, link)
    ready(page)
    page.context.clear_cookies()
    patient_link.revoke(link, by=link.made_by)

    page.reload()

    expect(page.get_by_role("heading", name="This link no longer works.")).to_be_visible()
    assert page.evaluate(KEPT) == []
    forgive(refused, "Failed to load resource")


def test_removes_all_from_a_phone_that_others_use(link, page, refused):
    open_link(page, link)
    ready(page)
    assert "/p/" in page.evaluate(KEPT)

    page.get_by_role("button", name="Remove from this phone").click()

    expect(page.get_by_role("heading", name="Your exercises are no longer on this phone.")).to_be_visible()
    expect(page.locator("body[data-forgotten]")).to_be_attached()
    assert page.evaluate(KEPT) == []
    page.goto("/p/")
    expect(page.get_by_role("heading", name="Your visit is over.")).to_be_visible()
    forgive(refused, "Failed to load resource")


def test_keeps_no_token_on_the_phone_and_tells_nobody(link, page):
    told = []
    page.on("request", lambda request: told.append(request.headers.get("referer", "")))
    open_link(page, link)
    ready(page)

    token = patient_link.token_of(link.seed)
    assert not any(token in address for address in page.evaluate(KEPT))
    assert not any(token in referer for referer in told)
    assert all("/p/" not in referer for referer in told)


def test_works_without_script(link, no_script, live_server):
    open_link(no_script, link)

    first(no_script).get_by_role("button", name="I did this today").click()
    expect(first(no_script).get_by_role("button", name="Done today. Undo")).to_be_visible()
    assert Tick.objects.get().day == timezone.localdate()
    first(no_script).get_by_role("button", name="Done today. Undo").click()
    expect(first(no_script).get_by_role("button", name="I did this today")).to_be_visible()
    assert not Tick.objects.get().done

    no_script.get_by_role("radio", name="4", exact=True).check()
    no_script.get_by_role("button", name="Save", exact=True).click()
    expect(no_script.get_by_text("Noted for today: 4")).to_be_visible()
    assert PainScore.objects.get().score == 4

    no_script.get_by_text("Show it moving").first.click()
    expect(no_script.locator(".home-motion img").first).to_be_visible()
    expect(no_script.get_by_role("button", name="Start the timer")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_is_large_enough_and_accessible_at_every_width(link, page, scheme, refused):
    page.emulate_media(color_scheme=scheme)
    page.goto(patient_link.address(link.seed))
    expect_fit(page)
    open_link(page, link)
    ready(page)
    first(page).get_by_role("button", name="I did this today").click()
    expect(page.get_by_text("All saved.")).to_be_visible()
    expect_fit(page)
    page.goto("/p/wrong/")
    expect_fit(page)
    forgive(refused, "Failed to load resource")


def expect_fit(page: Page) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(TOO_SMALL, SMALLEST_TARGET_PX) == []
        assert page.evaluate(SMALL_WORDS, SMALLEST_WORDS_PX) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert violations(page) == []


def test_a_clinician_makes_a_link_sees_what_was_noted_and_revokes_it(link, page, second):
    open_link(second, link)
    ready(second)
    first(second).get_by_role("button", name="I did this today").click()
    expect(second.get_by_text("All saved.")).to_be_visible()

    sign_in(page, "therapist", at="demo.invalid")
    page.goto(f"/patients/{link.issue.program.patient_id}/")
    issue = page.locator(f"#issue-{link.issue_id}")
    expect(issue.get_by_text("At home: ticked on 1 of")).to_be_visible()
    assert violations(page) == []

    issue.get_by_role("button", name=re.compile("New link")).click()
    expect(page.get_by_role("img", name="A code to scan")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Revoke this link").click()
    expect(page.get_by_text("The link no longer works, on paper or in a mail.")).to_be_visible()
    assert PatientLink.objects.filter(revoked_at=None).count() == 1
