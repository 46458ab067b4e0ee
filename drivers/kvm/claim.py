"""A host belongs to one lab at a time: a note on the host says to which."""

from __future__ import annotations

from typing import Final

from cloudlab.errors import DriverFault, HostFault
from drivers.site import Access

_CLAIM: Final = """\
mkdir -p "$(dirname "$2")"
(set -C; printf '%s\\n' "$1" > "$2") 2>/dev/null || true
cat "$2"
"""

_RELEASE: Final = """\
if [ "$(cat "$2" 2>/dev/null)" = "$1" ]; then rm -f "$2"; fi
"""


def claim_path(state_folder: str) -> str:
    """Return where a host keeps the note."""
    return f"{state_folder}/cloudlab-lab"


def claim(access: Access, lab_id: str, state_folder: str, seconds: float) -> None:
    """Note on the host that it belongs to this lab, unless it is another's.

    Raises:
        HostFault: it does not answer.
        DriverFault: it belongs to another lab.
    """
    path = claim_path(state_folder)
    done = access.shell.check(["sh", "-ec", _CLAIM, "sh", lab_id, path], timeout=seconds)
    if done.text != lab_id:
        raise DriverFault(
            f"host {access.name} belongs to the lab {done.text}, this is {lab_id}: disconnect it "
            f"there first, or take it over by removing {path} on the host"
        )


def still_claimed(access: Access, lab_id: str, state_folder: str, seconds: float) -> None:
    """Check that the host bears the note of this lab yet: it goes with the host's power.

    Raises:
        HostFault: it does not answer, or does not bear it: it may have forgotten its machines.
    """
    path = claim_path(state_folder)
    done = access.shell.run(["cat", path], timeout=seconds)
    if done.text != lab_id:
        message = f"host {access.name} was restarted, or left the lab {lab_id}: connect it again"
        raise HostFault(message, access.name)


def release(access: Access, lab_id: str, state_folder: str, seconds: float) -> None:
    """Make sure that the host does not belong to this lab; another's note stays.

    Raises:
        HostFault: it does not answer.
    """
    path = claim_path(state_folder)
    access.shell.check(["sh", "-ec", _RELEASE, "sh", lab_id, path], timeout=seconds)
