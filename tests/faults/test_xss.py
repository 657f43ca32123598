"""F13: markup in every text field stays text: on pages, in the admin and where a handout is previewed."""

from collections import Counter

import pytest

from tests.conftest import DEEP
from tests.everywhere import Site, site
from tests.faults.markup import PAYLOADS, harmless, shape, write

__all__ = ["site"]

pytestmark = [pytest.mark.django_db, pytest.mark.fault]

TRIED = PAYLOADS if DEEP else PAYLOADS[:1]
# These end what the rest needs, or list the looks of this very crawl.
LEFT_OUT = {"home_leave", "account_logout", "admin:logout", "clinic_log", "admin:clinics_auditentry_changelist"}


def shapes(site: Site) -> dict[str, list[tuple[str, ...]]]:
    found = {}
    for who in ("therapist", "admin", "root", "home"):
        client = site.client(who)
        for route in site.routes():
            if route.who == who and not route.path.endswith(".pdf") and route.name not in LEFT_OUT:
                page = client.get(route.path)
                if "text/html" in page.get("Content-Type", "") and page.status_code == 200:
                    found[route.name] = shape(page.getvalue().decode())
    return found


@pytest.mark.asvs("V1.2.1", "V1.2.2", "V1.2.3", "V1.3.5")
@pytest.mark.parametrize("payload", TRIED)
def test_markup_that_somebody_typed_stays_text_on_every_page(site, settings, payload):
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = float("inf")  # nobody is asked again who they are
    write(harmless(payload))
    plain = shapes(site)
    write(payload)
    found = shapes(site)

    assert len(plain) > 100
    assert set(plain) >= {"record", "disclosures", "people", "home", "mfa_index"}
    added = {name: Counter(found[name]) - Counter(plain[name]) for name in plain}
    assert {name: more for name, more in added.items() if more} == {}
