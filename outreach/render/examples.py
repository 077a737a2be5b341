"""How does a test message look like the real one without its links doing anything?"""

from outreach.render.links import Links, Purpose, base62

#: No contact point has it: what a test's token names is nobody.
NOBODY = 0


class ExampleLinks(Links):
    """Links of a test: signed for `Purpose.EXAMPLE`, which the pages answer with "Example. Nothing was changed."

    Whatever they are asked about, they name nobody; as real tokens they are not valid.
    """

    @classmethod
    def like(cls, links: Links, token_keys: tuple[bytes, ...]) -> "ExampleLinks":
        """Those of the same installation."""
        return cls(token_keys, links.base_url, mailbox=links.mailbox, replies=links.replies)

    def _stop_mail(self, page: str, contact_point_id: int) -> str:
        return f"mailto:{self.replies or self.mailbox}?subject=example"

    def reply_address(self, contact_point_id: int, about: str) -> str | None:
        """Whoever answers a test answers nobody's message."""
        return self.replies or None

    def _url(self, purpose: Purpose, value: str) -> str:
        return super()._url(Purpose.EXAMPLE, base62(NOBODY))
