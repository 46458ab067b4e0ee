"""Every record by kind and id."""

from __future__ import annotations

import pytest

from cloudlab.errors import Conflict, NotFound
from cloudlab.model import Domain, Record, Template, Zone
from cloudlab.state import Inventory, Table


@pytest.fixture
def table() -> Table[Template]:
    """Three templates."""
    made = Table(Template)
    for name in ("linux", "windows", "linux"):
        made.add(Template(name=name))
    return made


def test_records_are_numbered_from_one(table: Table[Template]) -> None:
    """In order of creation; a number is not given again after its record is gone."""
    assert [each.id for each in table] == [1, 2, 3]
    table.drop(table.get(3))
    assert table.add(Template(name="bsd")).id == 4
    assert table.last_id == 4
    assert len(table) == 3


def test_a_record_is_found_by_id_or_by_name(table: Table[Template]) -> None:
    """What is not there is NotFound; a name that two have is a conflict."""
    assert table.get(2) is table.named("windows")
    assert table.has_name("linux")
    assert not table.has_name("bsd")
    with pytest.raises(NotFound, match="there is no template with id 9"):
        table.get(9)
    with pytest.raises(Conflict, match="there are 2 of template linux: use the id"):
        table.named("linux")
    with pytest.raises(NotFound, match="there is no template bsd; there are: linux, windows"):
        table.named("bsd")


def test_a_missing_name_lists_the_first_names_only() -> None:
    """Eight at the most, and `none` where there are none."""
    zones = Table(Zone)
    with pytest.raises(NotFound, match=r"there is no zone z; there are: none$"):
        zones.named("z")
    for number in range(12):
        zones.add(Zone(name=f"z{number}"))
    with pytest.raises(NotFound, match=r"there are: z0, .*, z7 \.\.\.$"):
        zones.named("z")


def test_only_the_very_record_is_here(table: Table[Template]) -> None:
    """Another record with the same id is not, and cannot drop ours."""
    ours, impostor = table.get(1), Template(id=1, name="linux")
    assert ours in table
    assert impostor not in table
    assert "linux" not in table
    table.drop(impostor)
    assert ours in table
    table.drop(ours)
    table.drop(ours)
    assert ours not in table


def test_records_may_go_while_they_are_read(table: Table[Template]) -> None:
    """Iteration runs over a copy."""
    for each in table:
        table.drop(each)
    assert len(table) == 0


def test_the_oldest_record_may_go(table: Table[Template]) -> None:
    """If it may; an empty table has none."""
    table.drop_oldest(lambda each: each.name == "windows")
    assert len(table) == 3
    table.drop_oldest(lambda each: each.name == "linux")
    assert [each.id for each in table] == [2, 3]
    Table(Zone).drop_oldest(lambda _: True)


def test_saved_records_keep_their_ids() -> None:
    """And new ones are numbered after the highest."""
    zones = Table(Zone)
    zones.put(Zone(id=7, name="z7"))
    zones.put(Zone(id=3, name="z3"))
    assert zones.add(Zone(name="next")).id == 8


def test_the_inventory_has_a_table_for_every_kind() -> None:
    """One for each class of records, under its plural."""
    inventory = Inventory()
    kinds = [table.kind for table in inventory.tables().values()]
    assert len(set(kinds)) == len(kinds) == 26
    assert all(issubclass(kind, Record) for kind in kinds)
    assert inventory.tables()["domains"] is inventory.domains


def test_reprs_count() -> None:
    """What there is, by kind; nothing is `empty`."""
    inventory = Inventory()
    assert repr(inventory) == "<Inventory: empty>"
    inventory.domains.add(Domain(name="ROOT"))
    inventory.compute_offerings.put(Template(id=1))
    assert repr(inventory) == "<Inventory: 1 compute offerings, 1 domains>"
    assert repr(inventory.domains) == "<1 domain records>"
