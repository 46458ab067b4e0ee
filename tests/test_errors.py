"""The error tree: what its drawing promises, what every error can do."""

from __future__ import annotations

import pickle
import re

import pytest

from cloudlab import errors
from cloudlab.errors import CloudError, HostFault, InsufficientCapacity, Refused

CLASSES = [
    each
    for each in vars(errors).values()
    if isinstance(each, type) and each.__module__ == errors.__name__
]


def drawn() -> dict[str, tuple[str, str]]:
    """Return each class of the drawing with the class above it and what it says."""
    path: list[str] = []
    found = {}
    drawing = (errors.__doc__ or "").split("```")[1].strip().splitlines()
    for line in drawing:
        indent, name, text = re.match(r"([│├└─ ]*)(\w+) +(.+)", line).groups()
        depth = len(indent) // 4
        path[depth:] = [name]
        found[name] = (path[depth - 1] if depth else "", text)
    return found


def test_the_drawing_lists_every_class() -> None:
    """Neither more nor fewer than there are, each below the class it is derived from."""
    assert {name: above for name, (above, _) in drawn().items()} == {
        each.__name__: "" if each is CloudError else each.__base__.__name__ for each in CLASSES
    }


@pytest.mark.parametrize("kind", CLASSES, ids=[each.__name__ for each in CLASSES])
def test_every_error_says_what_it_means(kind: type[CloudError]) -> None:
    """A docstring, an error code of the API, and a message that is the whole text."""
    assert kind.__doc__
    assert kind.code in {430, 431, 432, 530, 531, 533, 534, 535}
    assert str(kind("host h1 has 0 MiB free")) == "host h1 has 0 MiB free"
    assert str(kind()) == kind.__name__


@pytest.mark.parametrize("kind", CLASSES, ids=[each.__name__ for each in CLASSES])
def test_every_error_can_be_built_again_from_its_arguments(kind: type[CloudError]) -> None:
    """The engine does so when a process fails, and pickle when work is done elsewhere."""
    error = kind("first", "second")
    again = type(error)(*error.args)
    assert (str(again), again.args) == ("first", ("first", "second"))
    assert pickle.loads(pickle.dumps(error)).args == error.args


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("InvalidParameter", 431),
        ("NotFound", 431),
        ("NotPermitted", 531),
        ("Conflict", 530),
        ("IllegalMove", 431),
        ("InsufficientCapacity", 533),
        ("ResourceLimitExceeded", 535),
        ("HostFault", 534),
        ("DriverFault", 534),
        ("TimedOut", 530),
        ("Cancelled", 530),
    ],
)
def test_codes_are_cloudstacks(name: str, code: int) -> None:
    """The numbers of its `ApiErrorCode`: 431 parameter, 530 internal, 533 capacity and so on."""
    assert getattr(errors, name).code == code


def test_refused_means_that_nothing_happened() -> None:
    """Exactly the errors below Refused promise it; a fault of a host or driver does not."""
    assert {each.__name__ for each in CLASSES if issubclass(each, Refused)} == {
        "Refused",
        "InvalidParameter",
        "InputError",
        "NotFound",
        "NotPermitted",
        "Conflict",
        "IllegalMove",
        "InsufficientCapacity",
        "ResourceLimitExceeded",
    }


def test_errors_carry_what_helps() -> None:
    """The failed host by name, and the explanation of a refusal; nothing where unknown."""
    assert HostFault("qemu exited", "h7").host_name == "h7"
    assert HostFault("qemu exited").host_name is None
    reasons = object()
    assert InsufficientCapacity("no place", reasons).explanation is reasons
    assert InsufficientCapacity("no place").explanation is None
