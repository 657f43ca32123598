"""A clinic's settings: who reaches them, what they take, and what they say when they don't."""

import base64
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinics import branding, records
from clinics.forms import ClinicForm
from clinics.models import AuditEntry, Clinic, Membership, Role
from clinics.uploads import LARGEST_FILE, MOST_KEPT
from tests.clinics.test_branding import SVG, picture
from tests.conftest import make_clinic, make_user, signed_in
from tests.reading import shown

pytestmark = pytest.mark.django_db

OTHERS = [role for role in Role if role != Role.CLINIC_ADMIN]
MISSING = 999_999
TYPED = {
    "name": "Lakeside",
    "phone": "(555) 010-4477",
    "email": "",
    "address": "",
    "website": "",
    "colour": "",
    "paper": "A4",
    "mail_policy": "link",
    "prints_links": "on",
    "idle_minutes": "15",
    "link_days": "90",
}


@pytest.fixture
def clinic():
    made = make_clinic()
    made.name, made.mail_policy = TYPED["name"], TYPED["mail_policy"]
    made.save(update_fields=["name", "mail_policy"])
    return made


@pytest.fixture
def by(clinic):
    return make_user(Role.CLINIC_ADMIN, clinic=clinic, name="Ruth Ekström")


@pytest.fixture
def client(by):
    return signed_in(by)


def address(clinic: Clinic) -> str:
    return reverse("clinic", args=[clinic.pk])


def save(client: Client, clinic: Clinic, **typed: object):
    """Send the page as it is shown now, with what was typed."""
    return client.post(address(clinic), TYPED | {"version": Clinic.objects.get(pk=clinic.pk).version} | typed)


