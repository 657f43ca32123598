"""Guessing at passwords: counted before anything is hashed, in a place that all workers share."""

import threading
import time

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory

from clinics import devices, hashers, presence, security
from clinics.hashers import Busy, SmallArgon2
from clinics.models import User
from tests.clinics.accounts import is_in, log_in, mails, make_person

FULL = "Too many failed login attempts"


@pytest.fixture
def person(db: None) -> User:
    cache.clear()
    return make_person()


@pytest.fixture
def stranger(db: None) -> User:
    return make_person()


@pytest.fixture
def checks(monkeypatch) -> list[str]:
    """Each password that is hashed from now on; hashing takes no time."""
    made: list[str] = []
    monkeypatch.setattr(SmallArgon2, "verify", lambda self, password, encoded: made.append(password))
    monkeypatch.setattr(SmallArgon2, "encode", lambda self, password, salt: made.append(password) or "argon2$x")
    return made


def known_to(person: User) -> Client:
    """Return a browser that this person signed in with before."""
    client, response = Client(), HttpResponse()
    devices.remember(RequestFactory().get("/"), response, person.email)
    client.cookies["device"] = response.cookies["device"].value
    return client


def guess(client: Client, email: str, count: int, **more: str) -> str:
    """Try wrong passwords and return the last page."""
    for number in range(count):
        page = client.post("/accounts/login/", {"login": email, "password": f"guess {number}"}, **more)
    return page.content.decode()


@pytest.mark.asvs("V6.3.1")
@pytest.mark.parametrize("email", ["known", "unknown"])
def test_hashes_five_tries_a_minute_for_an_account_whether_or_not_there_is_one(person, checks, email) -> None:
    address = person.email if email == "known" else "nobody@clinic.invalid"

    page = guess(Client(), address, 20)

    assert len(checks) == 5
    assert FULL in page


@pytest.mark.parametrize("spelled", [str.upper, lambda email: f" {email} "])
def test_other_spellings_of_the_address_give_no_more_tries(person, checks, spelled) -> None:
    guess(Client(), person.email, 5)

    guess(Client(), spelled(person.email), 5)

    assert len(checks) == 5


@pytest.mark.asvs("V6.1.1")
def test_who_guesses_elsewhere_locks_nobody_out_of_a_browser_they_used_before(person) -> None:
    own = Client()
    log_in(own, person)
    own.post("/accounts/logout/")

    guess(Client(REMOTE_ADDR="192.0.2.66"), person.email, 6)

    log_in(own, person)
    assert is_in(own)


def test_even_when_it_is_from_the_same_address(person) -> None:
    own = Client()
    log_in(own, person)
    own.post("/accounts/logout/")

    for number in range(31):
        guess(Client(), f"nobody{number}@clinic.invalid", 1)
    assert FULL in guess(Client(), "somebody@clinic.invalid", 1)

    log_in(own, person)
    assert is_in(own)


def test_a_browser_that_is_known_has_no_endless_tries(person, checks) -> None:
    client = Client()
    from django.http import HttpResponse
    from django.test import RequestFactory

    from clinics import devices

    response = HttpResponse()
    devices.remember(RequestFactory().get("/"), response, person.email)
    client.cookies["device"] = response.cookies["device"].value

    guess(client, person.email, 20)
    guess(Client(), person.email, 20)

    assert len(checks) == 10


def test_a_browser_known_for_one_account_is_not_for_another(person, stranger, checks) -> None:
    mine = known_to(stranger)

    guess(Client(), person.email, 5)
    guess(mine, person.email, 5)

    assert len(checks) == 5


@pytest.mark.parametrize("forged", ["10.0.0.{}", "10.0.0.{}, 10.9.9.9", "::{}"])
def test_forged_addresses_give_no_more_tries(person, checks, forged) -> None:
    for number in range(40):
        guess(Client(), f"nobody{number}@clinic.invalid", 1, HTTP_X_FORWARDED_FOR=forged.format(number))

    assert len(checks) == 30


def test_behind_a_proxy_the_last_address_counts(person, checks, settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

    for number in range(40):
        forged = f"10.0.0.{number}, 192.0.2.7"
        guess(Client(), f"nobody{number}@clinic.invalid", 1, HTTP_X_FORWARDED_FOR=forged)
    guess(Client(), "else@clinic.invalid", 1, HTTP_X_FORWARDED_FOR="192.0.2.8")

    assert len(checks) == 31


def test_right_passwords_use_up_no_tries(person) -> None:
    for _ in range(7):
        client = Client()
        log_in(client, person)
        assert is_in(client)


def test_hashes_one_password_at_a_time_per_core(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(hashers, "_lock_file", lambda number: tmp_path / str(number))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    at_once, most, lock = 0, 0, threading.Lock()

    def hash_one() -> None:
        nonlocal at_once, most
        with hashers.a_core():
            with lock:
                at_once += 1
                most = max(most, at_once)
            time.sleep(0.01)
            with lock:
                at_once -= 1

    threads = [threading.Thread(target=hash_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 2


def test_says_that_it_is_full_when_all_cores_stay_busy(person, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(hashers, "_lock_file", lambda number: tmp_path / str(number))
    monkeypatch.setattr(hashers, "PATIENCE_S", 0)
    monkeypatch.setattr("os.cpu_count", lambda: 1)

    with hashers.a_core():
        response = log_in(Client(), person)
        with pytest.raises(Busy), hashers.a_core():
            pass

    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert log_in(Client(), person).status_code == 302


def sent(client: Client, address: str, fields: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Return status, headers and page of an answer, without what differs each time."""
    response = client.post(address, fields)
    page = response.content.decode().replace(fields.get("login", "-"), "").replace(fields.get("email", "-"), "")
    page = "".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)
    headers = {name: value for name, value in response.headers.items() if name not in {"Content-Length", "Expires"}}
    return response.status_code, headers, page


@pytest.mark.parametrize(
    ("address", "field"), [("/accounts/login/", "login"), ("/accounts/password/reset/", "email"), ("/resume/", "login")]
)
@pytest.mark.asvs("V6.4.3")
def test_answers_alike_for_accounts_that_are_there_and_not(person, address, field) -> None:
    more = {"password": "a wrong password", "resume_target": "/exercises/"} if field == "login" else {}

    there = sent(Client(), address, {field: person.email, **more})
    not_there = sent(Client(), address, {field: "nobody@clinic.invalid", **more})

    assert there == not_there
    assert len(mails()) == (field == "email")


@pytest.mark.asvs("V6.1.1", "V7.1.1", "V7.1.2")
def test_the_limits_are_those_that_are_written_down(settings) -> None:
    text = (settings.BASE_DIR / "docs/auth.md").read_text(encoding="utf-8")

    assert settings.ACCOUNT_RATE_LIMITS == {
        "login": None,
        "login_failed": "30/m/ip,5/m/key",
        "sign_in_known": "5/m/key",
        "lock_noted": "1/m/ip",
    }
    assert f"| session without use | {presence.IDLE_MINUTES} minutes, 2 to 60 by clinic |" in text
    assert f"| session in all | {presence.LONGEST_S // 3600} hours |" in text
    assert f"| sessions of a person | {security.MOST_SESSIONS}; the oldest ends |" in text
    assert f"wait longer than {hashers.PATIENCE_S:.0f} s" in text
    assert f"once in {settings.ACCOUNT_REAUTHENTICATION_TIMEOUT // 60} minutes" in text
    assert "| wrong passwords for an account, whether or not there is one | 5 a minute |" in text
    assert "| 30 a minute; not for browsers" in text
