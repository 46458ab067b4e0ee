"""Whether guests run, found out by running one: 512 bytes that go where every kernel goes.

A /dev/kvm proves little: it may be closed to us, or be another virtualisation in disguise that
cannot run an ordinary kernel. The guest here switches to 64-bit mode with paging, then does an
atomic 16-byte exchange and saves and restores the state of its floating-point unit, at which
such half-working ones fail; then it ends QEMU with an exit code of its own.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Final

from cloudlab.errors import HostFault
from drivers.ssh.facts.asking import Machine, shell

GUEST: Final = base64.b64decode(
    "+jHAjtiOwI7QvABwvwAQuQAg/POrxwYAEAMgxwYAIAMwxwYAMIMA5JIMAuaSZrigBgAADyLgZrgAEAAADyLY"
    "ZrmAAADADzINAAEPMA8BFqh8DyDAJPNmDQMAAIAPIsDqZHwIAL4AQAAAMcAx0jHbMcn/w/BID8cOdRZID66G"
    "AAIAAEgPro4AAgAAigYEKeb09Ov9Dx9EAAAAAAAAAAAAAAAAAAAAmiAADwCYfA=="
)
"""The boot sector, up to its signature. In words (AT&T assembly, loaded at 0x7c00):

    16-bit: cli; ds = es = ss = 0; sp = 0x7000; clear 0x1000-0x5000
            page tables at 0x1000, 0x2000, 0x3000: the first 2 MiB map to themselves
            A20 on; cr4 = PAE, PGE, OSFXSR, OSXMMEXCPT; cr3 = 0x1000; EFER.LME = 1
            lgdt; cr0 = PG, PE, MP; ljmp to 64-bit code
    64-bit: rsi = 0x4000; rbx = 1; lock cmpxchg16b (%rsi); halt if it was not 0
            fxsave64 0x200(%rsi); fxrstor64 0x200(%rsi)
            al = (%rsi) + 41; out %al to port 0xf4, which ends QEMU; halt
"""

_GOOD: Final = 42 * 2 + 1
"""QEMU's exit code when the guest says 42 at its port of debugging."""

_SECONDS: Final = 5
"""A guest that works has ended in a tenth of that, one that is stuck never does."""

_SCRIPT: Final = (
    'f=$(mktemp) || exit 99; trap \'rm -f "$f"\' EXIT; cat > "$f"; '
    'truncate -s 1M "$f"; '  # firmware reads no disk that is smaller
    f'timeout -s KILL {_SECONDS} "$(command -v qemu-system-x86_64 || command -v qemu-kvm)" '
    '-machine q35 -accel "$1" -cpu "$2" -m 16 -nodefaults -display none -no-reboot '
    '-device isa-debug-exit,iobase=0xf4,iosize=1 -drive "file=$f,format=raw,if=ide"'
)


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a guest ran, and what was in its way."""

    ok: bool
    trouble: str = ""


def sector() -> bytes:
    """Return the guest as a disk's first sector."""
    return GUEST.ljust(510, b"\0") + b"\x55\xaa"


def try_guest(machine: Machine, accelerator: str, cpu: str) -> Trial:
    """Return whether a guest runs on `machine`.

    Args:
        machine: where.
        accelerator: `kvm` or `tcg`.
        cpu: the model of its CPU: `host` for all that the machine has, `max` for all that
            software can emulate.
    """
    try:
        done = machine.run(shell(_SCRIPT, accelerator, cpu), input=sector(), timeout=20.0)
    except HostFault as fault:
        return Trial(ok=False, trouble=str(fault))
    if done.exit_code == _GOOD:
        return Trial(ok=True)
    if done.exit_code == 137:
        return Trial(ok=False, trouble=f"the guest was stuck for {_SECONDS} s{_why(done.stderr)}")
    return Trial(ok=False, trouble=_first(done.stderr) or f"QEMU ended with {done.exit_code}")


def _why(stderr: bytes) -> str:
    first = _first(stderr)
    return f" ({first})" if first else ""


def _first(stderr: bytes) -> str:
    """Return the first complaint of QEMU that is one; what follows are registers and traces."""
    lines = stderr.decode(errors="replace").splitlines()
    told = (line.strip() for line in lines if line.strip() and "warning:" not in line)
    return re.sub(r"^qemu\S*: (error: )?", "", next(told, ""))
