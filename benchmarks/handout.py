"""How long a handout takes to draw, as a ratio to an empty page by the same engine in the same run."""

import json
from collections.abc import Callable

import django

django.setup()

# These read the settings, so they come after.
from benchmarks.timing import interleaved, table  # noqa: E402
from clinics import pdf  # noqa: E402
from programs import handout  # noqa: E402
from tests.programs.handout_samples import EIGHT, FIGURES, FOUR, make_handout  # noqa: E402

ROUNDS = 5


def main() -> None:
    small, usual, large = (make_handout(*names) for names in (FOUR, EIGHT, EIGHT + EIGHT))
    candidates: dict[str, Callable[[], object]] = {
        "empty page": lambda: pdf.render_html_to_pdf("<html lang=en><title>Empty</title><p>.</p></html>", styles=[]),
        "4 exercises": lambda: handout.render_pdf(small, FIGURES),
        "8 exercises": lambda: handout.render_pdf(usual, FIGURES),
        "16 exercises": lambda: handout.render_pdf(large, FIGURES),
    }
    timings = interleaved(candidates, rounds=ROUNDS)
    print(table(timings, reference="empty page"))
    kb = len(handout.render_pdf(usual, FIGURES)) / 1000
    print(
        json.dumps(
            {
                "median_ms": round(timings["8 exercises"].median, 1),
                "ratio_empty": round(timings["8 exercises"].median / timings["empty page"].median, 2),
                "growth_4_to_16": round(timings["16 exercises"].median / timings["4 exercises"].median, 2),
                "pdf_kb": round(kb, 1),
            }
        )
    )


main()
