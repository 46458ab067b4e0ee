"""A demand keeps its columns in order, in range and unchanged."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from simulator.workload import NOT_GIVEN, Demand
from tests.workload.strategies import demands, rows

BROKEN = [
    ({"arrival_s": [0, -1, 2]}, "arrival_s of request 1 is -1.0; allowed: 0 to 1e+10"),
    ({"arrival_s": [0, math.nan, 2]}, "arrival_s of request 1 is nan"),
    ({"arrival_s": [0, 1, math.inf]}, "arrival_s of request 2 is inf"),
    ({"arrival_s": [0, 2, 1]}, "arrival_s of request 2 is 1.0; allowed: nothing earlier"),
    ({"lifetime_s": [1, 0, 1]}, "lifetime_s of request 1 is 0.0; allowed: 0.001 or more"),
    ({"lifetime_s": [1, 1, math.nan]}, "lifetime_s of request 2 is nan"),
    ({"vcpu": [1, 2, 0]}, "vcpu of request 2 is 0; allowed: 1 or more"),
    ({"vcpu": [1, 2.5, 1]}, "vcpu of request 1 is 2.5; allowed: numbers that int32 holds"),
    ({"vcpu": [1, 3e9, 1]}, "vcpu of request 1 is 3000000000.0; allowed: numbers that int32"),
    ({"ram_mib": [math.nan, 1, 1]}, "ram_mib of request 0 is nan; allowed: numbers that int64"),
    ({"ram_mib": 0}, "ram_mib of request 0 is 0; allowed: 1 or more"),
    ({"disk_mib": [0, -1, -2]}, "disk_mib of request 2 is -2; allowed: 0 or more"),
    ({"cpu_mhz": -5}, "cpu_mhz of request 0 is -5"),
    ({"tenant": [0, 0, 1]}, "tenant of request 2 is 1; allowed: 0 to 0"),
    ({"vcpu": [1, 2]}, "columns differ in length"),
    ({"ids": ["a"]}, "columns differ in length"),
]


@pytest.mark.parametrize(("columns", "message"), BROKEN)
def test_a_broken_column_is_refused_by_name_and_row(columns: dict, message: str) -> None:
    """The error says which column of which request is wrong, and what would be right."""
    with pytest.raises(InvalidParameter, match="demand 'three'") as refusal:
        Demand.of("three", **({"arrival_s": [0, 1, 2]} | columns))
    assert message in str(refusal.value)


def test_columns_are_read_only_but_the_callers_array_is_not() -> None:
    """Nobody can change a demand; the array it was made from stays its owner's."""
    arrival_s = np.array([0.0, 1.0])
    demand = Demand.of("two", arrival_s=arrival_s)
    with pytest.raises(ValueError, match="read-only"):
        demand.arrival_s[0] = 5
    arrival_s[1] = 7.0


def test_a_demand_travels_to_another_process_unchanged() -> None:
    """What arrives on the other side of a pickle is equal, and read-only too."""
    demand = Demand.of("two", arrival_s=[0, 1], ids=["a", "b"])
    arrived = pickle.loads(pickle.dumps(demand))
    assert rows(arrived) == rows(demand)
    assert not arrived.arrival_s.flags.writeable


def test_one_number_stands_for_every_request() -> None:
    """`Demand.of` spreads single numbers over the columns; what is not said has a meaning."""
    demand = Demand.of("three", arrival_s=[0, 1, 2], vcpu=4)
    assert demand.vcpu.tolist() == [4, 4, 4]
    assert demand.disk_mib.tolist() == [NOT_GIVEN] * 3
    assert np.isinf(demand.lifetime_s).all()
    assert demand.names() == ("0", "1", "2")


def test_departure_is_the_plain_double_sum() -> None:
    """Departure is not rounded: 0.1 + 0.2 stays the double it is."""
    demand = Demand.of("one", arrival_s=[0.1], lifetime_s=[0.2])
    assert demand.departure_s.tolist() == [0.1 + 0.2]


@given(demands(), st.floats(0, 2e7))
def test_until_keeps_exactly_what_arrives_before(demand: Demand, horizon_s: float) -> None:
    """`until` is the part of the rows that arrive before the horizon, unchanged."""
    kept = [row for row in rows(demand) if row[1] < horizon_s]
    assert rows(demand.until(horizon_s)) == kept


@given(demands(), st.data())
def test_take_brings_rows_into_order_with_their_names(demand: Demand, data: st.DataObject) -> None:
    """Any choice of rows comes out sorted by time, each with its own cells."""
    chosen = data.draw(
        st.lists(st.sampled_from(range(len(demand))) if len(demand) else st.nothing())
    )
    taken = demand.take(np.array(chosen, dtype=np.intp))
    everything = rows(demand)
    assert rows(taken) == sorted((everything[row] for row in chosen), key=lambda row: row[1])


def test_with_disk_fills_only_the_gaps() -> None:
    """A request that names its disk keeps it; the others get the one given, in GiB."""
    demand = Demand.of("two", arrival_s=[0, 1], disk_mib=[NOT_GIVEN, 512]).with_disk(1.5)
    assert demand.disk_mib.tolist() == [1536, 512]
    with pytest.raises(InvalidParameter, match="disk_gib is -1"):
        demand.with_disk(-1)


def test_frame_is_a_table_by_id() -> None:
    """The DataFrame has a row a request under its id, and tenants by name."""
    demand = Demand.of(
        "two", arrival_s=[0, 60], ids=["a", "b"], tenant=[1, 0], tenant_names=["x", "y"]
    )
    frame = demand.frame()
    assert frame.loc["b", "arrival_s"] == 60
    assert frame["tenant"].tolist() == ["y", "x"]
    assert Demand.of("one", arrival_s=[5]).frame().index.tolist() == [0]


def test_repr_tells_what_it_is_and_what_to_try() -> None:
    """The repr gives rates, sizes, lifetimes and peak in words, and the next methods."""
    shown = repr(Demand.of("two", arrival_s=[0, 3600], lifetime_s=7200, vcpu=2, ram_mib=2048))
    assert "Demand 'two': 2 requests for VMs" in shown
    assert "100% 2 vCPU/2 GiB" in shown
    assert "half end within 2 h 00 min, 90 % within 2 h 00 min; 0 live on" in shown
    assert "2 VMs with 4 vCPU and 4 GiB RAM, if nothing is refused" in shown
    assert ".grown(" in shown


def test_repr_of_what_lives_on_and_of_nothing() -> None:
    """A demand without ends or without requests still says something true."""
    assert "more than half never end; 1 live on" in repr(Demand.of("one", arrival_s=[0]))
    assert "nobody asks for anything" in repr(Demand.of("none", arrival_s=[]))


def test_html_escapes_names() -> None:
    """A name with markup in it is shown, not obeyed."""
    shown = Demand.of("<b>&", arrival_s=[0])._repr_html_()
    assert "&lt;b&gt;&amp;" in shown
    assert shown.startswith("<table>")


def test_workload_loads_without_pandas() -> None:
    """Reading and describing a demand costs no import of pandas."""
    program = (
        "import sys; from simulator.workload import Demand; "
        "d = Demand.of('a', arrival_s=[0]); repr(d); d._repr_html_(); "
        "sys.exit('pandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
