"""A record shows itself in one line, however much it is connected with."""

from __future__ import annotations

from tests.support.clouds import build


def test_every_record_fits_one_line() -> None:
    """No record prints the whole cloud it is part of."""
    world = build()
    world.deploy("web")
    for name, table in world.cloud.inventory.tables().items():
        for record in table:
            assert len(repr(record)) < 160, name
            assert "\n" not in repr(record)


def test_a_machine_says_where_it_runs() -> None:
    """A machine shows state, host, size and address at a glance."""
    vm = build().deploy("web")
    assert repr(vm) == "<vm web: Running on c1-h1, 1 vCPU, 1 GiB, 10.1.0.2>"
