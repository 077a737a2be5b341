"""On what paper do messages go out? The layouts with the footer nobody can remove, and its words per language."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from outreach.core.errors import Misuse
from outreach.core.shop import Person, Shop
from outreach.core.terms import Channel, FactType
from outreach.documents import Document, parse
from outreach.render import formats
from outreach.render.assembly import IN_LAYOUT, compiled, html_chunks, text_chunks, written
from outreach.render.contexts import Shaper
from outreach.render.environment import Hosts, sandbox
from outreach.render.expressions import Scope
from outreach.render.filters import Voice
from outreach.render.grammar import Reader
from outreach.render.source import Source, bare
from outreach.render.variables import Schema, schema_of_shop, typed

FOLDER = "_layouts"
EMAIL_HTML, EMAIL_TEXT, TEXT = "email.html.j2", "email.txt.j2", "text.txt.j2"
#: What every layout says, whatever else a shop makes of it: nobody can remove the way out or the sender.
_ALWAYS = {
    EMAIL_HTML: ("message.subject", "message.content", "message.why", "link.stop", "shop.name", "shop.postal_address"),
    EMAIL_TEXT: ("message.content", "message.why", "link.stop", "shop.name", "shop.postal_address"),
    TEXT: ("shop.name", "message.content", "words.text_stop"),
}
#: The values of a layout that are templates themselves.
SLOTS = ("subject", "preview", "content", "why")


class Words(Document):
    """The footer in one language. `{signer}`, `{shop}` and `{n}` are replaced."""

    from_name: str
    why: str
    stop: str
    text_stop: str
    more: str


class _WordsFile(Document):
    languages: dict[str, Words] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one message puts on the paper: slot texts with tokens, and who signs."""

    language: str
    channel: Channel
    signer: Person
    slots: Mapping[str, str]
    stop: str


@dataclass(frozen=True, slots=True)
class Stationery:
    """The layouts' texts by file name, the words by language, and the shop that writes."""

    folder: Path
    shop: Shop
    layouts: Mapping[str, Source]
    words: Mapping[str, Words]

    def words_for(self, language: str) -> Words:
        """The language's own words, else those of its base, else of a sister (pt for pt-BR), else the first."""
        base = language.partition("-")[0]
        sisters = [name for name in self.words if name.partition("-")[0] == base]
        name = next((n for n in (language, base, *sisters) if n in self.words), next(iter(self.words)))
        return self.words[name]

    def hosts(self) -> Hosts:
        """Where messages may link to."""
        return Hosts(self.shop.base_url, self.shop.hosts, tuple(p.email for p in self.shop.people.values()))

    def voice(self, language: str, channel: Channel) -> Voice:
        """How values are written in this language."""
        return Voice(formats.locale_of(language, self.shop.country), channel, self.words_for(language).more)

    def from_name(self, language: str, signer: Person) -> str:
        """The display name of the sender, without the letters that would split it in two."""
        whole = self.words_for(language).from_name.replace("{signer}", signer.name).replace("{shop}", self.shop.name)
        return " ".join("".join(c for c in whole if c not in '",;<>\r\n').split())

    def put(self, name: str, letter: Letter) -> str:
        """The layout `name` around one message; its tokens stay. Raises Misuse (OUT-139) for a broken layout."""
        source, voice = self.layouts[name], self.voice(letter.language, letter.channel)
        reader = Reader(Scope(_SCHEMA, voice.locale, letter.channel), lambda _: None)
        text = reader.body(source)
        if reader.findings:
            first = reader.findings[0]
            raise Misuse("OUT-139", first.message, place=first.place, facts=first.facts, help=first.help)
        for needed in _ALWAYS[name]:
            if needed not in reader.uses:
                raise Misuse("OUT-139", f"{source.file} must say {{{{ {needed} }}}}", place=source.place(0))
        chunks = html_chunks(text, reader.marks) if name == EMAIL_HTML else text_chunks(text, reader.marks)
        writers = IN_LAYOUT if name == EMAIL_HTML else {"content": "_raw"}
        program = compiled(written(chunks, writers), sandbox(voice, self.hosts().safe))
        return program.render(self._values(letter))

    def _values(self, letter: Letter) -> dict[str, object]:
        direction = "rtl" if formats.is_right_to_left(letter.language) else "ltr"
        message = {**letter.slots, "language": letter.language, "direction": direction}
        shaper = Shaper(_SCHEMA)
        facts = {
            "message": {name: value or None for name, value in message.items()},
            "shop": shop_facts(self.shop, letter.signer),
            "words": self.words_for(letter.language).model_dump(),
            "link": {"stop": letter.stop},
        }
        return {name: shaper.shape(name, value) for name, value in facts.items()}


def shop_facts(shop: Shop, signer: Person) -> dict[str, str | None]:
    """What templates may say about the shop."""
    return {
        "name": shop.name,
        "signer": signer.name,
        "reply_to": signer.email,
        "postal_address": shop.postal_address,
        "phone": shop.phone,
        "answers_within": shop.answers_within,
    }


def load(folder: Path, shop: Shop) -> Stationery:
    """The layouts of `folder` (the project's templates). Raises Misuse (OUT-139) naming the file."""
    layouts = {name: bare(_read(folder, name), f"templates/{FOLDER}/{name}") for name in (EMAIL_HTML, EMAIL_TEXT, TEXT)}
    shown = f"templates/{FOLDER}/words.yaml"
    words = parse(_read(folder, "words.yaml"), _WordsFile, shown=shown, code="OUT-139")
    return Stationery(folder, shop, layouts, words.languages)


def _read(folder: Path, name: str) -> str:
    try:
        return (folder / FOLDER / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        help = "copy it back from the shipped templates: outreach init"
        said = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Misuse("OUT-139", f"templates/{FOLDER}/{name} cannot be read: {said}", help=help) from None


_SCHEMA = Schema(
    {"message": typed("message"), "shop": typed("shop"), "words": typed("words"), "link": typed("links")},
    {
        "message": {
            **{name: FactType("slot", may_miss=name in ("preview", "why")) for name in SLOTS},
            "language": typed("text"),
            "direction": typed("text"),
        },
        "shop": schema_of_shop(),
        "words": {name: typed("text") for name in Words.model_fields},
        "links": {"stop": FactType("slot")},
    },
)
