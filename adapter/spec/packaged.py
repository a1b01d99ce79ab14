"""Where are the vendor files and schemas that come with the package?"""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def home() -> Path:
    """The folder with `vendors.d` and `schemas`: beside a checkout's package, inside an installed one.

    An editable install may hold a stale copy inside the package, so the checkout comes first.
    """
    beside = _PACKAGE.parent
    return beside if (beside / "vendors.d").is_dir() and (beside / "pyproject.toml").is_file() else _PACKAGE / "_data"


def vendors() -> Path:
    return home() / "vendors.d"


def schemas() -> Path:
    return home() / "schemas"
