"""All pages of the site, everybody who may ask for them, and what is answered: what the sweep of access shares."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from clinics import people, routes
from clinics.models import ClinicLogo, Membership, Role, User
from clinics.routes import Route
from exercises import own, revisions
from exercises.evidence import CheckBasis
from exercises.models import CatalogImport, Exercise, KeptField
from patients.rights import LegalHold
from programs import patient_link
from programs.models import Issue
from tests.conftest import make_editor, make_exercise, signed_in
from tests.programs.clinical import screen
from tests.programs.handout_samples import make_handout
from tests.programs.home import POSE, at_home
from tests.programs.places import Place

METHODS = ("GET", "POST", "PUT", "DELETE")
OF_NO_PAGE = {"PUT", "DELETE"}  # refused before anybody is asked who they are
MISSING = 987_654
SOME_PASSWORD = "pbkdf2_sha256$1$salt$hash"
# What only the record of somebody's own sign-in or of the shared catalog says is nobody's clinic's.
OF_NO_CLINIC = {"", "own sign-in", "visit", "token"}
# Written whenever somebody asks for something, refused or not.
BESIDE = {"auditentry", "session", "usersession"}


@dataclass(frozen=True)
class Actor:
    """Somebody who asks: their column of the table, and their browser; `foreign` are people of another clinic."""

    name: str
    column: str
    client: Client
    user: User | None = None
    foreign: bool = False


class Site(Place):
    """A place with an exercise of its own, a raised flag, a handout to open at home, and what signing in leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.admin = self.person(Role.CLINIC_ADMIN)
        self.shared = Exercise.objects.filter(slug="shared-bridge").first() or _shared(self.admin)
        self.own = own.clone(self.shared, clinic=self.clinic, by=self.admin)
        screen(self.patient, by=self.therapist, yes=("fever",))
        self.flag = self.patient.raised_flags.latest("pk")
        ClinicLogo.objects.create(clinic=self.clinic, png=b"PNG")
        Issue.objects.filter(pk=self.issue.pk).update(snapshot=make_handout().to_snapshot())
        self.basis = CheckBasis.objects.get_or_create(slug="no-phase", defaults={"title": "A", "certainty": "low"})[0]
        key = Authenticator.Type.WEBAUTHN
        keyed = self.person(Role.THERAPIST)
        self.membership = keyed.memberships.get()
        self.token = people.invite(self.clinic, email="new@clinic.invalid", role=Role.TRAINER, by=self.admin)
        self.invited = self.clinic.invitations.get()
        self.hold = LegalHold.objects.create(patient=self.patient, why="Dispute", placed_by=self.admin)
        self.passkey = Authenticator.objects.create(user=keyed, type=key, data={"name": "K", "credential": {}})
        now = timezone.now()
        values = {"user": keyed, "created_at": now, "last_seen_at": now, "ip": "::1", "data": {}}
        self.session = UserSession.objects.create(session_key=f"key-{self.clinic.pk}", **values)

    def person(self, role: str) -> User:
        """Return somebody with a password, though nobody knows which."""
        return _with_password(super().person(role))

    def record(self, name: str, *, shared: bool) -> Any:
        """Return what stands in an address for the part of this name."""
        exercise = self.shared if shared else self.own
        kept = {
            "patient_id": self.patient.pk,
            "program_id": self.program.pk,
            "issue_id": self.issue.pk,
            "link_id": self.link.pk,
            "delivery_id": self.delivery.pk,
            "sign_off_id": self.sign_off.pk,
            "protocol_id": self.protocol.pk,
            "clinic_id": self.clinic.pk,
            "flag_id": self.flag.pk,
            "pk": self.passkey.pk,
            "session_id": self.session.pk,
            "slug": exercise.slug,
            "row_id": exercise.pk,
            "membership_id": self.membership.pk,
            "invitation_id": self.invited.pk,
            "key": self.item.pk,
            "hold_id": self.hold.pk,
            "user_id": self.membership.user_id,
        }
        return kept[name]


@dataclass(frozen=True)
class Page:
    """A page of the site: its row of the table, and the parts of its address."""

    row: Route
    parts: tuple[str, ...]

    def address(self, site: Site, *, shared: bool = False, missing: bool = False) -> str:
        """Return where the page of the site's records is, or of records that there aren't."""
        fixed = {"kind": "exercise", "number": 1, "digits": "0b5f66", "view": "front", "uidb36": "1"}
        fixed |= {"token": patient_link.token_of(site.link.seed), "version": 1}
        by_name = {"driver_evidence": {"slug": "piriformis"}, "check_evidence": {"slug": site.basis.slug}}
        by_name |= {"home_figure": {"key": "none"}, "account_reset_password_from_key": {"key": "none"}}
        by_name |= {
            "join": {"token": site.token},
            "program_exercise": {"slug": site.exercise.slug},
            "home_motion": {"number": 1},
        }
        fixed |= by_name.get(self.row.name, {})
        fixed |= {"job_id": _first(CatalogImport), "kept_id": _first(KeptField)}
        first, values = True, {}
        for part in self.parts:
            if part in fixed:
                values[part] = fixed[part]
            elif missing and first:
                values[part], first = ("no-such-exercise" if part == "slug" else MISSING), False
            else:
                values[part] = site.record(part, shared=shared)
        return reverse(self.row.name, kwargs=values)

    @property
    def names_a_record(self) -> bool:
        """Whether the address names something that belongs to a clinic."""
        return self.row.record not in OF_NO_CLINIC


