"""Hand over what is due, for a scheduler that starts Python files: the same as `outreach release --quiet`."""

import sys

from outreach.cli.main import main as outreach


def main() -> int:
    """Exit code as in `outreach release`."""
    return outreach(["release", "--quiet", *sys.argv[1:]])


if __name__ == "__main__":
    raise SystemExit(main())
