"""How long the pose editor waits for a picture: every pose of the catalog posted, drawn and answered, warm.

The work is one process's; `cpu_ms` is what it takes when nothing else asks for the core.
"""

import json
import time
from statistics import median

from django.conf import settings
from django.test.utils import setup_databases, setup_test_environment, teardown_databases

from clinics.models import User
from exercises import catalog_files, loading, pose_editor
from exercises.models import Exercise

ROUNDS = 3
LIMIT_MS = 150


def main() -> None:
    from django.test import Client

    loading.load(catalog_files.read(settings.CATALOG_DIR))
    client = Client()
    client.force_login(
        User.objects.create(email="editor@bench.invalid", is_staff=True, is_superuser=True),
        backend=settings.AUTHENTICATION_BACKENDS[0],
    )
    poses = {row.slug: pose_editor.as_text(row.pose) for row in Exercise.objects.exclude(pose={})}
    wall: dict[str, list[float]] = {slug: [] for slug in poses}
    work: dict[str, list[float]] = {slug: [] for slug in poses}
    for turn in range(ROUNDS + 1):  # the first warms up
        for slug, text in poses.items():
            started, worked = time.perf_counter(), time.process_time()
            answer = client.post(f"/catalog/exercises/{slug}/pose/draw/", {"pose": text})
            taken, spent = time.perf_counter() - started, time.process_time() - worked
            if answer.status_code != 200 or answer.json()["mistakes"]:
                raise SystemExit(f"{slug} isn't drawn.")
            if turn:
                wall[slug].append(taken * 1000)
                work[slug].append(spent * 1000)
    times = {slug: (median(wall[slug]), median(work[slug])) for slug in poses}
    slowest = sorted(times, key=lambda slug: -times[slug][1])
    for slug in slowest[:8]:
        print(f"{slug:36}{times[slug][0]:8.1f} ms{times[slug][1]:8.1f} ms of work")
    print(
        json.dumps(
            {
                "poses": len(times),
                "median_ms": round(median(taken for taken, _ in times.values()), 1),
                "worst_ms": round(max(taken for taken, _ in times.values()), 1),
                "median_cpu_ms": round(median(spent for _, spent in times.values()), 1),
                "worst_cpu_ms": round(times[slowest[0]][1], 1),
                "within_150_cpu_ms": sum(spent <= LIMIT_MS for _, spent in times.values()),
            }
        )
    )


if __name__ == "__main__":
    setup_test_environment()
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        main()
    finally:
        teardown_databases(databases, verbosity=0)
