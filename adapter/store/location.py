"""Where is the store? A path or a URL, and never a password in what is printed of it."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

SCHEMES = ("postgresql", "sqlite")

ADVICE = "write sqlite:///adapter.db, a path, or postgresql://user@host/database"


@dataclass(frozen=True, slots=True)
class Location:
    """`path` is the file of SQLite; `url` is what SQLAlchemy calls it."""

    scheme: str
    url: URL
    path: Path | None = None

    def __str__(self) -> str:
        shown = self.url.set(drivername=self.scheme)
        return str(self.path) if self.path else shown.render_as_string(hide_password=True)


def location(text: str) -> Location:
    """Raises ValueError for no name of a store."""
    if "://" not in text:
        return _file(Path(text))
    scheme, _, _ = text.partition("://")
    if scheme not in SCHEMES:
        raise ValueError(f"--store: {scheme!r} is not one of {[*SCHEMES]}; {ADVICE}")
    try:
        parsed = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise ValueError(f"--store: {error}; {ADVICE}") from error
    if scheme == "sqlite":
        return _sqlite(parsed)
    if not parsed.database:
        raise ValueError(f"--store: no database is named; {ADVICE}")
    return Location(scheme, parsed.set(drivername="postgresql+psycopg"))


def _sqlite(parsed: URL) -> Location:
    if not parsed.database or parsed.host or parsed.query:
        raise ValueError("--store: write sqlite:///here.db or, for a path from the root, sqlite:////data/there.db")
    return _file(Path(parsed.database))


def _file(path: Path) -> Location:
    return Location("sqlite", URL.create("sqlite", database=str(path)), path)
