"""What do the errors of making and starting a project mean?"""

from outreach.core.codes import Explanation

EXPLANATIONS: dict[str, Explanation] = {
    "OUT-607": Explanation(
        title="the project folder cannot be made there",
        text=(
            "A project is a folder with config/, templates/, jobs/ and a .env of its own. The name given is a file, or "
            "the folder, or something in it, may not be written by you. Files that were already copied stay; nothing "
            "that existed was changed."
        ),
        mend="name a folder that is yours: outreach init ~/shop. Running it again is safe: it adds what is missing.",
    ),
}
