"""How does the usual app send? One queue message per mail, an ORM row, a template, the maker's own client, threads.

`python naive.py ASKED` queues and waits, `dramatiq naive` is its worker. What both need stands in NAIVE, as JSON.
"""

import json
import os
import sys
import time
from pathlib import Path

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker
from jinja2 import Environment
from sendgrid import SendGridAPIClient
from sendgrid.helpers.mail import CustomArg, Header, Mail
from sqlalchemy import create_engine, event, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

ASKED = json.loads(os.environ["NAIVE"])  # database, redis, provider, messages, html, text (files)
broker = RedisBroker(url=ASKED["redis"])
dramatiq.set_broker(broker)
engine = create_engine(ASKED["database"], pool_size=20)
if ASKED["database"].startswith("sqlite"):

    @event.listens_for(engine, "connect")
    def _kind_to_writers(connection, _record):
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA busy_timeout=30000")


class Base(DeclarativeBase):
    pass


class Message(Base):
    __tablename__ = "naive_message"

    id: Mapped[int] = mapped_column(primary_key=True)
    to: Mapped[str]
    first_name: Mapped[str]
    item: Mapped[str]
    state: Mapped[str] = mapped_column(default="pending", index=True)
    provider_id: Mapped[str | None]


html = Environment(autoescape=True).from_string(Path(ASKED["html"]).read_text())
text = Environment(autoescape=False).from_string(Path(ASKED["text"]).read_text())
client = SendGridAPIClient("SG.fake", host=ASKED["provider"])


@dramatiq.actor(max_retries=3)
def send_one(message_id):
    with Session(engine) as session:
        message = session.get(Message, message_id)
        if message is None or message.state != "pending":
            return
        message.state = "sending"
        session.commit()
        words = {"first_name": message.first_name, "item": message.item}
        mail = Mail("hello@shop.example", message.to, "Did it arrive?", text.render(words), html.render(words))
        mail.add_custom_arg(CustomArg("outreach_id", f"naive-{message.id}"))
        mail.add_header(Header("List-Unsubscribe", f"<https://shop.example/u/{message.id}>"))
        answer = client.send(mail)
        message.state, message.provider_id = "sent", answer.headers["X-Message-Id"]
        session.commit()


def drive():
    """Queue everything, wait until the queue is empty; one JSON line: seconds, and how many were sent."""
    Base.metadata.drop_all(engine)
    Base.metadata.create_all(engine)
    count = ASKED["messages"]
    rows = [{"to": f"p{i}@customer.example", "first_name": f"Ana {i}", "item": "Mill 3"} for i in range(count)]
    with Session(engine) as session:
        session.execute(insert(Message), rows)
        session.commit()
    queue = redis.Redis.from_url(ASKED["redis"])
    began = time.perf_counter()
    for message_id in range(1, count + 1):
        send_one.send(message_id)
    while queue.hlen("dramatiq:default.msgs"):
        time.sleep(0.01)
    seconds = time.perf_counter() - began
    with Session(engine) as session:
        sent = session.query(Message).filter_by(state="sent").count()
    print(json.dumps({"seconds": seconds, "sent": sent}))


if __name__ == "__main__":
    sys.exit(drive())
