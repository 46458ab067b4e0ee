"""What a twin predicted is put beside what was measured, both on one axis of time."""

from __future__ import annotations

import pytest

from cloudlab import Lab
from cloudlab.design import new_design
from cloudlab.errors import InvalidParameter
from cloudlab.model import ComputeOffering
from cloudlab.views import Comparison

DESIGN = new_design(pods=1, clusters=1, hosts=2, cpus=8, mhz=2000, ram_gib=16)


@pytest.fixture
def lab() -> Lab:
    """A lab in which steps take their time."""
    return Lab(DESIGN, latency="lab-qemu", seed=1, progress=False)


def told(found: Comparison) -> dict[str, tuple[float | None, float | None]]:
    """Return what was compared, by what it was."""
    return {each.what: (each.predicted_s, each.measured_s) for each in found.rows}


def test_jobs_are_compared_by_what_they_did(lab: Lab) -> None:
    """The same verbs in both clouds: a row each, with both durations and the error."""
    twin, begin = lab.twin(seed=7), lab.now
    for each in (twin, lab):
        each.deploy("web")
        each.migrate("web")
        each.migrate("web")
    found = lab.compare(twin, begin)
    first = "deployVirtualMachine vm web"
    move = "migrateVirtualMachine vm web"
    assert list(told(found)) == [first, move, f"{move} (2)"]
    took = {row.target: row.took_s for row in lab.jobs if "deploy" in row.command}
    assert told(found)[first][1] == took["vm web"]
    row = found.rows[0]
    assert row.error == pytest.approx(row.predicted_s / row.measured_s - 1)
    assert found.error == pytest.approx(abs(found.total.predicted_s / found.total.measured_s - 1))
    assert 0 < found.error < 1


def test_a_failure_is_compared_from_the_moment_it_happened(lab: Lab) -> None:
    """How long until the host was Down, and until each machine under high availability ran."""
    offering = ComputeOffering(name="HA", vcpu=1, ram_mib=512, ha=True)
    lab.cloud.inventory.compute_offerings.add(offering)
    vm = lab.deploy("db", offering=offering)
    twin = lab.twin(seed=7)
    moment = lab.now + 1
    for each in (twin, lab):
        each.run(until=moment)
        each.break_host(vm.host.name)
        each.run(minutes=15)
    found = told(lab.compare(twin, moment))
    down, back = "is Down after", "vm db runs again after"
    assert [what.split(" ", 2)[2] for what in found] == [down, "runs again after"]
    for predicted, measured in found.values():
        assert 0 < measured == pytest.approx(predicted, rel=0.2)
    assert found[back][1] > next(v for k, v in found.items() if k.endswith(down))[1]


def test_what_did_not_happen_in_both_has_no_error(lab: Lab) -> None:
    """It is listed all the same, and does not count in the whole."""
    twin, begin = lab.twin(seed=7), lab.now
    twin.deploy("dreamt")
    lab.deploy("real")
    found = lab.compare(twin, begin)
    assert [each.error for each in found.rows] == [None, None]
    assert "did not" in repr(found)
    assert found.error == 0.0


def test_a_notebook_shows_both_timelines_one_above_the_other(lab: Lab) -> None:
    """Predicted, measured, then the table; of the same stretch of time."""
    twin, begin = lab.twin(seed=7), lab.now
    for each in (twin, lab):
        each.deploy("web")
        each.cloud.inventory.vms.named("web").name = "<web>"
        each.run(minutes=1)
    found = lab.compare(twin, begin)
    shown = found._repr_html_()
    above, below = shown.index("Predicted"), shown.index("Measured")
    assert shown.count("<svg") == 2
    assert above < shown.index("<svg") < below < shown.rindex("<svg") < shown.index("<table")
    assert "<web>" not in shown
    assert (found.predicted.since, found.predicted.until) == (
        found.measured.since,
        found.measured.until,
    )
    with pytest.raises(InvalidParameter, match="cannot end"):
        lab.compare(twin, since=begin + 10**6)


def test_a_simulation_says_that_it_sends_nothing(lab: Lab) -> None:
    """Where a lab on real hosts shows its commands."""
    lab.deploy("web")
    assert len(lab.commands) == 0
    assert lab.commands.rows() == []
    assert "sends no command" in lab.commands._repr_html_()
