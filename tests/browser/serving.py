"""A real `outreach serve pages` in a process of its own."""

import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_START = "import sys; from outreach.cli.main import main; sys.exit(main(sys.argv[1:]))"
_AT = re.compile(r"(http://127\.0\.0\.1:\d+)")


class Served:
    """The pages of one project, until `stop`. `at`: where they answer. `log`: what it said."""

    def __init__(self, project: Path) -> None:
        self.log = project / "pages.log"
        command = [sys.executable, "-c", _START, "-C", str(project), "serve", "pages", "--port", "0"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=ROOT)
            assert self.process.stderr is not None
            first = b""
            while not (found := _AT.search(first.decode())):
                line = self.process.stderr.readline()
                if not line:
                    self.process.wait(10)
                    raise AssertionError(f"the pages did not start: {first.decode()}")
                first += line
            log.write(first)
        self.at = found[1]

    def stop(self) -> tuple[int, str]:
        """TERM, and wait until it ended by itself. Its exit code, and the rest of what it said."""
        self.process.send_signal(signal.SIGTERM)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said.decode()

    def kill(self) -> None:
        """Whatever became of it, nothing of it stays."""
        if self.process.poll() is None:
            self.process.kill()
        if self.process.stderr is not None and not self.process.stderr.closed:
            self.process.communicate()
