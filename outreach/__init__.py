"""Outreach: nightly follow-up for shops that want customers for life."""

__version__ = "0.1.0"
