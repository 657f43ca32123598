"""Handouts to test with: invented people, real-looking exercises, stick-figure drawings."""

import hashlib
from datetime import date
from typing import Any

from programs.handout import Handout, HandoutClinic, HandoutFigure, HandoutItem, HandoutPhase, content_hash

PHASES = {
    "calm": ("Calm", "Settle it down"),
    "release": ("Release", "Loosen what is tight"),
    "restore": ("Restore", "Get moving well again"),
    "strengthen": ("Strengthen", "Wake up and build strength"),
    "integrate": ("Integrate", "Use it and keep it"),
}

START = "M30 96H140M62 90 92 90 112 62 132 92"
FINISH = "M30 96H140M62 90 100 70 116 58 132 92"


def drawing(path: str) -> bytes:
    """Return a 4:3 stick figure."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 120" width="160" height="120">'
        '<circle cx="50" cy="86" r="9" fill="#e5b897" stroke="#33414d" stroke-width="2"/>'
        f'<path d="{path}" fill="none" stroke="#33414d" stroke-width="5" stroke-linecap="round"/></svg>'
    ).encode()


FIGURES = {hashlib.sha256(drawing(path)).hexdigest()[:16]: drawing(path) for path in (START, FINISH)}
START_KEY, FINISH_KEY = FIGURES

# name: (phase, dose, steps, what else it says)
EXERCISES: dict[str, tuple[str, tuple[str, ...], tuple[str, ...], dict[str, Any]]] = {
    "Static back": (
        "calm",
        ("Rest 10 minutes", "1 time", "2 times a day"),
        (
            "Lie on your back with your calves on a chair seat.",
            "Rest your arms out to the sides, palms up.",
            "Breathe slowly into your belly and let your back sink.",
        ),
        {"feel": "Your low back getting heavy and flat."},
    ),
    "Ball release for the deep buttock": (
        "release",
        ("Hold 60 seconds", "2 times", "left side", "Once a day"),
        (
            "Sit on the floor with a ball under your left buttock.",
            "Lean back on your hands and roll slowly.",
            "Stop on a tender spot and breathe until it eases.",
        ),
        {"feel": "A firm ache that fades.", "mistakes": ("Pressing the tail bone.", "Held breath.")},
    ),
    "Lying piriformis stretch": (
        "release",
        ("Hold 30 seconds", "3 times", "left side", "2 times a day"),
        (
            "Lie on your back with both knees bent.",
            "Rest your left ankle on your right knee.",
            "Hold behind your right thigh with both hands.",
            "Pull the thigh toward your chest.",
        ),
        {
            "feel": "Deep in the left buttock, not in the back.",
            "stop_if": ("tingling runs down your leg",),
            "mistakes": ("Tail bone lifts.", "Ankle presses the knee.", "Breath is held."),
            "note": "Keep your tail bone on the mat.",
            "note_by": "Dana",
        },
    ),
    "Half-kneeling hip flexor stretch": (
        "release",
        ("Hold 30 seconds", "3 times", "each side", "Once a day"),
        (
            "Kneel on your left knee, right foot in front.",
            "Tuck your tail under.",
            "Shift forward until the front of the hip pulls.",
        ),
        {"feel": "The front of the left hip.", "modify": ("Put a folded towel under the knee.",)},
    ),
    "Sciatic nerve slider, sitting": (
        "restore",
        ("10 times", "2 sets", "left side", "2 times a day"),
        (
            "Sit tall on a chair.",
            "Straighten your left knee while you look up.",
            "Bend the knee while you look down. Keep it smooth.",
        ),
        {"feel": "A light pull, no lasting tingling.", "stop_if": ("tingling stays after you rest",)},
    ),
    "Pelvic tilt on the back": (
        "restore",
        ("Hold 5 seconds", "10 times", "Once a day"),
        (
            "Lie on your back, knees bent, feet flat.",
            "Press your low back gently into the floor.",
            "Hold while you breathe, then let go.",
        ),
        {"feel": "Your lower belly working."},
    ),
    "Glute bridge": (
        "strengthen",
        ("Hold 2 seconds", "12 times", "2 sets", "Once a day"),
        (
            "Lie on your back, knees bent, feet flat.",
            "Squeeze your buttocks and lift your hips.",
            "Lower slowly.",
        ),
        {"feel": "Both buttocks, not the hamstrings.", "mistakes": ("Low back arches.",)},
    ),
    "Clamshell": (
        "strengthen",
        ("12 times", "2 sets", "left side", "Once a day"),
        (
            "Lie on your right side, knees bent, feet together.",
            "Keep your hips stacked and still.",
            "Lift the left knee, then lower it slowly.",
        ),
        {"feel": "The outside of the left buttock."},
    ),
    "Walking": (
        "integrate",
        ("10 minutes", "2 times a day"),
        ("Walk on level ground at a pace where you can talk.", "Turn back before the leg starts to hurt."),
        {"feel": "Easy, with an even step."},
    ),
}
EIGHT = tuple(name for name in EXERCISES if name != "Pelvic tilt on the back")
FOUR = ("Static back", "Lying piriformis stretch", "Glute bridge", "Walking")


def make_item(name: str, number: int = 1, **changes: Any) -> HandoutItem:
    """Return an exercise of the list above, or an unknown one without words, with changes."""
    _, dose, steps, rest = EXERCISES.get(name, ("release", ("3 times",), (), {}))
    figures = (
        HandoutFigure(START_KEY, f"{name}: start position", "start"),
        HandoutFigure(FINISH_KEY, f"{name}: finish position", "finish"),
    )
    values = {"dose_chips": dose, "steps": steps, "figures": figures, **rest, **changes}
    return HandoutItem(number=number, name=name, **values)


def make_phases(*items: HandoutItem) -> tuple[HandoutPhase, ...]:
    """Group items, which are in program order, by their exercise's phase."""
    slugs = list(dict.fromkeys(_slug(item) for item in items))
    return tuple(
        HandoutPhase(slug, number, *PHASES[slug], minutes=4, items=tuple(i for i in items if _slug(i) == slug))
        for number, slug in enumerate(slugs, start=1)
    )


