"""The patient's pages: a link that is looked at, pressed, wrong or over, and what a visit shows and takes."""

import io
import json
import logging
import re
from dataclasses import replace

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from clinics.models import AuditEntry
from exercises import languages, readability
from programs import home_pictures, home_urls, home_views, link_misses, patient_link
from programs.at_home import PainScore, PatientLink, Tick
from programs.handout import Handout
from programs.models import Delivery, Issue, Program
from tests.conftest import make_user, signed_in
from tests.programs.handout_samples import make_handout
from tests.programs.home import SAME_ORIGIN, at_home, key_of, make_home_issue, make_link, path_of, today

pytestmark = pytest.mark.django_db

WORDS = languages.of("en").words
SCRIPT = {"X-Requested-With": "fetch"}
HALF_A_LETTER = r'{"key": "\ud800", "notes": []}'
UNKNOWN = f"/p/{'A' * 43}/"
# What each page asks for: nothing at all, a token in the address, or a visit.
OPEN_TO_ALL = {"home_standing", "home_leave", "home_worker"}
BY_TOKEN = {"home_open"}
ADDRESSES = {
    "home": ("get", "/p/"),
    "home_tick": ("post", "/p/tick/"),
    "home_score": ("post", "/p/score/"),
    "home_sync": ("post", "/p/sync/"),
    "home_handout": ("get", "/p/handout.pdf"),
    "home_figure": ("get", f"/p/figures/{'0' * 64}.svg"),
    "home_motion": ("get", "/p/motion/1.svg"),
    "home_manifest": ("get", "/p/app.webmanifest"),
}


@pytest.fixture
def link(db):
    return make_link()


@pytest.fixture
def home(link):
    return at_home(link)


def contents():
    """Return all rows that a patient's page may touch, but for the audit log."""
    models = (PatientLink, Tick, PainScore, Issue, Program, Delivery)
    return [list(model.objects.order_by("pk").values()) for model in models]


def text(response) -> str:
    return response.content.decode()


def test_knows_every_address():
    assert {pattern.name for pattern in home_urls.urlpatterns} == set(ADDRESSES) | OPEN_TO_ALL | BY_TOKEN


# The link


def test_shows_the_clinics_name_and_one_button(client, link):
    page = text(client.get(path_of(link)))

    clinic, patient = link.issue.program.patient.clinic, link.issue.program.patient
    assert clinic.name in page
    assert page.count("<button") == 1
    assert "Open my exercises" in page
    for private in (patient.name, "Lying piriformis", link.issue.issued_by.name, "sciatica", clinic.phone):
        assert private not in page


@pytest.mark.asvs("V7.6.2")
def test_changes_nothing_when_a_mail_scanner_looks(client, link):
    before = contents()

    for method in ("get", "head", "get", "head", "get"):
        response = getattr(client, method)(path_of(link))
        assert (response.status_code, dict(response.cookies)) == (200, {})

    assert contents() == before
    assert not client.cookies


def test_logs_each_look(client, link):
    client.get(path_of(link))

    entry = AuditEntry.objects.first()
    assert (entry.action, entry.by, entry.subject) == ("look at patient link", None, f"patientlink:{link.pk}")


def test_is_exchanged_for_a_visit_by_its_button(client, link):
    response = client.post(path_of(link), headers=SAME_ORIGIN)

    assert (response.status_code, response["Location"]) == (302, "/p/")
    assert client.get("/p/").status_code == 200
    link.refresh_from_db()
    assert link.opened_at is not None
    assert patient_link.token_of(link.seed) not in text(client.get("/p/"))


def revoked(link):
    patient_link.revoke(link, by=link.made_by)


def expired(link):
    PatientLink.objects.filter(pk=link.pk).update(expires_at=timezone.now())


