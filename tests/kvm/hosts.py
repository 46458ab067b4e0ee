"""Two hosts that are this machine, with the records of what may be there."""

from __future__ import annotations

from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from cloudlab.engine import LiveEngine
from tests.kvm.records import Records
from tests.support.local_hosts import EMPTY, LocalHosts

T = TypeVar("T")

NODE = """<node><domain type="test"><name>i-2-1-VM</name><memory>8192</memory>
<os><type>hvm</type></os></domain></node>"""
"""A host with one domain, which is running and nobody's that we know."""


class Here(LocalHosts):
    """Two hosts with a pool in a folder; each host keeps its notes in a folder of its own."""

    def __init__(
        self, engine: LiveEngine, folder: Path, node: str, lab: tuple[str, str], **options: Any
    ) -> None:
        super().__init__(engine, folder, ("h1", "h2"), node=node, lab=lab, **options)
        self.records = Records(f"file://{self.primary}")
        self.host, self.other = self.records.host, self.records.other
        self.pool = self.records.pool

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end and return its result."""
        process = self.engine.spawn(work)
        self.engine.run(process)
        return process.result

    def open(self) -> None:
        """Connect both hosts and attach the pool to both."""
        for host in (self.host, self.other):
            self.do(self.hypervisor.connect(host))
            self.do(self.blocks.attach_pool(self.pool, host))

    def names(self) -> set[str]:
        """Return what lies in the lab's folder on the pool."""
        return {path.name for path in (self.primary / self.lab_folder).iterdir()}


@contextmanager
def here(
    folder: Path, node: str = EMPTY, lab_id: str = "lab1", store_id: str = "", **options: Any
) -> Iterator[Here]:
    """Yield hosts that are here, not connected yet."""
    with LiveEngine() as engine:
        yield Here(engine, folder, node, (lab_id, store_id), **options)
