"""Does a request hold to its maker's own description of the API? (respect.md 38)"""

import functools
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from werkzeug.datastructures import Headers, ImmutableMultiDict

HERE = Path(__file__).parent
#: Where each maker answers; requests are judged as if they had gone there.
HOMES = {
    "sendgrid_mail_send": "https://api.sendgrid.com",
    "sendgrid_suppressions": "https://api.sendgrid.com",
    "twilio_messages": "https://api.twilio.com",
}


@dataclass(frozen=True)
class Asked:
    """One captured request, in the shape openapi-core reads."""

    host_url: str
    path: str
    method: str
    body: bytes | None
    content_type: str
    parameters: RequestParameters = field(default_factory=RequestParameters)


@functools.cache
def contract(name: str) -> OpenAPI:
    return OpenAPI.from_file_path(str(HERE / f"{name}.json"))


def breach(name: str, method: str, target: str, headers: list[tuple[str, str]], body: bytes | None) -> str | None:
    """What the request (its target with the query) breaks of the contract; None: it holds."""
    parts, known = urlsplit(target), Headers(headers)
    query = ImmutableMultiDict(parse_qsl(parts.query, keep_blank_values=True))
    asked = Asked(
        HOMES[name],
        parts.path,
        method.lower(),
        body or None,
        known.get("Content-Type", "").split(";")[0],
        RequestParameters(query=query, header=known),
    )
    try:
        contract(name).validate_request(asked)
    except OpenAPIError as error:
        return f"{type(error).__name__}: {error} {error.__cause__ or ''}".strip()
    return None
