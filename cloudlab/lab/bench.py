"""What every verb of a lab stands on: find the thing that is meant, do one job to its end."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, TypeVar

from cloudlab.engine import stop_on_ctrl_c
from cloudlab.errors import Conflict
from cloudlab.lab import finding
from cloudlab.model import Account, Command, Job, JobStatus, Record
from cloudlab.workflows import jobs

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.engine import Process
    from cloudlab.lab.finding import Which
    from cloudlab.lab.world import World
    from cloudlab.state import Table

R = TypeVar("R", bound=Record)
T = TypeVar("T")


class Bench:
    """A world, and how one verb is done in it.

    Attributes:
        world: the cloud's clock and outside.
    """

    world: World

    @property
    def cloud(self) -> Cloud:
        """The cloud: its records, books and rules."""
        return self.world.cloud

    @property
    def now(self) -> float:
        """The present moment, seconds."""
        return self.world.engine.now

    def do(self, command: Command, target: Record | str, work: Coroutine[object, object, R]) -> R:
        """Run `work` as a job to its end and return its result.

        Raises:
            CloudError: the error of the job.
            Conflict: somebody stopped it, and it was undone; or the lab is closed.
        """
        self.check_open(work)
        made: list[R] = []

        async def kept() -> R:
            made.append(await work)
            return made[0]

        job: Job = self.finish(jobs.submit(self.cloud, command, target, kept()))
        if job.status is JobStatus.SUCCEEDED:
            return made[0]
        raise job.error or Conflict(job.error_text)

    def ask(self, work: Coroutine[object, object, T]) -> T:
        """Run `work`, which is no job, to its end and return its result.

        Raises:
            Conflict: the lab is closed.
        """
        self.check_open(work)
        return self.finish(self.world.engine.spawn(work))

    def check_open(self, work: Coroutine[object, object, object] | None = None) -> None:
        """Refuse to begin anything, and drop `work`, when the lab was closed.

        Raises:
            Conflict: it was.
        """
        if self.world.engine.is_closed:
            if work is not None:
                work.close()
            raise Conflict("this lab is closed: what it shows stays; connect() opens it again")

    def finish(self, process: Process[T]) -> T:
        """Let time pass until `process` has ended; stopped by Ctrl-C, it is undone first."""
        engine = self.world.engine
        self.world.start()
        with stop_on_ctrl_c(engine):
            result = engine.run(process)
        if not process.processed:
            engine.interrupt(process, "the lab was stopped")
            result = engine.run(process)
        self.world.keep()
        return result  # type: ignore[return-value]  # None only if stopped, and it was not

    def the(self, table: Table[R], what: Which[R]) -> R:
        """Return the record that is meant: the object, or by name or id.

        Raises:
            InvalidParameter: it is none of these.
            NotFound: there is none such.
            Conflict: several have this name.
        """
        return finding.the(table, what)

    def the_or_first(self, table: Table[R], what: Which[R] | None) -> R:
        """Return the record that is meant, the first for users if none is given; see `the`."""
        return finding.first_of(table) if what is None else finding.the(table, what)

    def owner(self, account: Which[Account] | None) -> Account:
        """Return the account that is meant, admin if none is given; see `the`."""
        accounts = self.cloud.inventory.accounts
        return self.cloud.admin if account is None else finding.the(accounts, account)
