"""F13 in a real browser: where people typed markup, no page runs any of it, asks for it, or becomes another page."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from exercises.exchange import jobs
from tests.conftest import DEEP
from tests.everywhere import Site, site
from tests.faults.markup import PAYLOADS, dealt, write
from tests.journeys.steps import SEARCH, forgive, settled

__all__ = ["site"]

# Where each of them looks; the log comes last, since it tells of these looks, by those names.
PAGES = {
    "therapist": (
        *("today", "patients", "patient", "screening", "assessment", "builder", "preview", "issue", "sign_off", "send"),
        *("delivery", "record", "disclosures", "exercise", "clinic_protocol"),
    ),
    "root": (
        *("import", "review", "admin:exercises_exercise_change", "admin:exercises_exercise_changelist"),
        *("admin:clinics_user_change", "admin:clinics_auditentry_changelist"),
    ),
    "home": ("home",),
    "admin": ("clinic", "people", "own_exercises", "own_exercise", "row_history", "clinic_log"),
}
# What no page of this site has of its own.
INTRUDERS = """() => [...document.querySelectorAll('*')].filter(it =>
    it.getAttributeNames().some(name => name.startsWith('on'))
    || it.matches('iframe, object, embed, base, math, plaintext, xmp, noscript, meta[http-equiv], animate, [src=x]')
    || [it.href, it.action, it.formAction, it.src].some(at => /^javascript:|evil\\.test/.test(at ?? ""))
    || it.matches('script:not([src]):not([type="application/json"])')
).map(it => it.outerHTML.slice(0, 200))"""
# All text that is seen or stands in fields, to know that the page held what it was tried with.
TEXT = """() => [document.body.textContent, ...[...document.querySelectorAll('input, textarea')].map(it => it.value)]
    .join(' ')"""


@pytest.fixture(autouse=True)
def dialogs(page: Page) -> Iterator[None]:
    """No script asks anything; one that was refused is a word in the console, which fails a journey."""
    opened: list[str] = []

    def close(dialog) -> None:
        if dialog.type != "beforeunload":  # what a page asks by itself when somebody leaves who typed
            opened.append(dialog.message)
        dialog.accept()

    page.on("dialog", close)
    page.add_init_script(
        "addEventListener('securitypolicyviolation', it => console.error('refused:', it.violatedDirective, it.sample))"
    )
    yield
    assert opened == []


@pytest.fixture(autouse=True)
def peace(settings, refused: list[str]) -> Iterator[None]:
    """Nobody is asked again who they are; and of the invented handout not every picture is there."""
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = float("inf")
    yield
    forgive(refused, "/p/figures/")


def come(tab: Page, site: Site, who: str) -> None:
    """Let the tab be somebody's; what a page still loads for the one before isn't waited for."""
    tab.goto("about:blank")
    tab.context.clear_cookies()
    kept = site.client(who).cookies
    cookies = [{"name": name, "value": kept[name].value, "domain": "localhost", "path": "/"} for name in kept]
    tab.context.add_cookies(cookies)


def a_file_of(text: str, site: Site) -> jobs.CatalogImport:
    """Return an import whose cells hold the text, one of them where a number should be."""
    file = io.StringIO()
    table = csv.writer(file)
    table.writerow(["slug", "name", "dose_sets", text[:60]])
    table.writerow([site.bridge.slug, text, text, text])
    return jobs.receive(f"{text.replace('/', '')}.csv", file.getvalue().encode(), by=site.root)


def paths(site: Site) -> dict[str, str]:
    return {route.name: route.path for route in site.routes()}


def looks_like_itself(tab: Page, name: str, shown: str) -> None:
    """The page holds the text, which is no part of the page's tree."""
    assert re.search(shown, tab.evaluate(TEXT)), name
    assert tab.evaluate(INTRUDERS) == [], name


@pytest.mark.asvs("V1.2.1", "V1.2.3")
@pytest.mark.parametrize("first", range(len(PAYLOADS)) if DEEP else [0])
def test_what_was_typed_is_nothing_but_text_on_the_pages(site, page, first):
    write(dealt(first))
    site.job = a_file_of(PAYLOADS[first], site)
    there = paths(site)

    for who, names in PAGES.items():
        come(page, site, who)
        for name in names:
            response = page.goto(there[name])
            assert response.status == 200, name
            looks_like_itself(page, name, r"alert\(1\)|<img|<svg|&#60;|javascript:")


@pytest.mark.asvs("V3.2.2")
def test_scripts_put_text_where_text_belongs(site, page):
    """Names and searches that scripts show by themselves: in the builder, in the pose editor, at home."""
    typed = PAYLOADS[2]
    write(typed)
    there = paths(site)

    come(page, site, "therapist")
    page.goto(there["builder"])
    page.get_by_role("button", name=re.compile("^Add")).first.click()
    settled(page)
    expect(page.locator("#said")).to_contain_text(typed[:20])
    page.get_by_label(SEARCH, exact=True).fill(typed)
    expect(page.locator("#said")).to_have_text(re.compile(r"^\d+ exercises?$"))
    looks_like_itself(page, "builder", r"onerror=alert")

    come(page, site, "root")
    page.goto(there["pose"])
    page.get_by_role("heading", name="Start from").click()
    page.get_by_label("Another exercise", exact=True).press_sequentially("img")
    expect(page.locator("#like-names option").first).to_have_attribute("value", re.compile("onerror"))
    looks_like_itself(page, "pose", r"onerror=alert")

    come(page, site, "home")
    page.goto(there["home"])
    page.locator(".home-done").first.click()
    expect(page.locator("#said")).not_to_be_empty()
    looks_like_itself(page, "home", r"onerror=alert")
