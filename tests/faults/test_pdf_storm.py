"""F27: one clinic asks for fifty handouts in ten seconds; others' pages and handouts come as if it hadn't.

The figures are logged: `pytest -o log_cli=true --log-cli-level=INFO`.
"""

import logging
from statistics import median

import pytest

from tests.conftest import DEEP
from tests.faults import seeds, storm
from tests.faults.websites import served

pytestmark = [pytest.mark.fault, pytest.mark.django_db]

log = logging.getLogger(__name__)

COUNT, WITHIN_S = (50, 10) if DEEP else (16, 2)
# On a machine that does nothing else; a plain run shares its own with others.
PAGE_P95_S, ALL_DONE_S, OTHERS_S = (0.5, 60, 10) if DEEP else (10, 170, 60)


@pytest.mark.asvs("V15.2.2", "V2.4.1")
def test_a_clinic_that_floods_the_site_keeps_nobody_else_waiting(place):
    (flooding, theirs), (other, mine) = place.run(seeds.clinics, 2, 5)
    with served(place) as website:
        here = storm.person(website, other)
        here.ask("GET", f"/programs/{mine[0]}/preview.pdf")
        with storm.at_work(here, mine[0]) as (pages, sheets):
            before = website.cpu_s()
            flood = storm.flood(storm.person(website, flooding), theirs, count=COUNT, within_s=WITHIN_S)
        spent = website.cpu_s() - before
    log.info("%s handouts within %s s: all there after %.1f s", COUNT, WITHIN_S, flood.all_done_s)
    log.info("the workers' processor time, pages included: %.1f s", spent)
    log.info("theirs waited %.2f s at most, asked %s times", max(flood.seconds), sum(flood.answers.values()))
    log.info("another's waited %.2f s at most, for %s handouts", max(sheets.seconds), len(sheets.seconds))
    log.info("%s pages: p95 %.3f s, longest %.3f s", len(pages.seconds), pages.p95, max(pages.seconds))
    assert flood.answers[200] == COUNT
    assert flood.answers[200] + flood.answers[503] == sum(flood.answers.values())
    assert set(sheets.answers) == set(pages.answers) == {200}  # there was always a place for them
    assert pages.p95 < PAGE_P95_S
    assert flood.all_done_s < ALL_DONE_S
    assert max(sheets.seconds) < OTHERS_S
    assert median(sheets.seconds) < median(flood.seconds)
