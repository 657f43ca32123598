"""Finds a Chrome or Chromium: the system's, else Playwright's own. As a command it prints the path or fails."""

import shutil
import sys
from pathlib import Path

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")


def find() -> str | None:
    """Return the path of a browser that can be started, or None."""
    for name in NAMES:
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
