"""Floor 1: one file, one vendor. The port is in base.py."""
