"""F24: whatever is sent to a form or a script's address, nothing breaks, and what was saved opens again."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import tinyhtml5
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import DEEP
from tests.everywhere import Route, Site, site

__all__ = ["site"]

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

OURS, ADMINS = (200, 50) if DEEP else (2, 1)  # examples for each form
# What ends the visit or the session would leave nothing for the rest to look at.
LEFT_OUT = {"home_leave", "account_logout", "admin:logout", "mfa_end_other_sessions", "resume"}
ODD = [
    *("", " ", "0", "-1", "1e999", "NaN", "Infinity", "2147483648", "9223372036854775808", "9" * 400, "٣", "１", "½"),
    *(
        "true",
        "null",
        "[]",
        "{}",
        "\0",
        "a\0b",
        "\ud800",
        "\ufffe",
        "\u202e",
        "a\r\nb",
        "'\"><svg/onload=x>",
        "{{7*7}}",
    ),
    *("%s%(a)d", "..\\..\\etc", "2026-02-30", "0000-00-00", "9999-12-31", "1" * 5000, "é" * 5000, "on", "\x1b[2J"),
    *("add:bridge", "add:", "remove:1", "move:1:0", "remove:9" + "9" * 30, "[" * 3000, "publish", "import_bridge"),
]
TEXTS = st.one_of(st.sampled_from(ODD), st.text(max_size=20), st.integers().map(str))
JSONS = [
    *("", "{", "[]", "null", "1", '"x"', '{"key": 1, "notes": {}}', '{"notes": [1, null, {}, []], "key": "x"}'),
    *("[" * 100_000, '{"notes":' + "[" * 5000 + "]" * 5000 + ', "key": 1}', '{"key": "\\ud800", "notes": []}'),
    *('{"notes": [{"kind": "tick", "day": 1e999, "number": 1e999, "on": [], "at": "9999-99-99"}], "key": NaN}',),
]


def fields_of(page: HttpResponse) -> dict[str, list[str]]:
    """Return what the page's forms would send as they are, and the choices that they offer."""
    if "text/html" not in page.get("Content-Type", ""):
        return {}
    found: dict[str, list[str]] = {}
    for tag in tinyhtml5.parse(page.getvalue().decode(), namespace_html_elements=False).iter():
        name = (
            tag.get("name")
            if isinstance(tag.tag, str) and tag.tag in {"input", "select", "textarea", "button"}
            else None
        )
        if name and name != "csrfmiddlewaretoken":
            options = [option.get("value", "") for option in tag.iter("option")]
            found.setdefault(name, []).extend(options or [tag.get("value") or tag.text or ""])
    return found


def pairs(fields: dict[str, list[str]]) -> str:
    """Return fields as a browser would write them, and what no browser could."""
    return urlencode([(name, one.encode("utf-8", "surrogatepass")) for name, many in fields.items() for one in many])


def send(client: Client, path: str, body: str, kind: str = "application/x-www-form-urlencoded") -> None:
    """Send it as a form and as a search; a page that raises raises here."""
    with transaction.atomic():
        assert client.generic("POST", path, body, content_type=kind).status_code < 500
    assert client.generic("GET", path, QUERY_STRING=body[:4000]).status_code < 500


def fuzz(client: Client, route: Route) -> None:
    """Send a page its own form with a few fields that nobody would type, again and again."""
    shown = client.get(route.path)
    whole = {name: values[:1] for name, values in fields_of(shown).items()} or {"do": [""], "on": [""], "key": [""]}
    changed = st.dictionaries(
        st.sampled_from([*whole, "extra"]), st.lists(TEXTS, min_size=0, max_size=2), min_size=1, max_size=4
    )

    @settings(
        max_examples=ADMINS if route.name.startswith("admin:") else OURS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        derandomize=not DEEP,
    )
    @given(changed)
    def once(odd: dict[str, list[str]]) -> None:
        send(client, route.path, pairs(whole | odd))

    once()
    assert client.get(route.path).status_code == shown.status_code or shown.status_code != 200


def routes(site: Site, who: str) -> Iterator[Route]:
    """Return where somebody comes to; but in a deep run no PDF is drawn, and of the admin only forms are asked."""
    for route in site.routes():
        slow = route.path.endswith(".pdf") or (
            route.name.startswith("admin:") and not route.name.endswith(("_add", "_change"))
        )
        if route.who == who and route.name not in LEFT_OUT and (DEEP or not slow):
            yield route


@pytest.mark.asvs("V1.4.2", "V2.2.1")
@pytest.mark.parametrize("who", ["nobody", "home", "therapist", "admin", "root"])
def test_no_form_breaks(site, who):
    for route in routes(site, who):
        client = site.client(who)
        saved = transaction.savepoint()
        fuzz(client, route)
        if who == "therapist":
            for page in (f"/patients/{site.patient.pk}/", f"/programs/{site.program.pk}/"):
                assert client.get(page).status_code == 200, f"{page} doesn't open after {route.name}"
        transaction.savepoint_rollback(saved)


@pytest.mark.parametrize("body", JSONS, ids=range(len(JSONS)))
def test_nothing_that_a_script_could_send_breaks_anything(site, body):
    for who in ("home", "therapist", "root"):
        client = site.client(who)
        for route in routes(site, who):
            if route.name in {"home_sync", "home_tick", "program_edit", "pose_drawn", "catalog_preview"}:
                send(client, route.path, body, "application/json")


@pytest.mark.parametrize("key", ["\n", "9" * 40, "x"])
def test_the_admin_shows_a_form_again_whatever_was_sent_as_a_rows_key(site, key):
    client, path = site.client("root"), "/admin/exercises/outcomemeasure/add/"

    assert client.get(path, {"citations": key}).status_code == 200
    assert client.post(path, {"citations": key}).status_code == 200
