"""How fast is django-post_office in its best configuration? Queued in bulk, then sent by its own command.

`python post_office_run.py`; what it needs stands in POST_OFFICE_RUN, as JSON.
"""

import json
import os
import time
from pathlib import Path

import django
from django.conf import settings

ASKED = json.loads(os.environ["POST_OFFICE_RUN"])  # database (Django's dict), smtp, messages, html, text (files)


def configure():
    """Its documented levers: processes, threads, batch; logs of failures only; no log row per mail."""
    settings.configure(
        SECRET_KEY="bench",
        USE_TZ=True,
        DATABASES={"default": ASKED["database"]},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "post_office"],
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=ASKED["smtp"],
        CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": ASKED["batch"],
            "THREADS_PER_PROCESS": ASKED["threads"],
            "LOG_LEVEL": 0,
            "BATCH_DELIVERY_TIMEOUT": 600,
        },
        LOGGING={"version": 1, "root": {"handlers": [], "level": "CRITICAL"}},
    )
    django.setup()


def run():
    from django.core.management import call_command  # Django must be configured first
    from post_office import mail
    from post_office.models import Email, EmailTemplate

    call_command("migrate", verbosity=0)
    html, text = Path(ASKED["html"]).read_text(), Path(ASKED["text"]).read_text()
    template = EmailTemplate.objects.create(name="mail", subject="Did it arrive?", content=text, html_content=html)
    count = ASKED["messages"]
    began = time.perf_counter()
    for first in range(0, count, 1_000):
        mail.send_many([_mail(i, template) for i in range(first, min(first + 1_000, count))])
    queued = time.perf_counter() - began
    began = time.perf_counter()
    call_command("send_queued_mail", processes=ASKED["processes"], verbosity=0)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "queued": queued, "sent": Email.objects.filter(status=0).count()}))


def _mail(number, template):
    return {
        "recipients": [f"p{number}@customer.example"],
        "sender": "hello@shop.example",
        "template": template,
        "context": {"first_name": f"Ana {number}", "item": "Mill 3"},
        "headers": {"List-Unsubscribe": f"<https://shop.example/u/{number}>"},
        "render_on_delivery": ASKED["render_on_delivery"],
    }


if __name__ == "__main__":
    configure()
    run()
