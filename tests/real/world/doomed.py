"""A process that opens a lab, begins one verb, and waits at one step of it to be killed.

`python -m tests.real.world.doomed LAB_FILE VERB STEP WHEN`, where WHEN is `before` the step is
taken, `during` it, or `after` it. The books are committed by then, as they are at any step.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import fields, replace
from inspect import iscoroutinefunction
from typing import Any, Final

from cloudlab import Lab, connect

HERE: Final = "here"
"""What it prints when it is at its step."""

VERBS: Final[dict[str, Callable[[Lab], object]]] = {
    "attach": lambda lab: lab.attach("data", "web"),
    "delete network": lambda lab: lab.delete_network("net"),
    "detach": lambda lab: lab.detach("data"),
    "deploy": lambda lab: lab.deploy("new", network="net"),
    "destroy": lambda lab: lab.destroy("web", expunge=True),
    "grow": lambda lab: lab.resize("data", offering="Large Disk"),
    "migrate": lambda lab: lab.migrate("web"),
    "move": lambda lab: lab.migrate_volume("data", "second"),
    "revert": lambda lab: lab.revert("web", "kept"),
    "snapshot": lambda lab: lab.snapshot("web", "kept", memory=True),
    "stop": lambda lab: lab.stop("web", forced=True),
}


class Snare:
    """Stands before a port; holds whoever takes the step until the process is killed."""

    def __init__(self, lab: Lab, name: str, step: str, when: str) -> None:
        """Stand before the port called `name` of the cloud of `lab`."""
        self._lab, self._port = lab, getattr(lab.cloud.ports, name)
        self._method = step.partition(".")[2] if step.startswith(f"{name}.") else ""
        self._when = when

    def __getattr__(self, name: str) -> Any:
        """Return what the port calls `name`, or the snare."""
        found = getattr(self._port, name)
        if name != self._method or not iscoroutinefunction(found):
            return found

        async def caught(*args: Any, **options: Any) -> None:
            if self._when != "after":
                self._lab.world._mirror.commit()  # type: ignore[attr-defined]
                tell()
            if self._when != "before":
                await found(*args, **options)
            tell()
            wait_for_the_end()

        return caught


def tell() -> None:
    """Say that the step is reached."""
    sys.stdout.write(f"{HERE}\n")
    sys.stdout.flush()


def wait_for_the_end() -> None:
    """Hold the whole process, its clock too."""
    time.sleep(60)


def main() -> None:
    """Open the lab, begin the verb, and never come to its end."""
    path, verb, step, when = sys.argv[1:]
    lab = connect(path, progress=False)
    ports = lab.cloud.ports
    names = [each.name for each in fields(ports) if each.name != "are_instant"]
    snares: dict[str, Any] = {name: Snare(lab, name, step, when) for name in names}
    lab.cloud.ports = replace(ports, **snares)
    VERBS[verb](lab)


if __name__ == "__main__":
    main()
