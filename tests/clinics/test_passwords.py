"""Which passwords are taken."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from clinics.models import Membership, User
from tests.conftest import make_clinic, make_user


@pytest.fixture
def person(db: None) -> User:
    user = make_user(clinic=make_clinic("Acme Knee and Back"))
    Membership.objects.create(clinic=make_clinic("Hillside"), user=user, role="trainer")
    return user


@pytest.mark.asvs("V6.2.1", "V6.2.5", "V6.2.9")
@pytest.mark.parametrize(
    "password",
    [
        "plain enough",
        "Ünïcode 🙂 words",
        "brasskettlelama!",
        "brass kettle and a lama " * 5 + "of mine.",
        "my patient lama eats thistles",
        "   a    b    ",
    ],
)
def test_takes_12_characters_of_any_kind(person: User, password: str) -> None:
    validate_password(password, person)


@pytest.mark.asvs("V6.2.1", "V6.2.4", "V6.2.11")
@pytest.mark.parametrize(
    "password",
    [
        "eleven chrs",
        "qwertyuiop123",
        "aaaaaaaaaaaaaaaa!",
        "x" * 128,
        "1q2w3e4r5t6y",
        "ReleaseFirst1!",
        "AcmePhysio2026",
        "acme knee 20262026",
        "Hillside-Clinic-1",
        "patientpatient123",
    ],
)
def test_refuses_short_common_and_near_ones(person: User, password: str) -> None:
    with pytest.raises(ValidationError):
        validate_password(password, person)
