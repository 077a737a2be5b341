"""Where do all error codes come together?"""

from outreach.core import (
    codes_config,
    codes_lint,
    codes_nights,
    codes_pages,
    codes_providers,
    codes_publishing,
    codes_records,
    codes_replies,
    codes_sending,
    codes_setup,
    codes_templates,
    codes_wishes,
    codes_worker,
)
from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    **codes_templates.EXPLANATIONS,
    **codes_lint.EXPLANATIONS,
    **codes_publishing.EXPLANATIONS,
    **codes_records.EXPLANATIONS,
    **codes_replies.EXPLANATIONS,
    **codes_nights.EXPLANATIONS,
    **codes_wishes.EXPLANATIONS,
    **codes_pages.EXPLANATIONS,
    **codes_setup.EXPLANATIONS,
    **codes_config.EXPLANATIONS,
    **codes_worker.EXPLANATIONS,
    **codes_sending.EXPLANATIONS,
    **codes_providers.EXPLANATIONS,
}