def file(content: bytes, name: str = "logo.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def test_sends_signed_out_people_to_sign_in(clinic):
    for path in (reverse("own_clinic"), address(clinic), reverse("clinic_logo", args=[clinic.pk])):
        assert Client().get(path)["Location"] == f"/accounts/login/?next={path}"


def test_keeps_what_was_typed_when_the_session_ended(clinic):
    response = save(Client(), clinic, website="lakeside.example")

    assert response.status_code == 401
    assert 'value="lakeside.example"' in response.content.decode()


@pytest.mark.parametrize("role", OTHERS)
def test_refuses_other_roles(clinic, role):
    client = signed_in(make_user(role, clinic=clinic))

    answers = [client.get(reverse("own_clinic")), client.get(address(clinic)), save(client, clinic, name="Taken over")]

    assert [answer.status_code for answer in answers] == [403] * 3
    assert "Your role may not change the clinic's settings." in shown(answers[0])
    assert Clinic.objects.get(pk=clinic.pk).name == clinic.name


def test_answers_for_another_clinic_as_for_none(client):
    there = make_clinic()

    for send in (client.get, client.post):
        foreign, none = send(address(there)), send(reverse("clinic", args=[MISSING]))
        assert foreign.status_code == none.status_code == 404
        assert foreign.content == none.content


def test_lets_an_admin_here_change_nothing_there(client, by):
    there = make_clinic()
    Membership.objects.create(clinic=there, user=by, role=Role.THERAPIST)

    assert save(client, there, name="Taken over").status_code == 404
    assert Clinic.objects.get(pk=there.pk).name == there.name


def test_goes_to_ones_own_clinic(client, clinic):
    assert client.get(reverse("own_clinic"))["Location"] == address(clinic)


def test_lets_an_admin_of_several_choose(client, by, clinic):
    there = make_clinic("Hillside")
    Membership.objects.create(clinic=there, user=by, role=Role.CLINIC_ADMIN)

    page = client.get(reverse("own_clinic")).content.decode()

    assert f'href="{address(clinic)}"' in page
    assert f'href="{address(there)}"' in page


def test_offers_the_clinic_in_the_menu_to_its_admin_alone(client, clinic):
    assert 'href="/clinic/"' in client.get("/exercises/").content.decode()
    assert 'href="/clinic/"' not in signed_in(make_user(clinic=clinic)).get("/exercises/").content.decode()


def test_saves_what_changed_and_says_so(client, by, clinic):
    response = save(client, clinic, colour="0B5F66", website="lakeside.example", mail_policy="attach", link_days="30")

    kept = Clinic.objects.get(pk=clinic.pk)
    assert response["Location"] == address(clinic)
    assert (kept.colour, kept.website, kept.mail_policy, kept.link_days) == (
        "#0b5f66",
        "lakeside.example",
        "attach",
        30,
    )
    entry = AuditEntry.objects.get(action="change clinic")
    assert (entry.by, entry.clinic, entry.subject) == (by, clinic, f"clinic:{clinic.pk}")
    assert entry.detail == {"fields": ["colour", "link_days", "mail_policy", "website"], "version": 2}
    assert "Saved." in shown(client.get(address(clinic)))


def test_logs_nothing_when_nothing_changed(client, clinic):
    answer = client.post(address(clinic), TYPED, follow=True)

    assert "Nothing was changed." in shown(answer)
    assert not AuditEntry.objects.filter(action="change clinic").exists()


def test_undoes_no_change_of_another_admin(client, by, clinic):
    colleague = signed_in(make_user(Role.CLINIC_ADMIN, clinic=clinic))
    save(colleague, clinic, colour="#7a1f4b", mail_policy="none", logo=file(picture()))

    response = save(client, clinic, version=1, website="lakeside.example", phone="1")

    page, said = response.content.decode(), shown(response)
    assert response.status_code == 409
    assert "Somebody else changed these settings while you were typing." in said
    assert "Logo: another one Colour of the handout’s head: #7a1f4b By e-mail goes at most: Nothing" in said
    assert 'value="lakeside.example"' in page
    kept = Clinic.objects.get(pk=clinic.pk)
    assert (kept.website, kept.colour, kept.mail_policy) == ("", "#7a1f4b", "none")

    save(client, clinic, version=re.search(r'name="version" value="(\d+)"', page)[1], website="lakeside.example")

    kept.refresh_from_db()
    assert (kept.website, kept.colour, bool(kept.logo)) == ("lakeside.example", "", True)


@pytest.mark.parametrize("version", [10**30, -(10**30), "9" * 5000, -1, "x", ""])
def test_asks_to_look_again_where_the_hidden_version_is_none(client, clinic, version):
    response = save(client, clinic, version=version, website="lakeside.example")

    assert response.status_code == 409
    assert 'name="version" value="1"' in response.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).website == ""


def test_keeps_a_logo_that_was_chosen_while_another_admin_saved(client, clinic):
    save(client, clinic, prints_links="")

    page = save(client, clinic, version=1, logo=file(picture()))

    assert "print a code that opens the program on a phone: no" in shown(page).lower()
    assert 'name="kept_logo" value="' in page.content.decode()


def test_asks_nothing_when_both_saved_the_same(client, clinic):
    save(client, clinic, phone="1")

    assert save(client, clinic, version=1, phone="1").status_code == 302


def test_prints_no_codes_when_the_box_is_left_empty(client, clinic):
    client.post(
        address(clinic), {"version": 1} | {name: value for name, value in TYPED.items() if name != "prints_links"}
    )

    assert Clinic.objects.get(pk=clinic.pk).prints_links is False


def test_folds_what_must_stand_on_one_line(client, clinic):
    save(client, clinic, name="Lake\r\nside\tPT", address=" 12  Shore Road\u2028Lakeside ")

    kept = Clinic.objects.get(pk=clinic.pk)
    assert (kept.name, kept.address) == ("Lake side PT", "12 Shore Road Lakeside")


