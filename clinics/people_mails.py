"""The mails about who works in a clinic or runs the site, one function per message. They name no patient."""

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from clinics.models import Invitation, Membership, User
from clinics.people import admins_of


def invitation(invited: Invitation, address: str) -> EmailMultiAlternatives:
    """To somebody who is to work in the clinic: the link that takes the invitation."""
    page = {"clinic": invited.clinic.name, "role": invited.get_role_display().lower(), "link": address}
    return _written("invitation", page, to=[invited.email])


def new_admin(membership: Membership, by: User | None) -> EmailMultiAlternatives:
    """To all admins of a clinic: somebody is one now, who can change settings and people."""
    page = {"clinic": membership.clinic.name, "person": str(membership.user), "by": str(by or "")}
    return _written("new_admin", page, to=list(admins_of(membership.clinic_id).values_list("user__email", flat=True)))


def new_owner(user: User, by: User) -> EmailMultiAlternatives:
    """To all who run the site: somebody does now, who can see and change everything."""
    owners = User.objects.filter(is_superuser=True, is_active=True).order_by("email")
    return _written("new_owner", {"person": str(user), "by": str(by)}, to=list(owners.values_list("email", flat=True)))


def _written(message: str, page: dict[str, str], *, to: list[str]) -> EmailMultiAlternatives:
    """Return the mail that a template says, whose first line is the subject; the HTML says the same."""
    subject, _, text = render_to_string(f"email/{message}.txt", page).strip().partition("\n")
    paragraphs = [part.strip() for part in text.split("\n\n") if part.strip()]
    shown = {"language": "en", "subject": subject, "paragraphs": paragraphs, "link": page.get("link", "")}
    mail = EmailMultiAlternatives(" ".join(subject.split()), text.strip() + "\n", to=to)
    mail.attach_alternative(render_to_string("email/mail.html", shown), "text/html")
    return mail
