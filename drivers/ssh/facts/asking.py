"""Whom facts are asked of: anything that runs a command, so that tests can answer, too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from drivers.site import Done


class Machine(Protocol):
    """Something that runs commands: an `SshHost`."""

    @property
    def name(self) -> str:
        """What it is called."""

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as subprocess calls it)
        timeout: float = 30.0,
    ) -> Done:
        """Run a command and return what it left."""


PATHS = "PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin:/usr/libexec"
"""People who are not root often lack the folders of what they may run all the same."""


def shell(script: str, *arguments: str) -> tuple[str, ...]:
    """Return the command for a few words of shell; `$1` and so on are the arguments."""
    return ("sh", "-c", f"{PATHS}; {script}", "sh", *arguments)


def answer(machine: Machine, argv: Sequence[str]) -> str:
    """Return what a command printed, empty if it failed or is not there."""
    done = machine.run(argv, timeout=15.0)
    return done.text if done.ok else ""


_FILES: Final = """\
hidden=$1; root=$2; shift 2
for pattern; do
  for file in "$root"$pattern; do
    [ -f "$file" ] || continue
    printf '\\n==> %s <==\\n' "${file#"$root"}"
    { cat "$file" 2>/dev/null || sudo -n cat "$file" 2>/dev/null; } | grep -viE "$hidden"
  done
done; :
"""
"""Args: what lines that are not shown hold, folder that is taken for /, patterns of paths."""

_HIDDEN: Final = (
    "psk|passw|passphrase|secret"  # also inside a word: WPA_PSK, wpa-passphrase
    "|w(ireless|ep)-key"  # with nothing but a blank behind it in /etc/network/interfaces
    # As words alone, and with a value: a bridge may be called monkey, or private.
    "|(^|[^[:alnum:]])(((private|pre-?shared|wep)[-_]?)?key[0-9]*|private|shared|pass|pin)"
    "[\"']?[[:space:]]*[=:][[:space:]]*[^{[:space:]]"
)
"""What a line with a secret holds."""

_HEADER: Final = re.compile(r"^==> (/.+) <==$", re.MULTILINE)


def files(machine: Machine, patterns: Sequence[str], root: str = "") -> Mapping[str, str]:
    """Return what each file holds that is there, by path in order; lines with secrets are left out.

    Args:
        machine: whose.
        patterns: paths, with `*` as shells have it.
        root: a folder that is taken for `/`.
    """
    _, *parts = _HEADER.split(answer(machine, shell(_FILES, _HIDDEN, root, *patterns)) + "\n")
    return dict(zip(parts[::2], parts[1::2], strict=True))
