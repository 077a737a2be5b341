"""Forget what is old, for a scheduler that starts Python files: the same as `outreach tidy --quiet`."""

import sys

from outreach.cli.main import main as outreach


def main() -> int:
    """Exit code as in `outreach tidy` (0 done, 2 configuration, 75 try again)."""
    return outreach(["tidy", "--quiet", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
