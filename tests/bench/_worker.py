"""One worker process that says at its end what it cost. It sends `live`, but only to a provider on this machine."""

import json
import sys
import time
from urllib.parse import urlsplit

from outreach.settings import read_environment
from outreach.worker import process
from outreach.worker.order import Order
from tests.bench._clock import peak_mb


def main(words: list[str]) -> int:
    """As `outreach.worker`, past the check for `live`: customer pages and replies are no part of a bench."""
    where = read_environment(Order.read(words).project).get("OUTREACH_SENDGRID_URL", "")
    if urlsplit(where).hostname != "127.0.0.1":
        raise SystemExit("bench: the provider is not on this machine")
    started: list[float] = []  # after its imports: what it costs to be there is not what a message costs
    code = process.main(words, allow=lambda app: started.append(time.process_time()))
    print(json.dumps({"cpu": time.process_time() - started[-1], "peak": peak_mb()}), flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
