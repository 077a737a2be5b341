"""The invented shop on both databases."""

from tests.flows.fixtures import *  # noqa: F403 - fixtures are found by their names here
