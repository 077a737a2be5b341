"""What do a few of tonight's messages say? For `nightly --sample N`: the same few each time it is asked."""

from outreach.cli.screen import wrapped
from outreach.core.terms import Channel
from outreach.flows.app import App
from outreach.flows.send import message_name
from outreach.flows.tonight import Content, leaving


def sample_lines(app: App, run_id: int, count: int) -> list[str]:
    """The first `count` messages of every campaign, as their plain text."""
    lines: list[str] = []
    seen: dict[str, int] = {}
    for row, content in leaving(app, run_id):
        seen[row.campaign] = seen.get(row.campaign, 0) + 1
        if content is not None and seen[row.campaign] <= count:
            head = f"{row.campaign} · {row.channel} · {row.language} · {message_name(row.id)} to {row.customer}"
            lines += ["", f"  {head}", *message_lines(content, Channel(row.channel))]
    return lines


def message_lines(content: Content, channel: Channel, *, indent: str = "    ") -> list[str]:
    """A message as its reader gets it in plain text; a text with its parts."""
    lines: list[str] = []
    if content.subject is not None:
        lines += [*wrapped(f"{indent}Subject: {content.subject}", indent=f"{indent}  "), indent.rstrip()]
    for line in content.text.splitlines():
        lines += wrapped(indent + line, indent=indent) if line.strip() else [""]
    if channel is Channel.TEXT:
        parts = content.parts or 0
        lines.append(f"{indent}({parts} part{'' if parts == 1 else 's'}, {len(content.text)} characters)")
    return lines