@pytest.mark.parametrize("end", [revoked, expired])
@pytest.mark.parametrize("method", ["get", "post"])
def test_answers_for_an_ended_link_as_for_an_unknown_one(client, link, end, method):
    end(link)

    answers = [getattr(client, method)(path, headers=SAME_ORIGIN) for path in (path_of(link), UNKNOWN, "/p/x/")]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    heads = [{name: value for name, value in answer.items() if name != "Expires"} for answer in answers]
    assert heads[0] == heads[1] == heads[2]
    assert "This link no longer works. Ask your clinic for a new one." in text(answers[0])
    assert "Este enlace ya no funciona." in text(answers[0])
    assert not client.cookies


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_takes_no_other_method(client, link, method):
    assert getattr(client, method)(path_of(link)).status_code == 405


@pytest.mark.asvs("V2.4.1")
def test_lets_nobody_guess_more_than_20_times_a_minute(client, link):
    answers = [client.get(f"/p/guess-{number}/").status_code for number in range(25)]

    assert answers == [404] * 20 + [429] * 5
    assert AuditEntry.objects.filter(action=link_misses.MISS).count() == 20
    assert client.get(path_of(link)).status_code == 429  # nor find by guessing
    assert Client(REMOTE_ADDR="198.51.100.7").get(path_of(link)).status_code == 200


def test_lets_one_try_again_after_a_minute(client, link, monkeypatch):
    for number in range(21):
        client.get(f"/p/guess-{number}/")

    later = timezone.now() + link_misses.WITHIN
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert client.get(path_of(link)).status_code == 200


def test_keeps_no_address_of_who_guesses(client):
    client.get(UNKNOWN)

    entry = AuditEntry.objects.get(action=link_misses.MISS)
    assert "127.0.0.1" not in f"{entry.subject}{entry.detail}"


@pytest.mark.asvs("V15.3.4")
@pytest.mark.parametrize(("proxied", "answered"), [(True, 404), (False, 429)])
def test_believes_the_proxys_word_of_where_a_try_comes_from_and_no_other(client, settings, proxied, answered):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if proxied else None
    for number in range(20):
        client.get(f"/p/guess-{number}/", headers={"X-Forwarded-For": f"10.0.0.{number}, 192.0.2.1"})

    elsewhere = client.get(UNKNOWN, headers={"X-Forwarded-For": "192.0.2.1, 192.0.2.2"})
    forged = client.get(UNKNOWN, headers={"X-Forwarded-For": "198.51.100.1, 192.0.2.1"})

    assert (elsewhere.status_code, forged.status_code) == (answered, 429)


def test_writes_no_token_into_logs(client, link, monkeypatch):
    console = next(one for one in logging.getLogger().handlers if type(one) is logging.StreamHandler)
    monkeypatch.setattr(console, "stream", io.StringIO())
    client.post(path_of(link), headers={"Sec-Fetch-Site": "cross-site"})
    revoked(link)
    client.get(path_of(link))
    client.get(path_of(link).rstrip("/"))
    client.put(path_of(link))

    logged = console.stream.getvalue()
    assert logged.count('"event": "Not Found: \\u2026"') == 1
    assert logged.count('"event": "Forbidden: \\u2026"') == 1
    assert patient_link.token_of(link.seed) not in logged


# Whose button it was


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://testserver"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {},
    ],
)
@pytest.mark.asvs("V7.6.2")
def test_opens_nothing_for_a_form_of_another_site(link, headers):
    client = Client()

    response = client.post(path_of(link), headers=headers)

    assert response.status_code == 403
    assert "home" not in client.cookies
    assert "Please press the button once more." in text(response)
    assert PatientLink.objects.get().opened_at is None


@pytest.mark.parametrize("headers", [SAME_ORIGIN, {"Origin": "http://testserver"}])
def test_opens_for_its_own_button(link, headers):
    client = Client()

    assert client.post(path_of(link), headers=headers).status_code == 302


def test_opens_at_the_second_press_where_a_browser_says_nothing(link):
    client = Client()

    first = client.post(path_of(link), headers={"Origin": "null"})
    press = re.search(r'name="press" value="([^"]+)"', text(first))[1]
    wrong = client.post(path_of(link), {"press": "made up"}, headers={"Origin": "null"})
    press = re.search(r'name="press" value="([^"]+)"', text(wrong))[1]
    second = client.post(path_of(link), {"press": press}, headers={"Origin": "null"})

    assert (first.status_code, wrong.status_code, second.status_code) == (403, 403, 302)
    assert client.cookies["press"]["samesite"] == "Strict"


