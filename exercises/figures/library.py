"""The pose files: one YAML file an exercise, with its name, its pose and its picture in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from exercises.figures.poses import BadPose, Pose
from exercises.figures.reading import read
from exercises.yaml_files import QuickLoader

FOLDER = Path(__file__).resolve().parent.parent / "catalog" / "poses"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a pose file says of one exercise; `words` are the text alternatives by language and frame."""

    slug: str
    name: str
    pose: Pose
    words: dict[str, dict[str, str]]


def slugs(folder: Path | None = None) -> list[str]:
    """Return the exercises that have a pose file, in order."""
    return sorted(path.stem for path in (folder or FOLDER).glob("*.yaml"))


def entry(slug: str, folder: Path | None = None) -> Entry:
    """Return one exercise's pose file. Raises BadPose, which names the exercise and all that is wrong."""
    path = (folder or FOLDER) / f"{slug}.yaml"
    try:
        data: Any = QuickLoader(path.read_text("utf-8")).get_single_data()
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as reason:
        raise BadPose(f"{slug}: {path.name} can't be read: {' '.join(str(reason).split())}") from reason
    if not isinstance(data, dict) or not isinstance(data.get("name"), str) or "pose" not in data:
        raise BadPose(f"{slug}: {path.name} needs a name and a pose")
    words = data.get("words") or {}
    return Entry(slug, data["name"], read(slug, data["pose"]), words)


def entries(names: list[str] | None = None, folder: Path | None = None) -> Iterator[Entry | BadPose]:
    """Yield each exercise, or what is wrong with it; one that is wrong stops no other."""
    for slug in names or slugs(folder):
        try:
            yield entry(slug, folder)
        except BadPose as wrong:
            yield wrong
