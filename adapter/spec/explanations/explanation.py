"""What does somebody need to know who has met a code for the first time?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """A code, what it is called in a few words, what it means, and a piece of a file that is wrong and then right.

    `severity` is the one that it has in a vendor file; a deployment may be stricter.
    """

    code: str
    severity: str
    title: str
    text: str
    wrong: str
    right: str