@pytest.mark.asvs("V2.2.1", "V2.2.2")
@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "", "This field is required."),
        ("name", "\0", "Null characters are not allowed."),
        ("name", "x" * 121, "at most 120 characters"),
        ("email", "hello", "Enter a valid email address."),
        ("email", "a@b.example\r\nBcc: x@y.example", "Enter a valid email address."),
        ("colour", "teal", "six digits or letters a to f"),
        ("colour", "#fc0", "The nearest darker colour that passes is #907300."),
        ("paper", "A3", "A3 is not one of the available choices."),
        ("mail_policy", "all", "all is not one of the available choices."),
        ("link_days", "0", "greater than or equal to 1"),
        ("link_days", "367", "less than or equal to 366"),
        ("link_days", "many", "Enter a whole number."),
        ("idle_minutes", "1", "greater than or equal to 2"),
        ("idle_minutes", "61", "less than or equal to 60"),
        ("retention_years", "0", "greater than or equal to 1"),
        ("retention_years", "101", "less than or equal to 100"),
    ],
)
def test_says_what_is_wrong_and_keeps_what_was_typed(client, clinic, field, text, words):
    response = save(client, clinic, website="typed.example", **{field: text})

    assert response.status_code == 422
    assert words in shown(response)
    assert 'value="typed.example"' in response.content.decode()
    assert Clinic.objects.get(pk=clinic.pk).website == ""


def test_offers_the_darker_colour_as_a_button_that_saves_it(client, clinic):
    page = save(client, clinic, colour="#fc0").content.decode()
    offered = re.search(r'name="use_colour" value="(#[0-9a-f]{6})"', page)[1]

    response = save(client, clinic, colour="#fc0", use_colour=offered)

    assert response.status_code == 302
    assert Clinic.objects.get(pk=clinic.pk).colour == offered == "#907300"


def test_keeps_a_logo_drawn_anew(client, clinic):
    save(client, clinic, logo=file(picture("JPEG", comment=b"secret"), "../../etc/logo.svg"))

    kept = bytes(Clinic.objects.get(pk=clinic.pk).logo)
    assert kept.startswith(b"\x89PNG")
    assert b"secret" not in kept
    assert branding.clean_logo(kept) == kept


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (SVG, "isn't a PNG, JPEG or WebP picture"),
        (picture()[:-30], "damaged"),
        (picture() + b"\0" * LARGEST_FILE * 2, "larger than 2 MB"),
        (b"", "The submitted file is empty."),
    ],
)
def test_refuses_what_is_no_logo_and_keeps_what_was_typed(client, clinic, content, words):
    response = save(client, clinic, website="typed.example", logo=file(content))

    assert response.status_code == 422
    assert words in shown(response)
    assert 'value="typed.example"' in response.content.decode()
    assert not Clinic.objects.get(pk=clinic.pk).logo


def test_never_takes_in_more_than_a_form_may_have(client, clinic, monkeypatch):
    sizes = []
    clean = branding.clean_logo
    monkeypatch.setattr(branding, "clean_logo", lambda content: sizes.append(len(content)) or clean(content))

    save(client, clinic, logo=file(b"x" * LARGEST_FILE * 3))

    assert sizes == [MOST_KEPT + 1]


def test_carries_a_good_logo_past_a_mistake_elsewhere(client, clinic):
    page = save(client, clinic, colour="#fc0", logo=file(picture())).content.decode()
    carried = re.search(r'name="kept_logo" value="([^"]+)"', page)[1]

    assert f'src="data:image/png;base64,{carried}"' in page
    save(client, clinic, kept_logo=carried)
    assert bytes(Clinic.objects.get(pk=clinic.pk).logo) == base64.b64decode(carried)


@pytest.mark.parametrize(
    ("site", "prints", "promised"),
    [("https://c.example", True, True), ("", True, False), ("https://c.example", False, False)],
)
def test_promises_a_code_on_the_sample_only_where_one_is_printed(client, clinic, settings, site, prints, promised):
    settings.SITE_ADDRESS = site
    Clinic.objects.filter(pk=clinic.pk).update(prints_links=prints)

    page = shown(client.get(address(clinic)))

    assert ("The code to scan is printed here." in page) == promised


@pytest.mark.parametrize("carried", ["no base64", "é", base64.b64encode(SVG).decode()])
def test_trusts_no_logo_because_it_was_carried(client, clinic, carried):
    save(client, clinic, kept_logo=carried)

    assert not Clinic.objects.get(pk=clinic.pk).logo


