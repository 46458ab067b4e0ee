"""Where a store is: a file, or the URL of a database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from cloudlab.errors import InvalidParameter

KINDS: Final = ("sqlite", "postgresql", "mysql", "mariadb")


def location(where: str | Path) -> URL:
    """Return the URL of `where`: the path of an SQLite file, or a URL as SQLAlchemy writes it.

    Raises:
        InvalidParameter: it is no URL, of no known kind, in memory, or in no folder.
    """
    text = str(where)
    if "://" not in text:
        return _of_file(Path(text))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text itself may hold a password: it is not shown.
        raise InvalidParameter(
            "the store's URL cannot be read: write kind://user:password@host:port/database"
        ) from None
    if url.get_backend_name() not in KINDS:
        raise InvalidParameter(
            f"a store cannot be kept in {url.drivername}: give the path of a file, "
            f"or a URL that begins with {', '.join(KINDS)}"
        )
    return _of_file(_path(url), url) if url.get_backend_name() == "sqlite" else url


def shown(url: URL) -> str:
    """Return `url` as messages use it: a path, or a URL without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return url.render_as_string(hide_password=True)


def beside(url: URL, ending: str) -> Path | None:
    """Return the file beside an SQLite file, `None` for a database on a server."""
    path = file_of(url)
    return None if path is None else path.with_name(path.name + ending)


def file_of(url: URL) -> Path | None:
    """Return the SQLite file, `None` for a database on a server."""
    return Path(str(url.database)) if url.get_backend_name() == "sqlite" else None


def _path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise InvalidParameter(
            "a store in memory would not outlive its process: give the path of a file"
        )
    return Path(url.database)


def _of_file(path: Path, url: URL | None = None) -> URL:
    path = path.expanduser().absolute()
    if not path.parent.is_dir():
        raise InvalidParameter(f"the store {path} cannot be made: make its folder first")
    if path.is_dir():
        raise InvalidParameter(f"the store {path} is a folder: give the path of a file in it")
    return (url or URL.create("sqlite")).set(database=str(path))
