"""How does a test message look like the real one without its links doing anything?"""

from outreach.render.links import Links, Purpose, base62

#: No contact point has it: what a test's token names is nobody.
NOBODY = 0


class ExampleLinks(Links):
    """Links of a test: signed for `Purpose.EXAMPLE`, which the pages answer with "Example. Nothing was changed."

    Whatever they are asked about, they name nobody; as real tokens they are not valid.
    """

    def _stop_mail(self, page: str) -> str:
        return f"mailto:{self.mailbox}?subject=example"

    def _url(self, purpose: Purpose, value: str) -> str:
        return super()._url(Purpose.EXAMPLE, base62(NOBODY))
