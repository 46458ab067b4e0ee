"""The LUNs of one iSCSI target: a program of its own, for hosts.

It is sent to the host as it stands, so it needs nothing but Python's standard library (3.8 or
newer) and libiscsi, which comes with QEMU's own iSCSI driver. `iscsi-ls` logs in to every target
of a server and ends at the first that does not let it in; this asks one.

    iscsi_luns.py SERVER:PORT TARGET
"""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import POINTER, c_char_p, c_int, c_uint16, c_uint32, c_void_p

LIBRARIES = tuple(f"libiscsi.so.{number}" for number in range(7, 12))
INITIATOR = b"iqn.2008-11.org.linux-kvm"
"""Who QEMU's tools say they are."""

NORMAL_SESSION = 2
ALL_LUNS = 0
BYTES = 64 * 1024
"""Room for the numbers of 8,191 LUNs."""

FLAT = 0x3FFF
"""The bits of a LUN that are its number; the others say how it is written."""


class Luns(ctypes.Structure):
    """`struct scsi_reportluns_list`, which goes on with the numbers."""

    _fields_ = (("count", c_uint32),)


def luns(portal: str, target: str) -> list[int]:
    """Return the numbers of all LUNs; ends the program if the target does not let us in."""
    lib = _library()
    lib.iscsi_create_context.restype = c_void_p
    lib.iscsi_get_error.restype = c_char_p
    lib.iscsi_reportluns_sync.restype = POINTER(c_int)
    lib.scsi_datain_unmarshall.restype = POINTER(Luns)
    session = c_void_p(lib.iscsi_create_context(INITIATOR))

    def must(fine: bool) -> None:  # noqa: FBT001
        if not fine:
            sys.exit((lib.iscsi_get_error(session) or b"no answer").decode(errors="replace"))

    must(lib.iscsi_set_targetname(session, target.encode()) == 0)
    must(lib.iscsi_set_session_type(session, NORMAL_SESSION) == 0)
    must(lib.iscsi_connect_sync(session, portal.encode()) == 0)
    must(lib.iscsi_login_sync(session) == 0)
    task = lib.iscsi_reportluns_sync(session, ALL_LUNS, BYTES)
    must(bool(task) and task.contents.value == 0)
    listed = lib.scsi_datain_unmarshall(task)
    must(bool(listed))
    first = ctypes.addressof(listed.contents) + ctypes.sizeof(Luns)
    numbers = (c_uint16 * listed.contents.count).from_address(first)
    found = sorted(number & FLAT for number in numbers)
    lib.iscsi_logout_sync(session)
    return found


def _library() -> ctypes.CDLL:
    for name in LIBRARIES:
        try:
            return ctypes.CDLL(name)
        except OSError:
            continue
    sys.exit("there is no libiscsi; install qemu-block-extra")


if __name__ == "__main__":
    print(json.dumps(luns(*sys.argv[1:])))  # noqa: T201
