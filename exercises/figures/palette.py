"""Colours: of skin and hair, of clothes, of things, of what is done to a muscle. Line and tone carry the meaning."""

from dataclasses import dataclass

LINE = "#37474f"
FLOOR = "#aeb9c0"
ARROW = "#b3261e"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one person: near and far limbs, hair."""

    name: str
    skin: str
    skin_far: str
    hair: str
    shirt: str = "#8fb4d3"
    shirt_far: str = "#7399bb"
    shorts: str = "#4a6580"
    shorts_far: str = "#3b5169"
    line: str = LINE


PALETTES = (
    Palette("tan skin, brown hair", "#e8bf9f", "#d3a585", "#5a463b"),
    Palette("light skin, grey hair", "#f4d9c6", "#e0bfa8", "#a9a7a3"),
    Palette("brown skin, black hair", "#b07d5a", "#96684a", "#2c2523", line="#2f2a2a"),
    Palette(
        "dark skin, black hair", "#7d5540", "#684534", "#211c1c", line="#231f20", shirt="#a9c6de", shirt_far="#8cadc9"
    ),
    Palette("fair skin, red hair", "#f6dccb", "#e4c2ac", "#a4572f", shirt="#9dbf9f", shirt_far="#82a585"),
)

# Each thing: its sides, its top, its outline.
THINGS: dict[str, tuple[str, str, str]] = {
    "wood": ("#e3cfb2", "#efe1cb", "#9a8262"),
    "mat": ("#b4d3ca", "#d2e6df", "#7fa79b"),
    "linen": ("#e6e9ee", "#f5f6f8", "#8d98a5"),
    "wall": ("#e4e4e0", "#efefec", "#8f918c"),
    "cabinet": ("#d5dce2", "#e6ebef", "#8a97a3"),
    "towel": ("#e9dfef", "#f3edf6", "#8f7f9c"),
    "strap": ("#7b4fa0", "#7b4fa0", "#4f3168"),
    "band": ("#c9569a", "#c9569a", "#7f3361"),
    "roller": ("#a9b6cc", "#c3cddd", "#5d6b84"),
    "ball": ("#e6b94d", "#e6b94d", "#8f6d1c"),
    "iron": ("#8b97a1", "#a5b0b9", "#46525b"),
    "noodle": ("#a9d18e", "#a9d18e", "#5c8a45"),
    "water": ("#9cc9e0", "#9cc9e0", "#4d8fb0"),
}

# What is done to a muscle: fill, edge. Release is striped, restore dotted, strengthen plain and dark.
TONES: dict[str, tuple[str, str]] = {
    "release": ("#f9b596", "#9c3411"),
    "restore": ("#ffe394", "#7d5a00"),
    "strengthen": ("#0b6158", "#052f2b"),
}
