"""How is one worker process started? By the overseer, with an order; people type `outreach worker`."""

import sys

from outreach.worker.process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
