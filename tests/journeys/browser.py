"""Finds a Chrome or Chromium: the system's, else Playwright's own. As a command it prints the path or fails."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

SHELL = "chromium-headless-shell"
WHOLE = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find(names: Sequence[str] = (SHELL, *WHOLE)) -> str | None:
    """Return the path of a browser that can be started, or None; Playwright's own stands behind the system's."""
    for name in names:
        path = shutil.which(name)
        if path and not _is_snap(Path(path)):
            return path
    own = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    return str(own[-1]) if own else None


def _is_snap(path: Path) -> bool:
    """A snap's launcher doesn't start a headless browser in a container."""
    resolved = path.resolve()
    if resolved.name == "snap":
        return True
    return resolved.stat().st_size < 5000 and b"snap" in resolved.read_bytes()


if __name__ == "__main__":
    found = find()
    sys.stdout.write(f"{found or 'no Chrome or Chromium found'}\n")
    sys.exit(0 if found else 1)
