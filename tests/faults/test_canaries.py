"""F32: what is typed about patients is found in no log and no address, and what is sealed in no file."""

import pytest

from tests.faults import canaries
from tests.test_inventory import rows

pytestmark = pytest.mark.fault
# What the site itself writes of the same words.
MADE = {"programs.Program.edits", "programs.Issue.snapshot", "programs.StoredPdf.content", "programs.Delivery.trouble"}
MADE |= {"patients.PatientChange.old", "patients.PatientChange.new"}
# Mail has to be readable for whoever it goes to; the demo alone keeps a folder of it, and this run has none.


@pytest.mark.asvs("V14.2.1", "V14.2.2", "V14.2.4", "V16.2.5")
def test_two_hundred_words_are_found_in_no_log_and_the_sealed_ones_nowhere(place):
    after = place.run(canaries.main_job, str(place.database.parent))

    typed, found, kinds = after["typed"], after["found"], {row.name: row for row in rows()}
    assert sum(map(len, typed.values())) >= 200
    in_clear = {"patients.Patient.name"}
    sealed = {name for name, row in kinds.items() if row.sealed != "no" and row.retained == "record"}
    assert set(typed) == in_clear | (sealed - MADE)
    wal = f"{place.database.name}-wal"
    assert after["files"][wal] > 1_000_000
    assert found[wal] == sorted(in_clear)  # it is read as it lies there: names are seen
    for name, seen in found.items():
        assert set(seen) <= (in_clear if name in {wal, place.database.name} else set()), name
    assert '"class": "RuntimeError"' in after["log"]
    assert len(after["addresses"]) > 50