def test_takes_the_logo_off(client, clinic):
    save(client, clinic, logo=file(picture()))
    save(client, clinic, remove_logo="on")

    assert not Clinic.objects.get(pk=clinic.pk).logo
    assert [entry.detail for entry in AuditEntry.objects.filter(action="change clinic")] == [
        {"fields": ["logo"], "version": version} for version in (3, 2)
    ]


def test_leaves_the_logo_when_none_is_chosen(client, clinic):
    save(client, clinic, logo=file(picture()))
    save(client, clinic, phone="1")

    assert Clinic.objects.get(pk=clinic.pk).logo


def test_shows_what_was_typed_without_saving_it(client, clinic):
    response = save(client, clinic, name="Bayside", colour="#7a1f4b", look="1")

    page = response.content.decode()
    assert response.status_code == 200
    assert '<b class="clinic-name">Bayside</b>' in page
    assert "/clinic/colour-7a1f4b.css" in page
    assert Clinic.objects.get(pk=clinic.pk).name == clinic.name


def test_shows_the_head_of_a_handout_with_the_logo(client, clinic):
    save(client, clinic, logo=file(picture()))

    page = client.get(address(clinic)).content.decode()

    assert f'<img class="logo" src="{reverse("clinic_logo", args=[clinic.pk])}' in page
    assert "Maria Rivera" in page


@pytest.mark.asvs("V1.3.1")
def test_writes_markup_in_a_name_as_text(client, clinic):
    page = save(client, clinic, name="<script>alert(1)</script>", look="1").content.decode()

    assert "<script>alert" not in page


@pytest.mark.parametrize("role", Role)
def test_gives_the_logo_to_everyone_of_the_clinic(clinic, role):
    records.keep_logo(clinic, branding.clean_logo(picture()))

    response = signed_in(make_user(role, clinic=clinic)).get(reverse("clinic_logo", args=[clinic.pk]))

    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response["Cache-Control"]


def test_gives_no_logo_to_another_clinics_people_or_where_there_is_none(clinic):
    there = signed_in(make_user())
    path = reverse("clinic_logo", args=[clinic.pk])
    none = signed_in(make_user(clinic=clinic)).get(path)
    records.keep_logo(clinic, branding.clean_logo(picture()))

    foreign = there.get(path)

    assert (
        foreign.status_code == none.status_code == there.get(reverse("clinic_logo", args=[MISSING])).status_code == 404
    )
    assert foreign.content == none.content


def test_lets_browsers_keep_the_logo_that_is_named(client, clinic):
    logo = branding.clean_logo(picture())
    records.keep_logo(clinic, logo)
    path = reverse("clinic_logo", args=[clinic.pk])

    assert "immutable" in client.get(path, {"v": branding.key(logo)})["Cache-Control"]
    for other in ("", "0" * 64, "none"):
        assert "no-store" in client.get(path, {"v": other})["Cache-Control"]


def test_takes_no_post_where_there_is_nothing_to_change(client, clinic):
    for path in (reverse("own_clinic"), reverse("clinic_logo", args=[clinic.pk]), "/clinic/colour-0b5f66.css"):
        assert client.post(path).status_code == 405


def test_gives_a_colour_as_a_style_sheet(client):
    response = client.get("/clinic/colour-0b5f66.css")

    assert (response.status_code, response["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert response.content == b".handout { --accent: #0b5f66; }\n"


@pytest.mark.parametrize("digits", ["fc0", "0B5F66", "gggggg", "0b5f66--", "0b5f66-body"])
def test_gives_no_style_sheet_that_is_no_colour(client, digits):
    assert client.get(f"/clinic/colour-{digits}.css").status_code == 404


def test_writes_every_setting_that_is_on_the_form():
    assert set(records.EDITABLE) == {*ClinicForm.Meta.fields, "logo"}


def test_refuses_somebody_who_may_not_whatever_asks(clinic):
    with pytest.raises(PermissionDenied):
        records.update(clinic, {"name": "Taken over"}, seen_version=1, by=make_user(clinic=clinic))
