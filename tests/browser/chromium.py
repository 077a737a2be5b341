"""Where does the real Chromium of the tests come from? The machine's own; else it is fetched, or the test says how."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
TYPE_THIS = (
    "no Chromium for the browser tests: sudo apt-get install chromium   "
    "(or: .venv/bin/python -m playwright install --with-deps chromium)"
)


class NoBrowser(Exception):
    """There is none, and none could be fetched. The message says what to type."""


def chromium() -> str | None:
    """The path of a Chromium; None: playwright has its own. Raises NoBrowser."""
    if found := _on_path():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "update", "-q"], capture_output=True, check=False)
        subprocess.run(["apt-get", "install", "-qy", "chromium"], capture_output=True, check=False)
        if found := _on_path():
            return found
    fetched = subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"], capture_output=True, text=True, check=False
    )
    if fetched.returncode != 0:
        raise NoBrowser(TYPE_THIS)
    return None


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name)) and Path(path).is_file()), None)
