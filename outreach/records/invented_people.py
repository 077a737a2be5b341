"""Who buys at the invented shop? Two hundred people in seven countries, some of them awkward to write to."""

import unicodedata
from dataclasses import dataclass, replace
from random import Random


@dataclass(frozen=True, slots=True)
class Land:
    """Where some of them live. `phone` is a range nobody has (### is filled in); `states` with a city each."""

    country: str
    people: int
    language: str
    first: str
    last: str
    phone: str = ""
    states: str = ""


#: Phones: 555-01## is fictitious in North America, 176 040690## in Germany; Brazil has no such range.
LANDS = (
    Land(
        "GB",
        72,
        "en",
        "Olivia Amelia Isla Ava Freya Grace Harriet Oliver George Arthur Noah Leo Oscar Rhys Ewan",
        "Smith Jones Taylor Brown Evans Walker Wright Hughes Green Clarke Hall Patel Khan Murray Reid",
        states=":York :Leeds :Bristol :Cardiff :Edinburgh :London",
    ),
    Land(
        "US",
        46,
        "en",
        "Emma Ava Mia Harper Evelyn Luna Liam Noah Elijah James Mateo Owen Wyatt Ruth Grace",
        "Johnson Williams Miller Davis Garcia Rodriguez Wilson Anderson Thomas Moore Lee White Harris Clark Lewis",
        "+1 212 555 01##",
        "NY:Albany CA:Fresno FL:Tampa TX:Austin TN:Nashville WA:Tacoma IL:Chicago HI:Hilo IN:Gary AZ:Tucson",
    ),
    Land(
        "BR",
        32,
        "pt-BR",
        "Ana Beatriz Camila Fernanda Juliana Larissa Mariana João Pedro Lucas Gabriel Rafael Thiago Antônio Inês",
        "Silva Santos Oliveira Souza Lima Pereira Ferreira Costa Ribeiro Almeida Gonçalves Araújo Nunes Barbosa",
        "+55 11 91234-56##",
        "SP:Campinas RJ:Niterói AM:Manaus BA:Salvador PE:Recife RS:Pelotas AC:Xapuri",
    ),
    Land(
        "DE",
        20,
        "de",
        "Anna Lena Marie Sophie Jörg Jürgen Lukas Felix Paul Käthe",
        "Müller Schmidt Schneider Fischer Weber Wagner Becker Schäfer Koch Groß",
        "+49 176 040690##",
        ":Bremen :Köln :Leipzig :Ulm",
    ),
    Land(
        "IE",
        12,
        "en",
        "Aoife Niamh Saoirse Cian Conor Fionn Róisín Seán",
        "Murphy Kelly O'Sullivan Walsh Byrne Ryan Doyle McCarthy",
        states=":Cork :Galway :Dublin",
    ),
    Land(
        "CA",
        10,
        "en",
        "Chloe Zoë Benjamin Ethan Amélie Logan",
        "Tremblay Roy Martin Singh Campbell MacDonald",
        "+1 416 555 01##",
        "ON:Toronto BC:Kelowna QC:Gatineau NL:Gander",
    ),
    Land("PT", 8, "pt", "Inês Mariana Tomás Duarte Leonor", "Fernandes Marques Lopes Rocha", states=":Porto :Faro"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """One customer as customers.csv says. Yes and no as text; "" is: the record does not say."""

    key: str
    first_name: str
    last_name: str
    email: str
    phone: str
    country: str
    state: str
    city: str
    language: str
    time_zone: str = ""
    email_marketing: str = "yes"
    text_service: str = ""
    text_marketing: str = ""
    consent_source: str = "checkout"


def people(draw: Random) -> list[Person]:
    """Everyone, in one order for one seed; the awkward ones are spread over the ordinary ones."""
    found = [person for land in LANDS for person in _of(land, draw)]
    draw.shuffle(found)
    found = [replace(person, key=f"C-{number:04}") for number, person in enumerate(found, 1)]
    for place, person in enumerate(found):
        found[place] = _awkward(place, person, found)
    return found


def _of(land: Land, draw: Random) -> list[Person]:
    firsts, lasts = land.first.split(), land.last.split()
    return [_person(land, number, draw.choice(firsts), draw.choice(lasts), draw) for number in range(land.people)]


def _person(land: Land, number: int, first: str, last: str, draw: Random) -> Person:
    state, _, city = draw.choice(land.states.split()).partition(":")
    domain = draw.choice(("example.com", "example.org"))
    has_phone = bool(land.phone) and draw.random() < 0.75
    return Person(
        key="",
        first_name=first,
        last_name=last,
        email=f"{_plain(first)}.{_plain(last)}{number}.{land.country.lower()}@{domain}",
        phone=land.phone.replace("##", f"{number:02}") if has_phone else "",
        country=land.country,
        state=state,
        city=city,
        language=land.language,
        email_marketing=draw.choices(("yes", "no", ""), (80, 12, 8))[0],
        text_service=draw.choices(("yes", "no", ""), (60, 15, 25))[0] if has_phone else "",
        text_marketing=draw.choices(("yes", "no"), (15, 85))[0] if has_phone else "",
    )


def _awkward(place: int, person: Person, everyone: list[Person]) -> Person:
    """Every kind of record that a real shop has and a demo likes to forget, by place in the list."""
    turn = place % 40
    if turn == 3:
        return replace(person, first_name="")
    if turn == 7:
        return replace(person, email="", text_service="yes" if person.phone else "")
    if turn == 11:
        return replace(person, phone="", text_service="", text_marketing="")
    if turn == 15:  # a family that shares an address, and not the same wishes
        return replace(person, email=everyone[place - 1].email, email_marketing="yes")
    if turn == 19:
        return replace(person, email_marketing="no", text_marketing="no")
    if turn == 23:  # a yes that nobody can show
        return replace(person, email_marketing="yes", consent_source="")
    return _rare(place, person)


def _rare(place: int, person: Person) -> Person:
    if place == 27:
        long_name = "Maximiliane-Theodora Wilhelmina Konstantina von und zu Hohenberg-Lichtenfels"
        return replace(person, first_name=long_name)
    if place == 67:
        return replace(person, first_name="ليلى", last_name="حداد", language="ar")
    if place == 107:
        return replace(person, first_name="נועה", last_name="לוי")
    if place == 147:
        return replace(person, first_name='D\'Arcy & "Sons" <Ltd>', last_name="{{ name }}")
    if place == 31:
        return replace(person, time_zone="Asia/Tokyo")  # abroad for now
    return person


def _plain(name: str) -> str:
    """ASCII letters of a name, for an address."""
    return "".join(c for c in unicodedata.normalize("NFKD", name).lower() if c.isascii() and c.isalpha())


def customer_row(p: Person, since: str) -> tuple[str, ...]:
    """One row of customers.csv. `since`: ISO date of the first order, when the question was asked."""
    who = (p.key, p.first_name, p.last_name, p.email, p.phone, p.country, p.state, p.city, p.language, p.time_zone)
    said = (p.email_marketing, p.text_service, p.text_marketing)
    return (*who, *said, since if p.consent_source else "", p.consent_source)
