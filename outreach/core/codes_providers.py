"""What do the codes of the providers' keys and senders mean? 41x; 401 stands with the worker's."""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-411": Explanation(
        "the sender's domain is not authenticated",
        "Mail programs ask the domain of the sender's address whether this provider may write in its name (DKIM, SPF). "
        "Without an answer much of the mail ends as spam or is refused. Nothing was sent.",
        "at the provider: authenticate the domain of senders.email.address, add the CNAME records it shows to your "
        "domain, wait until it says they are valid, then: outreach doctor",
    ),
    "OUT-412": Explanation(
        "a provider's key is not set",
        "senders.*.provider names a vendor whose key is not in the environment. Until it is, its messages wait. "
        "sendgrid: SENDGRID_API_KEY. twilio: TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN. smtp: OUTREACH_SMTP_URL.",
        "put NAME=value into .env of the project, then: outreach doctor",
    ),
    "OUT-413": Explanation(
        "a variable for a provider cannot be used",
        "OUTREACH_SMTP_URL is smtp://USER:PASSWORD@HOST:PORT (with STARTTLS) or smtps://..., a password percent-"
        "encoded. OUTREACH_SENDGRID_URL and OUTREACH_TWILIO_URL exist for tests and may name this machine only, "
        "because whoever stands there is given the key. The value is not shown, because it may hold one. Nothing ran.",
        "mend the variable that is named, in .env or in the environment",
    ),
}
