"""What a database says when it fails, as the errors of cloudlab."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    InterfaceError,
    OperationalError,
    SQLAlchemyError,
)

from cloudlab.errors import DriverFault, InputError


@contextmanager
def reading(store: str) -> Iterator[None]:
    """Turn errors of opening and reading `store` into those of cloudlab.

    Raises:
        DriverFault: the database cannot be reached.
        InputError: it can, but what is there is not a store, or is damaged.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DriverFault(f"the store {store} cannot be opened: {_reason(error)}") from None
    except DatabaseError as error:
        raise _damaged(store, _reason(error)) from None
    except (KeyError, TypeError, ValueError) as error:
        raise _damaged(store, repr(error)) from None


@contextmanager
def writing(store: str) -> Iterator[None]:
    """Turn errors of writing to `store` into those of cloudlab.

    Raises:
        DriverFault: it could not be written; the transaction was rolled back.
    """
    try:
        yield
    except SQLAlchemyError as error:
        raise DriverFault(
            f"the store {store} cannot be written ({_reason(error)}), so nothing more is begun: "
            "make room or mend the database, then try again"
        ) from None


def _damaged(store: str, reason: str) -> InputError:
    return InputError(
        f"{store} is not a store of cloudlab, or it is damaged ({reason}): "
        "give another file, or put a copy of it back"
    )


def _reason(error: SQLAlchemyError) -> str:
    """Return what the database said, without SQL and values."""
    said = error.orig if isinstance(error, DBAPIError) else type(error).__name__
    return " ".join(str(said).split())