# Who comes in


@pytest.mark.parametrize("name", ADDRESSES)
def test_shows_nothing_without_a_visit(link, name):
    method, address = ADDRESSES[name]

    response = getattr(Client(), method)(address)

    assert response.status_code == 401
    assert "Your visit is over." in text(response)


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize("end", [revoked, expired])
def test_shows_nothing_more_once_the_link_has_ended(link, home, name, end):
    method, address = ADDRESSES[name]
    end(link)

    response = getattr(home, method)(address)

    assert response.status_code == 404
    assert "This link no longer works." in text(response)
    assert "forget.js" in text(response)
    assert home.cookies["home"].value == ""


@pytest.mark.parametrize("name", ADDRESSES)
def test_takes_each_method_where_it_belongs(home, name):
    method, address = ADDRESSES[name]

    assert getattr(home, "post" if method == "get" else "get")(address).status_code == 405


def test_gives_staff_no_way_in_by_their_session(link):
    assert signed_in(link.made_by).get("/p/").status_code == 401


def test_gives_patients_no_way_in_to_the_rest(link, home):
    for address in ("/", f"/patients/{link.issue.program.patient_id}/", f"/issues/{link.issue_id}/handout.pdf"):
        assert home.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.asvs("V14.3.2")
@pytest.mark.parametrize("path", ["/p/", "/p/handout.pdf", "/p/app.webmanifest", UNKNOWN, "token"])
def test_tells_nobody_and_is_kept_by_no_cache(link, home, path):
    response = home.get(path_of(link) if path == "token" else path)

    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in response


# The program


def test_shows_the_issue_as_it_was_frozen(link, home):
    page = text(home.get("/p/"))
    handout = Handout.from_snapshot(link.issue.snapshot)

    places = [page.index(f">{item.number}. {item.name}</h4>") for item in handout.items]
    assert places == sorted(places)
    for item in handout.items:
        for words in (*item.dose_chips, *item.steps):
            assert words in page
    for sign in (*handout.emergency, *handout.stops):
        assert sign in page
    assert "Nobody watches this page live." in page
    assert 'href="tel:(555)010-4477"' in page


def test_names_neither_the_patient_nor_what_is_suspected(link, home):
    page = text(home.get("/p/"))

    assert Handout.from_snapshot(link.issue.snapshot).patient_name not in page
    assert "piriformis muscle" not in page
    assert "sciatica" not in page


def test_says_it_in_spanish():
    link = make_link(make_home_issue(handout=make_handout(language="es")))

    page = text(at_home(link).get("/p/"))

    assert '<html lang="es">' in page
    assert "Nadie mira esta página en vivo." in page
    assert "I did this today" not in page


def test_asks_the_database_a_fixed_number_of_times(home, django_assert_num_queries):
    with django_assert_num_queries(5):  # link, log entry, ticks, scores, pictures
        home.get("/p/")


def test_shows_an_issue_that_cannot_be_read_as_gone(link, home):
    link.issue.snapshot = {"schema": 99}
    link.issue.save(update_fields=["snapshot"])

    assert home.get("/p/").status_code == 404


def test_shows_notes_with_markup_as_words():
    handout = make_handout(each={"note": "<script>alert(1)</script>", "feel": "<b>Here</b>"})

    page = text(at_home(make_link(make_home_issue(handout=handout))).get("/p/"))

    assert "<script>alert" not in page
    assert "<b>Here" not in page


def test_sends_the_pdf_that_was_issued(link, home):
    response = home.get("/p/handout.pdf")

    assert (response["Content-Type"], response.content) == ("application/pdf", bytes(link.issue.pdf.content))
    assert AuditEntry.objects.first().action == "print handout at home"


# Pictures


def figures_of(link):
    return Handout.from_snapshot(link.issue.snapshot).items[0].figures


