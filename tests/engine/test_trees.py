"""Any tree of works, with any interrupts: whatever is begun is either finished or undone."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

from hypothesis import example, given, settings
from hypothesis import strategies as st

from cloudlab.engine import Interrupted, LiveEngine, LockMisuse, Rollback, VirtualEngine
from cloudlab.errors import CloudError, HostFault
from tests.engine.world import SCALE

SECONDS = st.sampled_from([0, 0.5, 1, 2, 3, 7])
LEAVES = st.one_of(
    st.tuples(st.just("sleep"), SECONDS),
    st.tuples(st.just("act"), SECONDS, SECONDS, st.booleans(), st.booleans()),
    st.tuples(st.just("fail"), SECONDS),
)
TREES = st.recursive(
    LEAVES,
    lambda trees: st.one_of(
        st.tuples(st.just("all"), st.lists(trees, max_size=4)),
        st.tuples(st.just("block"), st.lists(trees, max_size=4)),
        st.tuples(st.just("within"), SECONDS, trees),
        st.tuples(st.just("shield"), trees),
        st.tuples(st.just("attempt"), trees),
        st.tuples(st.just("locked"), st.integers(1, 3), trees),
    ),
    max_leaves=12,
)


class Player:
    """Plays a tree of works and keeps the book: what was begun, what is there.

    Every act registers its undo with the blocks around it, so an act must be there in the end
    if it was finished and none of the blocks around it failed.
    """

    def __init__(self, engine) -> None:
        """Begin with an empty world."""
        self.engine = engine
        self.numbers = count()
        self.half = set()
        self.there = set()
        self.finished = {}
        self.failed_blocks = set()

    async def play(self, tree, blocks) -> None:
        """Do what the root of `tree` says, inside `blocks`: pairs of a number and its undo."""
        kind, *rest = tree
        await getattr(self, kind)(blocks, *rest)

    async def sleep(self, blocks, seconds) -> None:
        """Let time pass."""
        await self.engine.sleep(seconds)

    async def fail(self, blocks, seconds) -> None:
        """Fail after a while."""
        await self.engine.sleep(seconds)
        raise HostFault("h1 is down", "h1")

    async def act(self, blocks, seconds, undo_seconds, fails, shielded) -> None:
        """Change the world in two halves, with a chance to be interrupted or to fail between."""
        number = next(self.numbers)
        for _, undo in blocks:
            undo(self.undo_act, number, undo_seconds)
        await (self.engine.shield if shielded else self.engine.all)(
            self.change(number, seconds, fails)
        )
        self.finished[number] = {block for block, _ in blocks}

    async def change(self, number, seconds, fails) -> None:
        """Make both halves of a change."""
        self.half.add(number)
        await self.engine.sleep(seconds)
        if fails:
            raise HostFault("h1 is down", "h1")
        self.half.remove(number)
        self.there.add(number)

    async def undo_act(self, number, seconds) -> None:
        """Undo a change, whole or half or none."""
        await self.engine.sleep(seconds)
        self.half.discard(number)
        self.there.discard(number)

    async def all(self, blocks, trees) -> None:
        """Play several trees side by side."""
        await self.engine.all(*(self.play(tree, blocks) for tree in trees))

    async def block(self, blocks, trees) -> None:
        """Play several trees one after the other, in a block of their own."""
        number = next(self.numbers)
        try:
            async with Rollback(self.engine) as undo:
                for tree in trees:
                    await self.play(tree, [*blocks, (number, undo)])
        except Exception:
            self.failed_blocks.add(number)
            raise

    async def within(self, blocks, seconds, tree) -> None:
        """Play a tree against the clock."""
        await self.engine.within(seconds, self.play(tree, blocks))

    async def shield(self, blocks, tree) -> None:
        """Play a tree that no interrupt reaches."""
        await self.engine.shield(self.play(tree, blocks))

    async def attempt(self, blocks, tree) -> None:
        """Play a tree in a block whose failure is no failure of ours."""
        with suppress(CloudError):
            await self.block(blocks, [tree])

    async def locked(self, blocks, number, tree) -> None:
        """Play a tree that holds a lock, unless a tree around it holds that or a later one."""
        with suppress(LockMisuse):
            async with self.engine.lock(("vm", number)):
                await self.play(tree, blocks)


def check(engine, tree, moments) -> None:
    """Play `tree`, interrupt it at all `moments`, and compare world and book."""
    player = Player(engine)
    job = engine.spawn(player.block([], [tree, ("sleep", 1)]))

    async def killer(moment):
        await engine.sleep(moment)
        engine.interrupt(job, "killed")

    async def waiter():
        with suppress(Interrupted, CloudError):
            await engine.wait(job)

    engine.spawn(waiter())
    for moment in moments:
        engine.spawn(killer(moment))
    engine.run()
    assert not job.is_alive
    assert not player.half
    assert player.there == {
        act for act, blocks in player.finished.items() if not blocks & player.failed_blocks
    }
    assert not any(engine.locks.is_held(("vm", number)) for number in range(4))


@settings(max_examples=400)
@given(TREES, st.lists(st.one_of(SECONDS, st.floats(0, 20)), max_size=4))
@example(("shield", ("act", 2, 2, False, False)), [0.5, 0.5])
@example(("within", 1, ("all", [("act", 1, 1, False, False), ("act", 7, 3, False, True)])), [2])
@example(("all", [("locked", 1, ("act", 3, 2, False, False))] * 3), [3])
def test_everything_begun_is_finished_or_undone(tree, moments) -> None:
    """All, within, shield, lock and rollback nested in any way, interrupted at any times."""
    with VirtualEngine() as engine:
        check(engine, tree, moments)


@settings(max_examples=15)
@given(TREES, st.lists(SECONDS, max_size=2))
def test_everything_begun_is_finished_or_undone_in_real_time(tree, moments) -> None:
    """The same on the wall clock, where things happen a little later than asked for."""
    with LiveEngine(workers=1, scale=SCALE / 10) as engine:
        check(engine, tree, moments)
