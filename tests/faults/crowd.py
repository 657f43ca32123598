"""Many people or processes at work on the same rows at once; what each case of F06 and F07 leaves is returned."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import DatabaseError, connections, transaction
from django.urls import reverse

from clinics import wall
from clinics.models import Clinic, Role, User
from programs.models import Item, Program
from tests.conftest import make_user, signed_in
from tests.programs.clinical import make_ready
from tests.programs.samples import items_of

SCRIPT = {"X-Requested-With": "fetch"}
EDITORS = 8


def write(times: int, clinic: int, name: str) -> tuple[list[float], int]:
    """Read a clinic and write it with a row of one's own, so often; return each transaction's seconds and failures."""
    took, failed = [], 0
    for number in range(times):
        begun = time.monotonic()
        try:
            with transaction.atomic():
                seen = Clinic.objects.get(pk=clinic)
                User.objects.create(email=f"{name}-{number}@clinic.invalid", name=name, password="!")
                seen.version += 1
                seen.save(update_fields=["version"])
        except DatabaseError:
            failed += 1
        took.append(time.monotonic() - begun)
    connections.close_all()
    return took, failed


def edit_together(saves: int) -> dict:
    """Eight people write the same note, each so often; one who was late is shown both notes and writes again.

    A note counts up from the one that was seen, so that one that was overwritten unseen is missing in the count.
    """
    owner = make_user()
    program = make_ready(by=owner)
    key, begun = items_of(program)[0].pk, Program.objects.get(pk=program.pk).version
    Item.objects.filter(pk=key).update(note="0 by nobody")
    people = [make_user(Role.THERAPIST, clinic=program.patient.clinic, name=f"Editor {n}") for n in range(EDITORS)]
    ready, answers, unshown = Barrier(EDITORS), [], []

    def work(person: User) -> None:
        with wall.all_clinics("a test looks from outside"):  # in a thread of its own
            client, saved = signed_in(person), 0
            client.raise_request_exception = False
            ready.wait(timeout=60)
            while saved < saves:
                version = Program.objects.get(pk=program.pk).version
                seen = Item.objects.get(pk=key).note
                mine = f"{int(seen.split()[0]) + 1} by {person.name} save {saved}"
                typed = {"do": "dose", "version": version, f"note-{key}": mine}
                answer = client.post(reverse("program_edit", args=[program.pk]), typed, headers=SCRIPT)
                answers.append(answer.status_code)
                saved += answer.status_code == 200
                if answer.status_code == 409:
                    merge = answer.json()["merge"]
                    unshown.extend([merge] if mine not in merge or merge.count(" by Editor ") < 2 else [])
                    time.sleep(random.uniform(0, 0.02))
        connections.close_all()

    with ThreadPoolExecutor(EDITORS) as pool:
        list(pool.map(work, people))
    item = Item.objects.get(pk=key)
    return {
        "count": int(item.note.split()[0]),
        "versions": Program.objects.get(pk=program.pk).version - begun,
        "answers": {status: answers.count(status) for status in set(answers)},
        "unshown": unshown,
    }


def remove_while_edited() -> set[int]:
    """Seven people write to an item while one takes it out; return the answers of those who wrote."""
    owner = make_user()
    program = make_ready(by=owner)
    key, version = items_of(program)[0].pk, Program.objects.get(pk=program.pk).version
    ready, address = Barrier(EDITORS), reverse("program_edit", args=[program.pk])

    def work(number: int) -> set[int]:
        client, answers = signed_in(owner), set()
        client.raise_request_exception = False
        ready.wait(timeout=60)
        for turn in range(5):
            typed = {"do": "dose", "version": version, f"note-{key}": f"{number} {turn}"}
            if number == 0:
                typed = {"do": f"remove:{key}"}
            answers.add(client.post(address, typed, headers=SCRIPT).status_code)
        connections.close_all()
        return answers if number else set()

    with ThreadPoolExecutor(EDITORS) as pool:
        return set().union(*pool.map(work, range(EDITORS)))