def test_sends_the_pictures_of_the_issue_and_no_others(link, home):
    for figure in figures_of(link):
        response = home.get(f"/p/figures/{figure.key}.svg")
        assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert home.get(f"/p/figures/{'0' * 64}.svg").status_code == 404
    assert home.get("/p/motion/1.svg").status_code == 200
    assert home.get("/p/motion/2.svg").status_code == 404
    moving = f'src="/p/motion/1.svg?v={figures_of(link)[0].key[:12]}"'  # a phone keeps it, also for the next program
    assert moving in text(home.get("/p/"))
    assert "/p/motion/2.svg" not in text(home.get("/p/"))


def test_shows_still_pictures_as_they_were_when_the_catalog_has_changed(link, home):
    from exercises.models import Exercise

    frozen = figures_of(link)
    before = [home.get(f"/p/figures/{figure.key}.svg").content for figure in frozen]
    changed = Exercise.objects.get(slug="lifted-bridge")
    changed.pose = {"start": {"posture": "standing"}}
    changed.save(update_fields=["pose"])

    assert [home.get(f"/p/figures/{figure.key}.svg").content for figure in frozen] == before
    assert home.get("/p/motion/1.svg").status_code == 404
    assert "/p/motion/1.svg" not in text(home.get("/p/"))


def test_draws_a_picture_that_was_not_kept(link, home, settings, tmp_path):
    settings.FIGURES_DIR = tmp_path

    assert home.get(f"/p/figures/{figures_of(link)[0].key}.svg").status_code == 200


def test_finds_the_pictures_of_an_issue_of_before_exercises_were_named_in_it(link):
    handout = Handout.from_snapshot(link.issue.snapshot)
    item = replace(handout.items[0], exercise="", side="", name="Lifted bridge")

    assert set(home_pictures.as_issued([item])) == {1}


# Notes


def note(home, what, link, **fields):
    fields = {"key": key_of(link), "day": today(), **fields}
    return home.post(f"/p/{what}/", fields)


def test_ticks_off_by_form(link, home):
    response = note(home, "tick", link, number=2, on="1")

    assert response["Location"] == "/p/#exercise-2"
    assert link.issue.ticks.get().number == 2
    page = text(home.get("/p/"))
    assert "1 of 4 done today" in page
    assert page.count("Done today. Undo</button>") == 1

    note(home, "tick", link, number=2, on="0")
    assert not link.issue.ticks.get().done


def test_notes_pain_by_form(link, home):
    response = note(home, "score", link, score=4)

    assert response["Location"] == "/p/#pain"
    assert link.issue.pain_scores.get().score == 4
    assert "Noted for today: 4" in text(home.get("/p/"))


@pytest.mark.parametrize("key", ["", "made up", "of another link"])
def test_notes_nothing_for_a_form_of_another_site(link, home, key):
    key = key_of(make_link()) if key == "of another link" else key

    for what, fields in (("tick", {"number": 1, "on": "1"}), ("score", {"score": 3})):
        assert note(home, what, link, key=key, **fields).status_code == 403
    assert sync(home, link, tick(), key=key).status_code == 403
    assert not link.issue.ticks.exists()
    assert not link.issue.pain_scores.exists()


@pytest.mark.parametrize(
    ("what", "fields"),
    [
        ("tick", {"number": 99, "on": "1"}),
        ("tick", {"number": "x", "on": "1"}),
        ("tick", {"number": 1, "on": "1", "day": "2001-01-01"}),
        ("tick", {"number": 1, "on": "1", "day": "<b>"}),
        ("score", {"score": 11}),
        ("score", {"score": ""}),
        ("score", {"score": 10**30}),
        ("score", {}),
    ],
)
def test_says_so_when_a_note_cannot_be_kept(link, home, what, fields):
    response = note(home, what, link, **fields)

    assert response.status_code == 422
    assert "That could not be saved." in text(response)


def tick(number=1, **changes):
    return {"kind": "tick", "day": today(), "number": number, "on": True, "at": timezone.now().isoformat(), **changes}


def score(value, **changes):
    return {"kind": "score", "day": today(), "score": value, "at": timezone.now().isoformat(), **changes}


def sync(home, link, *notes, key=None):
    body = json.dumps({"key": key_of(link) if key is None else key, "notes": notes})
    return home.post("/p/sync/", body, content_type="application/json", headers=SCRIPT)