def pages() -> list[Page]:
    """Return the site's own pages; those of the admin and of libraries without a name aren't reached by name."""
    found = {}
    for name, pattern in named():
        if not name.startswith("admin:"):
            row = routes.route(name)
            assert row, f"{name} has no row in clinics/access.csv"
            found[name] = Page(row, tuple(pattern.pattern.regex.groupindex))
    return list(found.values())


def named(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Walk over all addresses of the site, each with its name as requests know it."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield space + (pattern.name or pattern.lookup_str), pattern


def actors(here: Site, there: Site) -> list[Actor]:
    """Return everybody who may ask: nobody, each role here, people of elsewhere, and those who keep the site."""
    ex = here.person(Role.THERAPIST)
    found = [Actor("signed out", "signed_out", Client()), Actor("patient", "patient_link", at_home(here.link))]
    for role in Role.values:
        user = here.therapist if role == Role.THERAPIST else here.person(role)
        found.append(Actor(f"{role} here", role, signed_in(user), user))
    for role in (Role.THERAPIST, Role.CLINIC_ADMIN):
        user = there.person(role)
        found.append(Actor(f"{role} elsewhere", role, signed_in(user), user, foreign=True))
    gone = signed_in(ex)
    Membership.objects.filter(user=ex).delete()
    found.append(Actor("ex-member", "nobody", gone, ex, foreign=True))
    editor = _with_password(make_editor())
    found.append(Actor("catalog editor", "catalog_editor", signed_in(editor), editor))
    owner = _with_password(User.objects.create_superuser("owner@site.invalid", name="Owner"))
    found.append(Actor("superuser without membership", "site_owner", signed_in(owner), owner))
    return found


def expected(page: Page, actor: Actor, method: str) -> str:
    """Return what the table says: “in”, “sign in”, “method”, or “shut”, which a page that isn't there is, too."""
    row = page.row
    if method in OF_NO_PAGE or (not row.takes(method) and (actor.user or {"signed_out", "patient_link"} & row.actors)):
        return "method"
    if row.record == "visit" and actor.column != "patient_link" and "signed_out" not in row.actors:
        return "sign in"
    if not ({"signed_out", actor.column} & row.actors or (actor.user and row.is_for_everyone)):
        return "shut" if actor.user else "sign in"
    theirs = row.record == "own sign-in" or (method != "GET" and actor.column in row.makers)
    return "shut" if theirs or (actor.foreign and page.names_a_record) else "in"


def answered(response: HttpResponse) -> str:
    """Return the same of an answer; “again” where the password must be given once more before anything is looked up."""
    if response.get("Location", "").startswith("/accounts/again/"):
        return "again"
    if response.status_code == 401 or response.get("Location", "").startswith("/accounts/login/?next="):
        return "sign in"
    return {403: "shut", 404: "shut", 405: "method"}.get(response.status_code, "in")


def ask(client: Client, method: str, address: str, typed: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
    """Ask, and undo whatever it did."""
    with undone(client):
        return asked(client, method, address, typed, **more)


def asked(client: Client, method: str, address: str, typed: dict[str, Any] | None = None, **more: Any) -> HttpResponse:
    """Ask, and wait for the whole of the answer."""
    response = getattr(client, method.lower())(address, typed or {}, **more)
    if response.streaming:
        b"".join(response.streaming_content)
    return response


@contextmanager
def undone(client: Client) -> Iterator[None]:
    """What is done meanwhile isn't kept, not even that somebody signed out."""
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
    client.cookies = cookies


def contents() -> dict[str, list[dict]]:
    """Return all rows of the site but those that tell who asked when."""
    tables = [model for model in apps.get_models() if model._meta.model_name not in BESIDE]
    return {model._meta.label: list(model._base_manager.order_by("pk").values()) for model in tables}


def _with_password(user: User) -> User:
    user.password = SOME_PASSWORD
    user.save(update_fields=["password"])
    return user


def _first(model: Any) -> int:
    return model.objects.values_list("pk", flat=True).first() or MISSING


def _shared(by: User) -> Exercise:
    """Make an exercise of the shared catalog with a history, and what an editor may look at beside it."""
    made = make_exercise("Shared bridge", pose=POSE)
    revisions.record(made, by=by, why="Added")
    CatalogImport.objects.create(by=by, name="a.csv", kind="csv", content=b"", digest="")
    KeptField.objects.create(kind="exercise", row=made.pk, field="name", before="", now="")
    return made


def rows_of(site: Site) -> list[Any]:
    """Return what another clinic's people might have touched of this one: each record that its addresses name."""
    kept = [site.clinic, site.patient, site.program, site.issue, site.link, site.delivery, site.sign_off, site.protocol]
    kept += [site.flag, site.hold, site.own, site.membership, site.invited, site.item, site.therapist, site.session]
    rows = [list(type(one)._base_manager.filter(pk=one.pk).values()) for one in kept]
    about = (Membership.objects.filter(clinic=site.clinic), Exercise.objects.filter(clinic=site.clinic))
    return [*rows, *(list(found.order_by("pk").values()) for found in about)]
