"""Shells that remember what they were asked, or run it here."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field

from cloudlab.errors import HostFault
from drivers.site import Access, Done, Site


@dataclass
class RememberingShell:
    """A host that does whatever it is asked, says nothing, and may be dead."""

    asked: list[tuple[str, ...]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    answer: str = ""
    exit_code: int = 0
    is_dead: bool = False

    def run(self, argv, *, input=None, timeout=30.0) -> Done:  # noqa: A002
        """Remember what was asked, without the shell's own words."""
        if self.is_dead:
            raise HostFault("h1 does not answer", "h1")
        self.asked.append(tuple(argv[3:]))
        self.texts.append(input.decode())
        said = self.answer.encode()
        return Done(self.exit_code, said, said if self.exit_code else b"", 0.0)


class LocalShell:
    """This machine's shell."""

    def run(self, argv, *, input=None, timeout=30.0) -> Done:  # noqa: A002
        """Run a command here."""
        done = subprocess.run(
            argv, input=input, capture_output=True, check=False, timeout=min(timeout, 10)
        )
        return Done(done.returncode, done.stdout, done.stderr, 0.0)


def site_of(*shells) -> Site:
    """Return a site of hosts `h1`, `h2` ... with these shells."""
    return Site(
        "t1",
        {
            f"h{number}": Access(f"h{number}", f"10.77.1.{10 + number}", shell, "")
            for number, shell in enumerate(shells, start=1)
        },
    )