def test_takes_what_a_phone_kept_however_often_it_is_sent(link, home):
    notes = [tick(1), tick(3), score(5), tick(1, on=False, at=timezone.now().isoformat())]

    answers = [sync(home, link, *notes).json() for _ in range(3)]

    assert answers == [{"kept": 4, "refused": 0}] * 3
    assert [row.number for row in link.issue.ticks.filter(done=True)] == [3]
    assert link.issue.pain_scores.get().score == 5


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize(
    "bad",
    [
        {},
        None,
        [],
        "tick",
        {"kind": "tick"},
        tick(number=None),
        tick(on="yes", day=3),
        tick(at="yesterday"),
        tick(number={"a": 1}),
        score("high"),
        score(1e400),
        score(3, kind="other"),
    ],
)
def test_keeps_the_rest_when_one_note_is_bad(link, home, bad):
    answer = sync(home, link, bad, tick(2))

    assert (answer.status_code, answer.json()["kept"]) == (200, 1)
    assert [row.number for row in link.issue.ticks.all()] == [2]


def test_takes_no_more_notes_at_once_than_the_page_sends(link, home):
    """More would have to be left out, and the phone lets go of what it sent."""
    assert f'data-most="{home_views.MOST_NOTES}"' in text(home.get("/p/"))
    assert sync(home, link, *[{}] * home_views.MOST_NOTES).json()["refused"] == home_views.MOST_NOTES

    assert sync(home, link, tick(2), *[{}] * home_views.MOST_NOTES).status_code == 400
    assert not link.issue.ticks.exists()


LISTS_IN_LISTS = "[" * 100_000
BODIES = [
    "",
    "{",
    "[]",
    "3",
    '{"key": "x"}',
    '{"notes": []}',
    '{"key": "x", "notes": 3}',
    HALF_A_LETTER,
    LISTS_IN_LISTS,
]


@pytest.mark.asvs("V15.3.5")
@pytest.mark.parametrize("body", BODIES, ids=lambda body: body[:24])
def test_answers_a_body_that_is_no_list_of_notes(home, body):
    assert home.post("/p/sync/", body, content_type="application/json").status_code == 400


def test_tells_a_script_why_it_may_not(link, home):
    assert sync(Client(), link, tick()).json() == {"said": "over"}
    revoked(link)
    assert sync(home, link, tick()).json() == {"said": "gone"}


# On the phone


def test_speaks_in_words_that_are_easy_to_read():
    def said(code):
        return [re.sub(r"[{}]", "", phrase) for phrase in languages.of(code).words.home.values()]

    assert readability.grade(said("en")) <= 6
    assert readability.spanish_ease(said("es")) >= 70


def standing_of(home) -> str:
    return re.search(r'data-standing="([^"]+)"', text(home.get("/p/")))[1]


def test_tells_a_kept_page_whether_its_link_still_works(link, home):
    kept = standing_of(home)

    assert Client().post("/p/standing/", {"standing": kept}).status_code == 200
    revoked(link)
    assert Client().post("/p/standing/", {"standing": kept}).status_code == 404


def test_can_be_put_on_a_home_screen(link, home):
    response = home.get("/p/app.webmanifest")
    said = response.json()

    assert response["Content-Type"] == "application/manifest+json"
    assert (said["start_url"], said["scope"], said["display"]) == ("/p/", "/p/", "standalone")
    assert patient_link.token_of(link.seed) not in text(response)
    for icon in said["icons"]:
        assert (settings.BASE_DIR / icon["src"].lstrip("/")).is_file()


def test_has_a_worker_whose_place_is_under_its_pages(client):
    response = client.get("/p/sw.js")

    assert response["Content-Type"].startswith("text/javascript")
    assert response["Cache-Control"] == "no-cache"


def test_leaves_the_phone(home):
    response = home.post("/p/leave/")

    assert "forget.js" in text(response)
    assert home.cookies["home"].value == ""
    assert Client().get("/p/leave/").status_code == 405


def test_is_read_by_those_of_the_clinic_alone(link):
    assert PatientLink.objects.visible_to(link.made_by).count() == 1
    assert not PatientLink.objects.visible_to(make_user()).exists()
