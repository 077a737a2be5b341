"""Run the fake provider: python -m tests.fake --port 0 --journal FILE

Prints one line of JSON with its ports, then serves SendGrid and Twilio over HTTP and a mail server, on this machine
only. `--fast` leaves out holding every request to its maker's contract (for benches). `--mode` as PUT /_mode takes it.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from pathlib import Path

from tests.fake.provider import Breach, listen, make
from tests.fake.wire import Request


def main() -> int:
    """Serve until told to stop: SIGTERM, Ctrl-C, or (with --until-closed) the end of standard input."""
    said = argparse.ArgumentParser(prog="python -m tests.fake", description=(__doc__ or "").partition("\n")[0])
    said.add_argument("--port", type=int, default=0, help="of SendGrid and Twilio; 0: any free one")
    said.add_argument("--smtp-port", type=int, default=0)
    said.add_argument("--journal", type=Path, required=True, help="what was taken, a line of JSON each")
    said.add_argument("--fast", action="store_true", help="do not judge requests")
    said.add_argument("--mode", default="{}", help="a first mood, in JSON")
    said.add_argument("--until-closed", action="store_true", help="end when standard input does")
    return asyncio.run(serve(said.parse_args()))


async def serve(asked: argparse.Namespace) -> int:
    fake = make(asked.journal, None if asked.fast else _contracts())
    answer = fake.answer(Request("PUT", "/_mode", b"", asked.mode.encode()))
    if answer.status != 200:
        print(answer.body.decode(), file=sys.stderr)
        return 2
    http, smtp = await listen(fake, asked.port, asked.smtp_port)
    print(json.dumps({"http": http, "smtp": smtp, "pid": os.getpid()}), flush=True)
    done, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, done.set)
    if asked.until_closed:
        loop.add_reader(sys.stdin.fileno(), lambda: None if os.read(0, 4096) else done.set())
    await done.wait()
    fake.journal.close()
    return 0


def _contracts() -> Breach:
    from tests.contracts.contract import breach  # half a second of imports that a bench does without

    return breach


if __name__ == "__main__":
    sys.exit(main())
