"""The evidence pages: what is known, how sure, and what is contested."""

import re
from types import SimpleNamespace

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from exercises import evidence_page
from exercises.evidence import CheckBasis, Citation, Claim, OutcomeMeasure
from exercises.models import Driver, ExerciseText
from exercises.vocabulary import CERTAINTIES, CITATION_STATUSES
from programs import checks
from tests.conftest import make_user, signed_in
from tests.reading import shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(loaded_catalog: object) -> Client:
    return signed_in(make_user())


def page_of(reader: Client, address: str) -> str:
    return shown(reader.get(address))


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        # session, user, memberships come first
        ("/evidence/", 3 + 8),
        ("/evidence/drivers/disc/", 3 + 2 + 6),
        ("/evidence/checks/pair_order/", 3 + 2 + 3),
    ],
)
def test_reads_in_a_fixed_number_of_queries(
    reader: Client, address: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(queries):
        assert reader.get(address).status_code == 200


@pytest.mark.parametrize("slug", ["bridge", "piriformis-stretch-supine"])
def test_an_exercise_takes_as_many_queries_with_claims_as_without(
    reader: Client, slug: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    reader.get(f"/exercises/{slug}/")

    # session, user, memberships; the exercise with its parts; edition, equipment, claims; the drivers that it suits
    with django_assert_num_queries(3 + 5 + 1 + 1 + 3 + 2):
        reader.get(f"/exercises/{slug}/")


@pytest.mark.parametrize("address", ["/evidence/", "/evidence/drivers/disc/", "/evidence/checks/side/"])
def test_is_for_people_who_are_signed_in(address: str) -> None:
    assert Client().get(address).status_code == 302


@pytest.mark.parametrize("address", ["/evidence/drivers/luck/", "/evidence/checks/luck/"])
def test_knows_nothing_of_what_is_not_there(reader: Client, address: str) -> None:
    assert reader.get(address).status_code == 404


def test_shows_every_driver_and_every_check(reader: Client) -> None:
    for driver in Driver.objects.all():
        page = page_of(reader, f"/evidence/drivers/{driver.slug}/")
        assert f"Suspected driver: {driver.name}" in page
        assert driver.direction in page
        assert driver.course in page
        for line in (*driver.careful, *driver.progress, *driver.regress, *driver.stop):
            assert line in page
    for basis in CheckBasis.objects.all():
        page = page_of(reader, f"/evidence/checks/{basis.slug}/")
        assert basis.asks in page
        assert basis.basis in page
        assert f"Certainty {basis.certainty}" in page


def test_has_a_page_for_every_rule_of_a_program(reader: Client) -> None:
    statuses = {rule: reader.get(f"/evidence/checks/{rule}/").status_code for rule in checks.RULES}

    assert statuses == dict.fromkeys(checks.RULES, 200)


def test_leads_to_every_driver_and_every_check(reader: Client) -> None:
    page = reader.get("/evidence/").content.decode()

    addresses = [
        *(f"/evidence/drivers/{slug}/" for slug in Driver.objects.values_list("slug", flat=True)),
        *(f"/evidence/checks/{slug}/" for slug in CheckBasis.objects.values_list("slug", flat=True)),
    ]
    assert [address for address in addresses if f'href="{address}"' not in page] == []


def test_shows_every_claim_reference_and_measure(reader: Client) -> None:
    page = page_of(reader, "/evidence/")

    for claim in Claim.objects.all():
        assert claim.claim in page
        assert claim.finding in page
        assert claim.we_say in page
    for measure in OutcomeMeasure.objects.all():
        assert measure.scoring in page
        assert measure.licence in page


def test_says_what_the_words_mean(reader: Client) -> None:
    page = page_of(reader, "/evidence/")

    for _, label in (*CERTAINTIES, *CITATION_STATUSES):
        assert label in page
    read = Citation.objects.filter(status="looked_up").count()
    assert f"not the full paper. ({read} sources)" in page


def test_gives_numbers_with_certainty_and_source(reader: Client) -> None:
    page = reader.get("/evidence/drivers/stenosis/").content.decode()

    said = re.search(r"LR\+ 7\.4 \(1\.9–30\).*?</li>", page, re.DOTALL)
    assert said
    assert "Certainty high. Record read." in said[0]
    number = re.search(r'href="#source-(\d+)"', said[0])
    assert number
    source = page.partition(f'id="source-{number[1]}"')[2].partition("</li>")[0]
    assert "Suri P, et al." in source
    assert "Record or abstract read" in source


def test_keeps_what_speaks_for_a_driver_apart_from_what_speaks_against(reader: Client) -> None:
    page = page_of(reader, "/evidence/drivers/stenosis/")

    supports, _, rest = page.partition("Speaks for it")[2].partition("Speaks against it")
    opposes = rest.partition("Contested")[0]
    assert "No leg pain when seated" in supports
    assert "Neurogenic claudication: absent" in opposes
    assert "No leg pain when seated" not in opposes


def test_shows_what_was_measured_and_speaks_neither_way(reader: Client) -> None:
    page = page_of(reader, "/evidence/drivers/pelvic/")

    neither = page.partition("Measured, and speaks neither way")[2]
    assert "Uneven ASIS and PSIS levels" in neither
    assert "clinical convention" in page.lower()


@pytest.mark.parametrize(
    ("exercise", "expected"),
    [
        pytest.param({"kind": "nerve_glide"}, ["nerve_glide"], id="a nerve glide"),
        pytest.param(
            {"kind": "static_stretch", "releases": {"hamstrings"}}, ["hamstring_stretch"], id="a hamstring stretch"
        ),
        pytest.param(
            {"kind": "self_massage", "releases": {"piriformis"}}, [], id="a ball on the buttock is no stretch"
        ),
        pytest.param(
            {"kind": "static_stretch", "releases": {"piriformis"}}, ["piriformis_stretch"], id="a piriformis stretch"
        ),
        pytest.param({"spinal_loading": "extension"}, ["extension"], id="a press-up"),
        pytest.param({"spinal_loading": "flexion_extension"}, [], id="cat-cow is no extension exercise"),
    ],
)
def test_families(exercise: dict[str, object], expected: list[str]) -> None:
    facts = SimpleNamespace(**{"kind": "mobility", "releases": set(), "spinal_loading": "neutral", **exercise})

    assert evidence_page.families(facts) == expected  # type: ignore[arg-type]  # all that it reads


def test_says_that_the_order_is_not_proven(reader: Client) -> None:
    assert "no trial that compares this order with another" in page_of(reader, "/evidence/")
    assert "No trial shows that this order does better" in page_of(reader, "/evidence/checks/pair_order/")


def test_cites_articles_by_author_and_title(reader: Client) -> None:
    page = page_of(reader, "/evidence/")

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
    page = page_of(reader, f"/exercises/{slug}/")

    assert said in page.partition("Contested")[2]


def test_an_exercise_says_how_sure_it_is(reader: Client) -> None:
    assert "Certainty low: how well founded this is, not how much it helps." in page_of(
        reader, "/exercises/piriformis-stretch-supine/"
    )


def test_an_exercise_leads_to_its_easier_and_harder_version(reader: Client) -> None:
    page = reader.get("/exercises/piriformis-stretch-supine/").content.decode()

    assert 'href="/exercises/pigeon-sitting/"' in page
    assert 'href="/exercises/pigeon-reclining/"' in page


def test_an_exercise_shows_its_words_in_spanish(reader: Client) -> None:
    page = reader.get("/exercises/piriformis-stretch-supine/").content.decode()

    assert 'lang="es"' in page
    assert "En español: Estiramiento del glúteo, acostado" in page
    assert "el tobillo derecho sobre el muslo izquierdo" in page
    assert "{side" not in page


def test_an_exercise_without_spanish_shows_none(reader: Client) -> None:
    ExerciseText.objects.filter(exercise__slug="bridge", language="es").delete()

    assert "En español" not in page_of(reader, "/exercises/bridge/")


def test_a_protocol_says_what_a_tested_direction_adds(reader: Client) -> None:
    assert "Press-up on your front Restore when extension was found to ease" in page_of(reader, "/protocols/")
