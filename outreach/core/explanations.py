"""Where do all error codes come together?"""

from outreach.core import codes_config, codes_nights, codes_records, codes_setup, codes_templates, codes_wishes
from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    **codes_templates.EXPLANATIONS,
    **codes_records.EXPLANATIONS,
    **codes_nights.EXPLANATIONS,
    **codes_wishes.EXPLANATIONS,
    **codes_setup.EXPLANATIONS,
    **codes_config.EXPLANATIONS,
}
