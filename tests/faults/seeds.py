"""What workers find in a place of their own."""

from django.test.utils import setup_test_environment

from programs import delivery, patient_link
from programs.models import Issue
from tests.conftest import make_user
from tests.faults import fifty_posts
from tests.programs.home import make_link
from tests.programs.samples import make_issue


def mails(count: int) -> None:
    """Queue so many mails of one handout."""
    by = make_user()
    issue = make_issue(by=by)
    for number in range(count):
        delivery.queue_handout(issue, to=f"p{number}@patients.invalid", form_key=f"key-{number}", by=by)


def another_mail() -> None:
    """Queue one more mail of the handout that is there."""
    issue = Issue.objects.get()
    delivery.queue_handout(issue, to="maria@patients.invalid", form_key="another", by=issue.issued_by)


def link() -> tuple[int, str, int]:
    """Make a patient's link; return its key, its token, and who made it."""
    made = make_link()
    return made.pk, patient_link.token_of(made.seed), made.made_by_id


def posts(how: str) -> dict:
    """Press Send on one form many times at once; return what came of it."""
    setup_test_environment()
    return fifty_posts.press_at_once(how)
