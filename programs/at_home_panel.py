"""What the clinic sees of a patient's home on the patient's page: the links to each issue, and what was noted."""

import datetime
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from programs import at_home_log
from programs.at_home import PatientLink
from programs.at_home_log import Summary
from programs.models import Issue


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A link and whether it works; what it is and its `state` are said in words."""

    row: PatientLink
    name: str
    works: bool
    state: str


@dataclass(frozen=True, slots=True)
class AtHome:
    """One issue's part; `noted` is None for those who may not see it or where nothing was noted."""

    links: tuple[LinkLine, ...]
    noted: Summary | None
    may_link: bool


def read(issues: Iterable[Issue], *, clinical: bool, at: datetime.datetime) -> dict[int, AtHome]:
    """Return the part of each issue by its key: 3 queries, or 1 without what was noted."""
    rows = list(issues)
    issued = {row.pk: row for row in rows}
    links: defaultdict[int, list[LinkLine]] = defaultdict(list)
    for link in PatientLink.objects.filter(issue__in=rows):
        links[link.issue_id].append(line(link, issued[link.issue_id], at))
    noted = at_home_log.summaries(rows) if clinical else {}
    may_link = bool(settings.SITE_ADDRESS)
    return {row.pk: AtHome(tuple(links[row.pk]), _worth_saying(noted.get(row.pk)), may_link) for row in rows}


def state_of(link: PatientLink, at: datetime.datetime) -> str:
    """Return in words whether a link works at that moment."""
    if link.revoked_at:
        return f"revoked {_day(link.revoked_at)}"
    return f"{'works until' if link.works(at) else 'ended'} {_day(link.expires_at)}"


def line(link: PatientLink, issue: Issue, at: datetime.datetime) -> LinkLine:
    """Return what is said of a link to that issue. The code that its sheet bears was made with it."""
    paper = "Code on the printed handout" if link.made_at == issue.issued_at else "Code to scan"
    name = "Link by e-mail" if link.way == "mail" else paper
    return LinkLine(link, name, link.works(at), state_of(link, at))


def _worth_saying(noted: Summary | None) -> Summary | None:
    return None if noted is None or noted.is_empty else noted


def _day(moment: datetime.datetime) -> str:
    day = timezone.localdate(moment)
    return f"{day.day} {day:%B %Y}"
