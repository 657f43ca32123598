"""What a browser, a cache or anybody else keeps of patients: nothing, and less after signing out."""

import ast
import re

import pytest
from django.conf import settings
from django.test import Client

from clinics.presence import KEY
from tests import kept
from tests.clinics.accounts import log_in, make_person
from tests.programs.test_audited import AT_HOME, SHOWN, Whole
from tests.test_house_rules import ROOT

# What pages of patients and programs read from their addresses, which histories and proxies keep; “all” is what is
# handed on as a whole: days, numbers and a log's own words; names of exercises; layout, paper, weeks.
FROM_ADDRESSES = {
    "patients/log_views.py": {"all", "page"},
    "patients/searching.py": {"PARAMETER"},
    "patients/views.py": {"archived", "page"},
    "programs/builder_views.py": {"all"},
    "programs/issue_views.py": {"all", "download"},
    "programs/mail_views.py": {"again"},
    "programs/patient_views.py": {"all"},
    "programs/progress_views.py": {"pace"},
    "programs/record_views.py": {"page"},
    "programs/usage_views.py": {"name"},  # list, page, and q: an exercise's name
}
# Forms whose fields stand in the address they lead to.
ASKING = {
    *("catalog/changes.html", "catalog/use.html", "exercises/search.html", "programs/catalog.html"),  # of exercises
    "catalog/exchange.html",  # which exercises, as what kind of file
    "patients/access_log.html",  # days, numbers, a word of an action
    "programs/beside_preview.html",  # layout, paper, weeks
    "programs/progress.html",  # how fast
}
KEPT_BY_BROWSERS = re.compile(r"\b(localStorage|sessionStorage|indexedDB|caches\.|document\.cookie)")


@pytest.fixture
def here(db: None, settings) -> Whole:
    settings.SITE_ADDRESS = "https://clinic.example"
    return kept.make("one clinic, all pages", Whole)


@pytest.mark.asvs("V7.4.4", "V14.2.3", "V14.3.2")
def test_each_page_about_patients_is_kept_by_no_cache_asks_nobody_else_and_has_the_way_out(here: Whole) -> None:
    pages = 0
    for name in [*SHOWN, *AT_HOME]:
        response = here.open(name)()
        assert "no-store" in response["Cache-Control"], name
        if not response["Content-Type"].startswith("text/html"):
            continue
        text = response.content.decode()
        if text.startswith("<!doctype html>"):  # and no part of a page
            pages += 1
            assert name in AT_HOME or 'action="/accounts/logout/"' in text, name
            allowed = set(response["Content-Security-Policy"].split("; "))
            assert {"default-src 'self'", "form-action 'self'"} <= allowed, name
        asked = re.findall(r'(?:<link[^>]*href|src|srcset|action|formaction|poster)="([^"]+)"', text)
        assert [address for address in asked if re.match(r"\w+:|//", address) and not address.startswith("data:")] == []
    assert pages > 20


@pytest.mark.asvs("V14.3.1")
@pytest.mark.django_db
@pytest.mark.parametrize("way", ["signed out", "left alone"])
def test_who_goes_leaves_nothing_in_the_browser(way: str) -> None:
    person, client = make_person(), Client()
    log_in(client, person)
    before = client.get("/exercises/")

    if way == "left alone":
        session = client.session
        session[KEY] = {**session[KEY], "seen": session[KEY]["seen"] - 901}
        session.save()
    response = client.get("/exercises/") if way == "left alone" else client.post("/accounts/logout/")

    assert "Clear-Site-Data" not in before
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    assert client.cookies[settings.DEVICE_COOKIE_NAME].value


@pytest.mark.asvs("V14.3.3")
def test_no_page_of_the_staff_writes_into_the_browser() -> None:
    scripts = sorted((ROOT / "static/js").rglob("*.js"))
    keeping = {path.parent.name for path in scripts if KEPT_BY_BROWSERS.search(path.read_text(encoding="utf-8"))}

    # A patient's own phone keeps the patient's own page, and “Leave” takes it away.
    assert keeping == {"home"}
    assert len(scripts) > 20


def from_addresses(text: str) -> set[str]:
    """Return the names that code reads from a request's address: “all” where it takes it as a whole."""
    tree, found = ast.parse(text), set()
    above = {id(child): node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Attribute) and node.attr == "GET"):
            continue
        use, call = above[id(node)], above.get(id(above[id(node)]))
        name = None
        if isinstance(use, ast.Attribute) and use.attr in {"get", "getlist"} and isinstance(call, ast.Call):
            name = call.args[0]
        elif isinstance(use, ast.Compare):
            name = use.left
        elif isinstance(use, ast.Subscript):
            name = use.slice
        found.add(str(getattr(name, "value", getattr(name, "id", "all"))))
    return found


@pytest.mark.asvs("V14.2.1")
def test_no_page_of_patients_reads_a_name_from_its_address() -> None:
    files = [path for app in ("patients", "programs") for path in (ROOT / app).rglob("*.py")]
    read = {str(path.relative_to(ROOT)): from_addresses(path.read_text(encoding="utf-8")) for path in files}

    assert {name: names for name, names in read.items() if names} == FROM_ADDRESSES


@pytest.mark.asvs("V14.2.1")
def test_no_form_writes_a_name_into_an_address() -> None:
    asking, forms = set(), 0
    for path in (ROOT / "templates").rglob("*.html"):
        for form in re.findall(r"<form\b[^>]*>", path.read_text(encoding="utf-8")):
            forms += 1
            if 'method="post"' not in form:
                asking.add(str(path.relative_to(ROOT / "templates")))

    assert asking == ASKING
    assert forms > 60
