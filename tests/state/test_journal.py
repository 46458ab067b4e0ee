"""What happened, in order, for whoever keeps or hears it."""

from __future__ import annotations

import pytest

from cloudlab.model import Event, EventLevel, EventState, Template
from cloudlab.state import Journal, Move


def move(subject: Template, number: int) -> Move:
    """Return a move of `subject`, told apart by its moment."""
    return Move(float(number), subject, "state", "Up", "Ping", "Up")


def event(number: int) -> Event:
    """Return an event, told apart by its moment."""
    state, level = EventState.COMPLETED, EventLevel.INFO
    return Event(float(number), "VM.CREATE", state, level, "vm", 1, "web", "made")


@pytest.mark.parametrize(("keep", "kept"), [(None, 5), (3, 3), (0, 0)])
def test_the_last_ones_are_kept(keep: int | None, kept: int) -> None:
    """So many, all or none; all are counted."""
    journal, subject = Journal(keep), Template(name="linux")
    for number in range(5):
        journal.write_move(move(subject, number))
        journal.write_event(event(number))
    assert [each.at for each in journal.moves] == list(range(5))[5 - kept :]
    assert [each.at for each in journal.events] == list(range(5))[5 - kept :]
    assert (journal.total_moves, journal.total_events) == (5, 5)
    assert repr(journal) == "<Journal: 5 events, 5 moves>"


def test_a_story_is_the_moves_of_one_record() -> None:
    """Oldest first, of this very record."""
    journal, ours, other = Journal(), Template(id=1), Template(id=1)
    for number, subject in enumerate((ours, other, ours)):
        journal.write_move(move(subject, number))
    assert [each.at for each in journal.story(ours)] == [0, 2]


def test_listeners_hear_until_they_end() -> None:
    """Each from when it began; to end twice is no error."""
    journal, subject = Journal(), Template()
    early: list[Move] = []
    late: list[Move] = []
    end = journal.listen(early.append)
    journal.write_move(move(subject, 1))
    journal.listen(late.append)
    journal.write_move(move(subject, 2))
    end()
    end()
    journal.write_move(move(subject, 3))
    assert [each.at for each in early] == [1, 2]
    assert [each.at for each in late] == [2, 3]


def test_a_listener_may_end_itself() -> None:
    """While it is called, and the others still hear the same move."""
    journal, heard = Journal(), []

    def once(told: Move) -> None:
        heard.append(("once", told.at))
        end()

    end = journal.listen(once)
    journal.listen(lambda told: heard.append(("always", told.at)))
    for number in (1, 2):
        journal.write_move(move(Template(), number))
    assert heard == [("once", 1), ("always", 1), ("always", 2)]


def test_a_journal_that_keeps_nothing_writes_only_for_listeners() -> None:
    """So that long simulations pay nothing."""
    journal = Journal(keep=0)
    assert not journal.keeps
    assert not journal.hears_moves
    end = journal.listen(lambda _: None)
    assert journal.hears_moves
    end()
    assert not journal.hears_moves
    kept = Journal()
    kept.listen(lambda _: None)()
    assert kept.hears_moves
