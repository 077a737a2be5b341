"""How does Prometheus learn where the send stands? From the database, each time it asks; never from this process.

So the figures are the same whichever worker is asked, and a restart loses none. Needs the extra `metrics`.
"""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from outreach.core.errors import Misuse


@dataclass(frozen=True, slots=True)
class Figure:
    """One number: its name, what it counts, and its labels (never a person)."""

    name: str
    meaning: str
    value: float
    labels: tuple[tuple[str, str], ...] = ()


Figures = Callable[[], Sequence[Figure]]


@dataclass(frozen=True, slots=True)
class _Collector:
    figures: Figures
    family: Callable[..., Any]

    def describe(self) -> Iterator[Any]:
        """Nothing is read before somebody asks."""
        return iter(())

    def collect(self) -> Iterator[Any]:
        """The figures of this moment, by name."""
        families: dict[str, Any] = {}
        for figure in self.figures():
            names = [name for name, _ in figure.labels]
            if figure.name not in families:
                families[figure.name] = self.family(f"outreach_{figure.name}", figure.meaning, labels=names)
            families[figure.name].add_metric([value for _, value in figure.labels], figure.value)
        yield from families.values()


@dataclass(frozen=True, slots=True)
class Served:
    """Where we answer, and how to end it."""

    port: int
    stop: Callable[[], None]


def serve(figures: Figures, *, port: int) -> Served:
    """Answer on 127.0.0.1:`port` (0: any free one) until stopped.

    Raises Misuse: OUT-421 without the extra, OUT-422 when the port is taken.
    """
    try:
        client = importlib.import_module("prometheus_client")
        core = importlib.import_module("prometheus_client.core")
    except ModuleNotFoundError:
        said = "--metrics-port needs prometheus-client, which is not installed"
        raise Misuse("OUT-421", said, help='pip install "outreach[metrics]"') from None
    registry = client.CollectorRegistry(auto_describe=False)
    registry.register(_Collector(figures, core.GaugeMetricFamily))
    try:
        server, thread = client.start_http_server(port, addr="127.0.0.1", registry=registry)
    except OSError as error:
        raise Misuse("OUT-422", f"port {port} cannot be opened for the metrics: {error.strerror}") from error

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return Served(server.server_port, stop)
