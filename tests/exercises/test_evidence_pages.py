"""The evidence pages: what is known, how sure, and what is contested."""

import html
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exercises.evidence import CheckBasis
from exercises.models import Driver
from tests.conftest import make_user, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(loaded_catalog: object) -> Client:
    return signed_in(make_user())


def shown(reader: Client, address: str) -> str:
    page = reader.get(address).content.decode()
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page)).split())


@pytest.mark.parametrize(
    ("address", "queries"),
    [("/evidence/", 10), ("/evidence/drivers/disc/", 11), ("/evidence/checks/pair_order/", 8)],
)
def test_reads_in_a_fixed_number_of_queries(
    reader: Client, address: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(queries):
        assert reader.get(address).status_code == 200


@pytest.mark.parametrize("address", ["/evidence/", "/evidence/drivers/disc/", "/evidence/checks/side/"])
def test_is_for_people_who_are_signed_in(address: str) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", ["/evidence/drivers/luck/", "/evidence/checks/luck/"])
def test_knows_nothing_of_what_is_not_there(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_shows_every_driver_and_every_check(reader: Client) -> None:
    for driver in Driver.objects.all():
        page = shown(reader, f"/evidence/drivers/{driver.slug}/")
        assert "Supports it" in page
        assert driver.progress[0] in page
    for basis in CheckBasis.objects.all():
        assert basis.basis in shown(reader, f"/evidence/checks/{basis.slug}/")


def test_gives_numbers_with_certainty_and_source(reader: Client) -> None:
    page = shown(reader, "/evidence/drivers/stenosis/")

    assert "LR+ 7.4 (1.9–30)" in page
    assert "Certainty high. Suri P, et al." in page


def test_says_that_the_order_is_not_proven(reader: Client) -> None:
    assert "no trial that compares this order with another" in shown(reader, "/evidence/")
    assert "No trial shows that this order does better" in shown(reader, "/evidence/checks/pair_order/")


def test_cites_articles_by_author_and_title(reader: Client) -> None:
    page = shown(reader, "/evidence/")

    assert "RESTORE Pain Therapy. The structural cause of sciatica" in page
    assert not re.search(r"\bseed|\.txt|\d{3}_[0-9a-f]{8}", page, re.IGNORECASE)


@pytest.mark.parametrize(
    ("slug", "said"),
    [
        ("sciatic-slider-seated", "Coppieters"),
        ("piriformis-stretch-supine", "Tonley"),
        ("press-up-prone", "Long"),
    ],
)
def test_an_exercise_shows_what_is_contested_about_its_family(reader: Client, slug: str, said: str) -> None:
    page = shown(reader, f"/exercises/{slug}/")

    assert "Contested" in page
    assert said in page


def test_an_exercise_shows_its_words_in_spanish(reader: Client) -> None:
    page = reader.get("/exercises/piriformis-stretch-supine/").content.decode()

    assert 'lang="es"' in page
    assert "En español:" in page
    assert "{side" not in page


def test_a_protocol_says_what_a_tested_direction_adds(reader: Client) -> None:
    assert "Press-up on your front Restore when extension was found to ease" in shown(reader, "/protocols/")
