"""What a password may not lean on: words that anybody would try for this product or this clinic."""

import re
from typing import Any

from django.core.exceptions import ValidationError

from clinics.models import Clinic, User

WORDS = {
    *("releasefirst", "release", "first", "strengthen", "sciatica", "rehab", "health", "exercise", "exercises"),
    *("physio", "physiotherapy", "physical", "therapy", "therapist", "therapists", "doctor", "patient", "patients"),
    *("clinic", "clinics", "password", "passwort"),
}
SHORTEST_REST = 8
MESSAGE = "This password leans on words that anybody would try here. Add something of your own, or take other words."


class NoWordsOfThePlace:
    """Refuses a password of which too little is left without such words, the clinics' names, digits and signs."""

    def validate(self, password: str, user: Any = None) -> None:
        rest = password.casefold()
        for word in sorted(WORDS | _names_of_clinics(user), key=len, reverse=True):
            rest = rest.replace(word, " ")
        letters = re.sub(r"[\W\d_]", "", rest)
        if len(letters) < SHORTEST_REST and rest != password.casefold():
            raise ValidationError(MESSAGE, code="words_of_the_place")

    def get_help_text(self) -> str:
        return "Not the clinic’s name or your work with a number behind it."


def _names_of_clinics(user: Any) -> set[str]:
    """Return the words of four letters or more in the names of the person's clinics."""
    if not isinstance(user, User) or user.pk is None:
        return set()
    names = Clinic.objects.filter(memberships__user_id=user.pk).values_list("name", flat=True)
    return {word for name in names for word in re.findall(r"\w{4,}", name.casefold())}
