"""What is logged holds no address that opens a patient's program, however it comes into a line."""

import io
import logging

import pytest
from django.conf import settings
from django.utils.module_loading import import_string

TOKEN = "Zk3v_Q-8mB1xTq7LrW2dYp9sHc4nJf6gA0eUiOoKt5E"


@pytest.fixture
def written() -> io.StringIO:
    """What `logger` has written in the site's own manner."""
    return io.StringIO()


@pytest.fixture
def logger(written: io.StringIO) -> logging.Logger:
    """A logger of its own, which nobody else listens to."""
    how = dict(settings.LOGGING["formatters"]["line"])
    handler = logging.StreamHandler(written)
    handler.setFormatter(import_string(how.pop("()"))(how["format"], style=how["style"]))
    made = logging.Logger("tests.logs")
    made.addHandler(handler)
    return made


def test_strikes_a_link_out_of_a_line(logger, written):
    logger.error("Not Found: %s", f"/p/{TOKEN}/done")

    assert written.getvalue().endswith("ERROR tests.logs Not Found: /p/…/done\n")


def test_strikes_a_link_out_of_a_traceback(logger, written):
    try:
        raise LookupError({"path": f"p/{TOKEN}", "whole": f"https://clinic.example/p/{TOKEN}"})
    except LookupError:
        logger.exception("It failed.")

    assert "Traceback" in written.getvalue()
    assert "https://clinic.example/p/…" in written.getvalue()
    assert TOKEN not in written.getvalue()


def test_a_call_whose_values_do_not_fit_is_written_and_fails_nobody(logger, written, capsys):
    logger.error("%s and %d", f"/p/{TOKEN}")  # noqa: PLE1206  # the mistake that is tried

    assert "logs '%s and %d' with ('/p/…',)" in written.getvalue()
    assert __file__ in written.getvalue()
    assert TOKEN not in written.getvalue() + "".join(capsys.readouterr())


def test_leaves_other_addresses_as_they_are(logger, written):
    logger.error("/static/p/icon.svg /p/short /exercises/supine-hamstring-stretch-with-strap/")

    assert "/static/p/icon.svg /p/short /exercises/supine-hamstring-stretch-with-strap/" in written.getvalue()


def test_the_site_writes_through_it():
    assert [handler["formatter"] for handler in settings.LOGGING["handlers"].values()] == ["line"]
