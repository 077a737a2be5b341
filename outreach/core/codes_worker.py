"""What do the errors of the worker and of operation mean?"""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-332": Explanation(
        "messages of unknown fate are only tried again by name",
        "The provider may have taken such a message: it did not answer, and a day brought no word of it. Trying it "
        "again may reach the customer twice, so a person decides each one, by its name, and says so.",
        "look into the provider's own log, then: outreach retry RUN --unknown m-12,m-15",
    ),
    "OUT-401": Explanation(
        "a provider refuses us",
        "The key is wrong, was withdrawn, or may not send; or the account is closed. Trying again will not help, so "
        "nothing more is handed to this provider until a person has looked (exit 4). Messages wait, each until it "
        "would be useless; the other channel goes on.",
        "mend the key in .env, look with outreach doctor, then start outreach worker again",
    ),
    "OUT-420": Explanation(
        "the worker's processes fail as soon as they start",
        "Each was started again, a little later each time, and failed again. What they held is freed when its lease "
        "runs out; nothing is lost and nothing is sent twice. The traces are in .outreach/faults.",
        "outreach doctor; please report the trace",
    ),
    "OUT-421": Explanation(
        "the metrics need one more package",
        "--metrics-port answers Prometheus with prometheus-client, which is not part of the usual installation. "
        "Nothing was started.",
        'pip install "outreach[metrics]", or leave --metrics-port out',
    ),
    "OUT-422": Explanation(
        "the port for the metrics cannot be opened",
        "Another program, or another worker, answers there already. Nothing was started.",
        "choose another --metrics-port",
    ),
    "OUT-613": Explanation(
        "OUTREACH_REDIS_URL is not the address of a Redis",
        "It is redis://HOST:PORT/NUMBER, rediss:// for TLS, or unix:// for a socket. Without it the worker does "
        "without Redis, which is right for a shop on one machine.",
        "mend the line in .env, or remove it",
    ),
}
