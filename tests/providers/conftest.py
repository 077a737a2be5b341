"""The fake provider, in a process of its own, for the suite that every provider passes."""

from tests.fake.conftest import fake, fake_provider

__all__ = ["fake", "fake_provider"]
