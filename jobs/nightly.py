"""The night, for a scheduler that starts Python files: the same as `outreach nightly --quiet --catch-up`."""

import sys

from outreach.cli.main import main as outreach


def main() -> int:
    """Exit code as in `outreach nightly` (0 done, 1 mend, 2 configuration, 3 held, 4 provider, 75 try again)."""
    return outreach(["nightly", "--quiet", "--catch-up", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
