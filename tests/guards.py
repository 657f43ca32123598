"""Switch each guard off in a copy of the code, and see that its test fails: `script/guards`.

One whose test goes on passing isn't guarded by it, and the script ends with 1.
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent


class Guard(NamedTuple):
    """What `words` of a file become when it's off, and the tests that must fail then."""

    name: str
    file: str
    words: str
    off: str
    tests: str


GUARDS = (
    Guard(
        "forms that come back",
        "clinics/carried.py",
        "    if not target or not _is_ours(request):",
        "    if not target:",
        "tests/clinics/test_outage.py::test_gives_nothing_back_that_another_site_sent",
    ),
    Guard(
        "clinic filter",
        "patients/models.py",
        "        return self.filter(clinic__in=clinics_where(user, can))",
        "        return self.all()",
        "tests/programs/test_access.py::test_answers_for_another_clinics_record_as_for_none",
    ),
    Guard(
        "forged forms",
        "config/settings.py",
        '    "django.middleware.csrf.CsrfViewMiddleware",\n',
        "",
        "tests/faults/test_forged.py::test_a_form_of_another_site_changes_nothing_anywhere",
    ),
    Guard(
        "escaping",
        "templates/patients/bar.html",
        "{{ patient.name }}",
        "{{ patient.name|safe }}",
        "tests/faults/test_xss.py",
    ),
    Guard(
        "formulas in tables",
        "programs/record_views.py",
        "formulas.marked(cell) for cell in line.cells",
        "cell for cell in line.cells",
        "tests/faults/test_xss_elsewhere.py::test_no_cell_of_any_table_reckons_or_breaks_out_of_its_place",
    ),
    Guard(
        "what a PDF may fetch",
        "clinics/pdf.py",
        '                raise ValueError("it isn\'t part of the document")',
        "                return super().fetch(url, headers)",
        "tests/clinics/test_pdf.py::test_it_fetches_nothing",
    ),
    Guard(
        "tries at a password",
        "config/settings.py",
        '    "login_failed": "30/m/ip,5/m/key",\n',
        '    "login_failed": None,\n',
        "tests/clinics/test_tries.py",
    ),
    Guard(
        "tries at a link",
        "programs/link_misses.py",
        "    return misses.count() >= MOST",
        "    return False",
        "tests/programs/test_home_views.py::test_lets_nobody_guess_more_than_20_times_a_minute",
    ),
    Guard(
        "lease of a mail",
        "programs/delivery.py",
        "claimed = Delivery.objects.filter(pk=delivery.pk, lease_token=delivery.lease_token)",
        "claimed = Delivery.objects.filter(pk=delivery.pk)",
        "tests/faults/test_frozen_worker.py::test_a_frozen_workers_mail_is_taken_over_and_its_late_word_does_not_count",
    ),
    Guard(
        "version of a form",
        "programs/builder.py",
        "    if bench.program.version != seen_version:",
        "    if False:",
        "tests/programs/test_copying.py tests/programs/test_progressing.py",
    ),
    Guard(
        "audit log",
        "clinics/audit.py",
        "            AuditEntry.objects.create(",
        "            AuditEntry(",
        "tests/programs/test_audited.py::test_writes_exactly_one_entry",
    ),
    Guard(
        "second factor",
        "config/settings.py",
        '    "clinics.middleware.SecondFactorFirst",\n',
        "",
        "tests/clinics/test_second_factor.py::test_leads_who_has_none_to_set_one_up_before_anything_else",
    ),
    Guard(
        "leaked passwords",
        "clinics/passwords.py",
        "        if self._is_leaked(password):",
        "        if False:",
        "tests/security/test_passwords.py::test_each_of_a_million_leaked_ones_is_refused",
    ),
    Guard(
        "roles in the admin",
        "clinics/admin.py",
        "class RolesInline(ReadAlone, SiteOwnersOnly, admin.TabularInline):",
        "class RolesInline(admin.TabularInline):",
        "tests/clinics/test_admin.py::test_shows_roles_and_gives_none",
    ),
    Guard(
        "words of a search",
        "patients/searching.py",
        'PARAMETER: _keep(request, text) if text else ""}',
        "PARAMETER: text}",
        "tests/patients/test_searching.py::test_the_words_stand_in_no_address",
    ),
)


def main() -> None:
    missed = []
    with tempfile.TemporaryDirectory() as folder:
        tree = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
        subprocess.run(["tar", "-x", "-C", folder], input=tree.stdout, check=True)
        for guard in GUARDS:
            noticed = fails_without(guard, Path(folder))
            print(f"{guard.name:24}{'noticed' if noticed else 'NOT NOTICED'}", flush=True)
            missed += [] if noticed else [guard.name]
    print(f"{len(GUARDS) - len(missed)} of {len(GUARDS)} guards are missed when they are off.")
    sys.exit(1 if missed else 0)


def fails_without(guard: Guard, root: Path) -> bool:
    """Return whether a test fails (and not merely can't be run) while the guard is off."""
    path = root / guard.file
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace(guard.words, guard.off, 1), encoding="utf-8")
    asked = [sys.executable, "-m", "pytest", "-q", "-x", *guard.tests.split()]
    done = subprocess.run(asked, check=False, cwd=root, capture_output=True, text=True)
    path.write_text(whole, encoding="utf-8")
    return done.returncode == 1 and " failed" in done.stdout


if __name__ == "__main__":
    main()
