"""Where the mail lies that nobody here wrote."""

from pathlib import Path

import pytest

MAIL = Path(__file__).resolve().parents[1] / "payloads" / "mail"


@pytest.fixture(scope="session")
def mail() -> Path:
    return MAIL
