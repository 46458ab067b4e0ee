"""A host belongs to one lab at a time: a note on the host says to which."""

from __future__ import annotations

from typing import Final

from cloudlab.errors import DriverFault, HostFault
from drivers.site import Access

_CLAIM: Final = """\
mkdir -p "$(dirname "$2")"
(set -C; printf '%s\\n' "$1" > "$2") 2>/dev/null || true
[ "$(cat "$2")" != "${1%% *}" ] || printf '%s\\n' "$1" > "$2"
cat "$2"
"""
"""Args: owner, path of the note. One that names no books is that of an earlier release."""

_RELEASE: Final = """\
if [ "$(cat "$2" 2>/dev/null)" = "$1" ]; then rm -f "$2"; fi
"""


def claim_path(state_folder: str) -> str:
    """Return where a host keeps the note."""
    return f"{state_folder}/cloudlab-lab"


def claim(access: Access, owner: str, state_folder: str, seconds: float) -> None:
    """Note on the host that it belongs to this lab, unless it is another's.

    Args:
        access: the host.
        owner: the lab and its books: `Site.owner`.
        state_folder: where the host keeps the note.
        seconds: how long it may take to answer.

    Raises:
        HostFault: it does not answer.
        DriverFault: it belongs to another lab.
    """
    path = claim_path(state_folder)
    done = access.shell.check(["sh", "-ec", _CLAIM, "sh", owner, path], timeout=seconds)
    if done.text != owner:
        raise DriverFault(f"host {access.name} {stranger(done.text, owner, path)}")


def stranger(theirs: str, ours: str, path: str, where: str = "on the host") -> str:
    """Return what to say of a host or a folder that another lab, or other books, own.

    Args:
        theirs: the owner that is noted there.
        ours: the owner that wants it.
        path: of the note.
        where: the note is.
    """
    lab, _, books = theirs.partition(" ")
    mine, _, my_books = ours.partition(" ")
    if lab != mine:
        return (
            f"belongs to the lab {lab}, this is {mine}: disconnect it there first, or take it over "
            f"by removing {path} {where}"
        )
    return (
        f"belongs to another lab called {lab} (its books are elsewhere: {books}, these are "
        f"{my_books or 'without a name'}): open it with those, or give this lab another name; to "
        f"take it over with all that is there remove {path} {where}"
    )


def still_claimed(access: Access, owner: str, state_folder: str, seconds: float) -> None:
    """Check that the host bears the note of this lab yet: it goes with the host's power.

    Raises:
        HostFault: it does not answer, or does not bear it: it may have forgotten its machines.
    """
    path = claim_path(state_folder)
    done = access.shell.run(["cat", path], timeout=seconds)
    if done.text != owner:
        lab_id = owner.partition(" ")[0]
        message = f"host {access.name} was restarted, or left the lab {lab_id}: connect it again"
        raise HostFault(message, access.name)


def release(access: Access, owner: str, state_folder: str, seconds: float) -> None:
    """Make sure that the host does not belong to this lab; another's note stays.

    Raises:
        HostFault: it does not answer.
    """
    path = claim_path(state_folder)
    access.shell.check(["sh", "-ec", _RELEASE, "sh", owner, path], timeout=seconds)
