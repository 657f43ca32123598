"""The catalog with many exercises: lists ask as many queries as with few, and show a page."""

import pytest

from clinics.models import User
from exercises.models import Exercise
from tests.conftest import make_driver, make_exercise, numbers, signed_in

ADMIN = "/admin/exercises/exercise/"


def make_many(count: int) -> None:
    one = make_exercise("Lunge", releases=["piriformis"])
    make_driver("disc")
    values = {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields if field.name != "id"}
    Exercise.objects.bulk_create(
        Exercise(**values | {"slug": f"lunge-{number}", "name": f"Lunge {number}"}) for number in range(1, count)
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [4, 400])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        # session, user, memberships; counts, keys, exercises, three prefetches, equipment; drivers
        pytest.param("/exercises/", 11, id="list"),
        pytest.param("/exercises/?q=lunge&phase=strengthen", 11, id="search"),
        # session, user, memberships; all, found, rows, drivers of the filter
        pytest.param(ADMIN, 7, id="admin"),
        pytest.param(f"{ADMIN}?q=lunge&status__exact=published", 7, id="admin, search and filter"),
        pytest.param(
            "/admin/autocomplete/?app_label=exercises&model_name=exercise&field_name=progression&term=lun",
            4,
            id="admin, complete",
        ),
    ],
)
def test_asks_the_same_queries_for_any_number(address, queries, count, django_assert_num_queries):
    make_many(count)
    user = User.objects.create(email=f"e{next(numbers)}@clinic.invalid", is_staff=True, is_superuser=True)
    client = signed_in(user)

    with django_assert_num_queries(queries):
        page = client.get(address).content

    assert len(page) < 400_000
