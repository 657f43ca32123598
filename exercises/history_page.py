"""The history of the catalog as pages show it: a row's versions, and what was changed lately; who may see which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404
from django.urls import reverse

from clinics.access import Can, clinics_where, may
from clinics.models import User
from exercises import revisions
from exercises.differences import Change, difference, title_of
from exercises.editorial import Revision
from exercises.models import Exercise
from exercises.row_values import KINDS, Kind, with_values

ON_A_PAGE = 25
SHOWN_FIRST = 6
LONGEST_KEY = 19
NOBODY = "shipped"
REFUSED = "Only editors of the catalog may see its history."


@dataclass(frozen=True, slots=True)
class Version:
    """One version as a page lists it: what it changed, `first` those shown at once, `more` those to unfold."""

    revision: Revision
    kind: Kind
    title: str
    changes: tuple[Change, ...]
    is_first: bool
    is_now: bool = False

    @property
    def who(self) -> str:
        return self.revision.by.name if self.revision.by else "The shipped catalog"

    @property
    def first(self) -> tuple[Change, ...]:
        return self.changes[:SHOWN_FIRST]

    @property
    def more(self) -> tuple[Change, ...]:
        return self.changes[SHOWN_FIRST:]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that changed, each once."""
        return tuple(dict.fromkeys(change.field for change in self.changes))


def may_edit(user: User, kind: Kind) -> bool:
    """Whether the person edits such rows of the shared catalog."""
    return user.is_staff and user.has_perm(f"exercises.change_{kind.name}")


def may_see(user: User, kind: Kind) -> bool:
    return may_edit(user, kind) or (user.is_staff and user.has_perm(f"exercises.view_{kind.name}"))


def kinds_for(user: User) -> list[Kind]:
    """Return the kinds whose history the person may see; raise PermissionDenied when there is none."""
    kinds = [kind for kind in KINDS.values() if may_see(user, kind)]
    if not kinds:
        raise PermissionDenied(REFUSED)
    return kinds


def find(user: User, kind_name: str, key: int) -> models.Model:
    """Return a row whose history the person may see.

    Editors see the shared catalog, a clinic's admins their own exercises. To them a row that isn't there and another
    clinic's are the same Http404. Raises PermissionDenied for all others, whether the row is there or not.
    """
    kind = KINDS.get(kind_name)
    if kind is None:
        raise Http404
    row: models.Model | None = with_values(kind.model).filter(pk=key).first()
    if isinstance(row, Exercise) and row.clinic_id is not None:
        if may(user, Can.EXERCISES, row.clinic_id):
            return row
        row = None
    if row is None and (may_see(user, kind) or _keeps_own(user, kind)):
        raise Http404
    if row is None or not may_see(user, kind):
        raise PermissionDenied(REFUSED)
    return row


def _keeps_own(user: User, kind: Kind) -> bool:
    return kind.model is Exercise and clinics_where(user, Can.EXERCISES).exists()


def may_restore(user: User, row: models.Model) -> bool:
    """Whether the person who may see the row's history may bring a version back, too."""
    own = isinstance(row, Exercise) and row.clinic_id is not None
    return own or may_edit(user, KINDS[str(row._meta.model_name)])


def edit_address(user: User, row: models.Model) -> str:
    """Return where an editor changes the row, or nothing."""
    kind = KINDS[str(row._meta.model_name)]
    shared = getattr(row, "clinic_id", None) is None
    return reverse(f"admin:exercises_{kind.name}_change", args=[row.pk]) if shared and may_edit(user, kind) else ""


def to_restore(row: models.Model, version: Revision) -> list[Change]:
    """Return what bringing the version back would change: all that differs but an exercise's status and uploads."""
    now = revisions.values_of(row)
    kept = {name: now[name] for name in ("status", "uploads")} if isinstance(row, Exercise) else {}
    return difference(version.kind, now, version.values | kept)


def versions(row: models.Model, number: str | None) -> tuple[Page[Revision], list[Version]]:
    """Return a page of the row's versions, the newest first: 4 queries."""
    page: Page[Revision] = Paginator(revisions.of(row), ON_A_PAGE).get_page(number)
    now = revisions.values_of(row)
    return page, _with_changes(list(page.object_list), now=now)


def lately(
    kinds: Sequence[Kind], *, kind: str = "", by: str = "", number: str | None = None
) -> tuple[Page[Revision], list[Version]]:
    """Return a page of all changes of these kinds, the newest first: 3 queries."""
    names = {known.name for known in kinds}
    found = _shared().filter(kind__in={kind} & names or names).exclude(number=1, why=revisions.AS_SHIPPED)
    found = found.select_related("by").order_by("-pk")
    if by == NOBODY:
        found = found.filter(by=None)
    elif by.isascii() and by.isdigit() and len(by) < LONGEST_KEY:
        found = found.filter(by_id=int(by))
    page: Page[Revision] = Paginator(found, ON_A_PAGE).get_page(number)
    return page, _with_changes(list(page.object_list))


def people() -> QuerySet[User]:
    """Return everybody who changed something in the shared catalog, by name."""
    return User.objects.filter(pk__in=_shared().order_by().values("by")).order_by("name", "pk")


def _shared() -> QuerySet[Revision]:
    """The versions of the shared catalog's rows; a clinic's own exercises, and who changed them, are its own."""
    own = Exercise.objects.filter(clinic__isnull=False)
    return Revision.objects.exclude(kind="exercise", row__in=own.values("pk"))


def _with_changes(found: list[Revision], now: dict[str, object] | None = None) -> list[Version]:
    before = _before(found)
    shown = []
    for revision in found:
        old = before.get((revision.kind, revision.row, revision.number - 1))
        changes = difference(revision.kind, old.values, revision.values) if old else []
        shown.append(
            Version(
                revision=revision,
                kind=KINDS[revision.kind],
                title=title_of(revision.values),
                changes=tuple(changes),
                is_first=old is None,
                is_now=now is not None and revisions.same(revision.values, now),
            )
        )
    return shown


def _before(found: Iterable[Revision]) -> dict[tuple[str, int, int], Revision]:
    """Return the version before each of these: 1 query."""
    wanted = Q(pk=None)
    for revision in found:
        wanted |= Q(kind=revision.kind, row=revision.row, number=revision.number - 1)
    return {(revision.kind, revision.row, revision.number): revision for revision in Revision.objects.filter(wanted)}
