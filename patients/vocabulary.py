"""The closed lists of a patient's record. Plain Python; labels are for clinicians."""

SIDES = [
    ("left", "Left"),
    ("right", "Right"),
    ("both", "Both"),
    ("alternating", "Alternating"),
]

MUSCLE_SIDES = [("left", "Left"), ("right", "Right"), ("both", "Both sides")]

IRRITABILITIES = [
    ("low", "Low: settles within minutes"),
    ("moderate", "Moderate: settles within an hour or two"),
    ("high", "High: stays for hours or until the next day"),
]

DIRECTIONS = [
    ("extension", "Extension (bending back)"),
    ("flexion", "Flexion (bending forward)"),
    ("lateral", "Lateral (side glide)"),
    ("none_found", "None found"),
    ("not_tested", "Not tested"),
]

MUSCLE_FINDINGS = [("tight", "Tight"), ("weak", "Weak"), ("lengthened", "Lengthened")]

MAIL_WAYS = [("attach", "The handout as a PDF"), ("link", "A link alone")]
MAIL_CONSENTS = [*MAIL_WAYS, ("none", "Nothing by e-mail")]

ERASE_REASONS = [
    ("asked", "The patient asked for it"),
    ("mistake", "The record was made by mistake"),
    ("retention", "The time for keeping it is over"),
]