def make_handout(*names: str, each: dict[str, Any] | None = None, **changes: Any) -> Handout:
    """Return a handout of the named exercises (four by default); `each` changes every item."""
    items = [make_item(name, number, **(each or {})) for number, name in enumerate(names or FOUR, start=1)]
    values: dict[str, Any] = {
        "clinic": HandoutClinic(
            "Lakeside Physical Therapy", "(555) 010-4477", "12 Shore Road, Lakeside", "hello@lakeside.invalid"
        ),
        "patient_name": "Maria Rivera",
        "clinician_name": "Dana Okafor",
        "clinician_credentials": "PT",
        "date": date(2026, 11, 21),
        "version": 3,
        "stage_label": "weeks 0–2",
        "for_line": "For: sciatica on the left, likely from the piriformis muscle",
        "about": (
            "A small muscle deep in your buttock, the piriformis, lies next to the nerve that runs down "
            "your leg. When it is tight it may bother the nerve. Loosening it and making the hip stronger "
            "often helps."
        ),
        "why_order": "we loosen what is tight first, so that the weak muscles are easier to work.",
        "phases": make_phases(*items),
        "next_visit": "Friday 5 December 2026, 10:00, with Dana",
        "catalog_version": "2026.11",
    }
    return Handout(**{**values, **changes})


def in_schema_1(snapshot: dict[str, Any]) -> dict[str, Any]:
    """Return a snapshot as the first version of the product wrote it."""
    later = {"weeks", "layout", "has_code", "content_hash"}
    old = {name: value for name, value in snapshot.items() if name not in later} | {"schema": 1, "log_days": 14}
    old["clinic"] = {name: snapshot["clinic"][name] for name in ("name", "phone", "address", "email")}
    of_items = {"language", "exercise", "side", "hold_s"}
    old["phases"] = [
        phase | {"items": [{k: v for k, v in item.items() if k not in of_items} for item in phase["items"]]}
        for phase in snapshot["phases"]
    ]
    return old | {"content_hash": content_hash(old)}


def _slug(item: HandoutItem) -> str:
    return EXERCISES[item.name][0] if item.name in EXERCISES else "release"
