"""When may tonight's message leave, and until when is it of use?"""

from datetime import date, datetime, timedelta

from outreach.core.person import Person
from outreach.core.quiet_hours import next_open
from outreach.core.terms import OUTSIDE_ONE_VOICE, Campaign, Candidate
from outreach.flows.app import App, start_of_day


class Times:
    """Asked for every message, and a night has few different answers: one per place, one per last useful day."""

    def __init__(self, app: App, night: date, at: datetime) -> None:
        self._app, self._night, self._at = app, night, at
        self._opens: dict[tuple[tuple[str, ...], str, str | None], datetime] = {}
        self._days: dict[date, datetime] = {}

    def not_before(self, campaign: Campaign, person: Person) -> datetime:
        """The first open hour where the customer is; answers and dangers wait for none."""
        if campaign.kind in OUTSIDE_ONE_VOICE:
            return self._at
        place = (person.zones, person.country, person.state)
        opens = self._opens.get(place)
        if opens is None:
            hours = self._app.house.limits.hours_at(person.country, person.state)
            opens = self._opens[place] = next_open(self._at, person.zones, hours)
        return opens

    def not_after(self, campaign: Campaign, candidate: Candidate) -> datetime:
        """The end of the last day on which it helps: the campaign's, or an earlier one of the subject's own."""
        last = self._night + timedelta(days=campaign.useful_days)
        if candidate.useful_until is not None:
            last = min(last, candidate.useful_until + timedelta(days=1))
        ends = self._days.get(last)
        if ends is None:
            ends = self._days[last] = start_of_day(self._app, last)
        return ends
