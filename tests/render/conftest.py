"""What do the tests of rendering stand on? The shipped campaigns and templates, and a shop of their own."""

from dataclasses import replace
from pathlib import Path

import pytest

from outreach.campaigns import read_campaigns
from outreach.core.shop import Person, Shop
from outreach.core.terms import Campaign
from outreach.render import stationery
from outreach.render.catalogue import Catalogue, load
from outreach.render.links import Links
from outreach.render.people import AwkwardPerson, people
from outreach.render.stationery import Stationery

PROJECT = Path(__file__).resolve().parents[2]
MARA = Person("mara", "Mara", "mara@alder.example")
SHOP = Shop(
    name="Alder",
    zone="Europe/London",
    country="GB",
    currency="GBP",
    language="en",
    postal_address="Alder & Co, 12 Mill Lane, York YO1 7AB, UK",
    signer=MARA,
    people={"mara": MARA},
    answers_within="one working day",
    hosts=("shop.alder.example",),
)


@pytest.fixture(scope="session")
def campaigns() -> dict[str, Campaign]:
    """All of them switched on: what ships switched off is words too."""
    return {name: replace(found, on=True) for name, found in read_campaigns(PROJECT).items()}


@pytest.fixture(scope="session")
def catalogue(campaigns: dict[str, Campaign]) -> Catalogue:
    return load(PROJECT, campaigns, SHOP)


@pytest.fixture(scope="session")
def paper() -> Stationery:
    return stationery.load(PROJECT / "templates", SHOP)


@pytest.fixture(scope="session")
def everyone() -> dict[str, AwkwardPerson]:
    return people(PROJECT)


@pytest.fixture(scope="session")
def links() -> Links:
    return Links((b"k" * 32,), "http://127.0.0.1:8076", mailbox="mara@alder.example")
