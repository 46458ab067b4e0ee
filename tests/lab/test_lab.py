"""The lab: verbs, time, and going back."""

from __future__ import annotations

import math
import os
import threading
import time
from pathlib import Path

import pytest

from cloudlab import Lab
from cloudlab.design import Design, new_design
from cloudlab.errors import (
    Conflict,
    IllegalMove,
    InputError,
    InsufficientCapacity,
    InvalidParameter,
    NotFound,
)
from cloudlab.model import DiskOffering, VmState
from simulator.workload import generate


@pytest.fixture
def design() -> Design:
    """Two pods with two clusters of three small hosts each."""
    return new_design(zones=1, pods=2, clusters=2, hosts=3, cpus=8, mhz=2000, ram_gib=32)


@pytest.fixture
def lab(design: Design) -> Lab:
    """A lab in which steps take their time."""
    return Lab(design, latency="kvm-nfs", progress=False)


def test_a_shipped_design_is_found_by_name() -> None:
    """A lab opens with nothing but the name of a shipped design."""
    assert len(Lab("dev-cloud", progress=False).hosts) >= 1


def test_an_unknown_design_says_what_is_shipped() -> None:
    """A name that is neither file nor shipped is refused with the names that are."""
    with pytest.raises(InputError, match="small-cloud"):
        Lab("no-such-cloud")


def test_verbs_take_objects_and_names(lab: Lab) -> None:
    """Every verb of a machine's life works by object and by name, and time passes."""
    web = lab.deploy("web")
    assert web.state is VmState.RUNNING
    assert lab.now > 0
    assert lab.stop("web") is web
    assert lab.start(web).state is VmState.RUNNING
    assert lab.reboot("web").state is VmState.RUNNING
    before = web.host
    assert lab.migrate("web").host is not before
    assert lab.destroy("web").state is VmState.DESTROYED
    assert lab.recover("web").state is VmState.STOPPED
    lab.destroy("web", expunge=True)
    with pytest.raises(NotFound, match="no vm web"):
        lab.start("web")


def test_an_illegal_verb_raises_the_tables_error(lab: Lab) -> None:
    """Starting what runs raises IllegalMove, and the job says so too."""
    lab.deploy("web")
    with pytest.raises(IllegalMove):
        lab.start("web")
    assert lab.jobs[0].command == "startVirtualMachine" or any(
        row.command == "startVirtualMachine" and row.error for row in lab.jobs
    )


def test_a_refusal_explains_itself(lab: Lab) -> None:
    """What does not fit is refused with the steps that removed the hosts."""
    lab.cloud.inventory.compute_offerings.named("Medium Instance").ram_mib = 64 * 1024
    with pytest.raises(InsufficientCapacity) as refusal:
        lab.deploy("huge", offering="Medium Instance")
    told = str(refusal.value.explanation)
    assert "enough RAM free" in told
    assert "would fit" in told


def test_a_broken_host_is_found_and_mended(lab: Lab) -> None:
    """A host that dies is found down by the monitor; its machine can start elsewhere."""
    web = lab.deploy("web")
    host = lab.break_host(web.host or "")
    lab.run(minutes=5)
    assert host.status == "Down"
    assert web.state is VmState.STOPPED
    assert any("Host is down" in row.subject for row in lab.alerts)
    assert lab.start("web").host is not host
    assert lab.repair_host(host).status == "Up"


def test_high_availability_restarts_by_itself(lab: Lab) -> None:
    """A machine whose offering asks for it runs again elsewhere within minutes."""
    lab.cloud.inventory.compute_offerings.named("Small Instance").ha = True
    web = lab.deploy("web", offering="Small Instance")
    host = lab.break_host(web.host or "")
    lab.run(minutes=10)
    assert web.state is VmState.RUNNING
    assert web.host is not host


def test_no_restart_without_fencing(lab: Lab) -> None:
    """A host that cannot be fenced keeps its machines, which are started nowhere else."""
    lab.cloud.inventory.compute_offerings.named("Small Instance").ha = True
    web = lab.deploy("web", offering="Small Instance")
    host = web.host
    assert host is not None
    lab.world.outside.unfenceable.add(host.id)  # type: ignore[attr-defined]
    lab.break_host(host)
    lab.run(minutes=30)
    assert host.status == "Down"
    assert web.host is host
    assert any("Unable to fence" in row.subject for row in lab.alerts)


def test_maintenance_empties_a_host(lab: Lab) -> None:
    """A host in maintenance runs nothing and takes nothing until it is back."""
    web = lab.deploy("web")
    host = web.host
    assert host is not None
    lab.enter_maintenance(host)
    assert host.resource_state == "Maintenance"
    assert web.state is VmState.RUNNING
    assert web.host is not host
    lab.cancel_maintenance(host.name)
    assert host.resource_state == "Enabled"


def test_rewind_brings_a_moment_back(lab: Lab) -> None:
    """After a rewind the same machines are there, and the same future follows."""
    lab.deploy_many(4)
    there = lab.checkpoint("four")
    lab.destroy("vm-1")
    lab.run(hours=2)
    assert lab.rewind("four") == there.at
    assert [row.state for row in lab.vms] == ["Running"] * 4
    first = lab.deploy("next").host
    after = lab.now
    lab.rewind(there)
    second = lab.deploy("next").host
    assert (first and first.name, after) == (second and second.name, lab.now)


def test_reset_goes_back_to_the_design(lab: Lab) -> None:
    """Reset leaves the cloud as designed, at time 0."""
    lab.deploy_many(3)
    assert lab.reset() == 0
    assert len(lab.vms) == 0


def test_a_played_demand_goes_on_after_a_rewind(design: Design) -> None:
    """Rewound in the middle of a demand, every later request gets the same host again."""
    lab = Lab(design, latency="kvm-nfs", progress=False)
    player = lab.play(generate(days=2, arrivals_per_hour=20, seed=3))
    lab.run(days=1)
    middle = lab.checkpoint()
    lab.run(days=1.5)
    hosts = player.host.copy() if player is lab.world.player else lab.world.player.host.copy()  # type: ignore[attr-defined]
    lab.rewind(middle)
    lab.run(days=1.5)
    assert (hosts == lab.world.player.host).all()  # type: ignore[attr-defined]
    assert (hosts >= 0).sum() > 100


@pytest.mark.parametrize(
    "name", ["-web", "web-", "1web", "we_b", "bad name", "w" * 64, "æ", "web\n"]
)
def test_a_machine_has_the_name_of_a_host(lab: Lab, name: str) -> None:
    """Letters, digits and hyphens; what is refused makes nothing."""
    with pytest.raises(InvalidParameter, match="allowed: 1 to 63 letters"):
        lab.deploy(name)
    assert len(lab.vms) == 0


def test_a_name_is_given_once(lab: Lab) -> None:
    """Or nobody would know which machine is meant."""
    lab.deploy("web")
    with pytest.raises(InvalidParameter, match="there is a machine of that name already"):
        lab.deploy("web")
    assert len(lab.vms) == 1


@pytest.mark.parametrize("gib", [-100.0, 0.0, math.nan, math.inf, 0.5, 5000.0])
def test_a_disk_of_no_allowed_size_is_refused(lab: Lab, gib: float) -> None:
    """It takes no storage, and no machine is made."""
    lab.cloud.inventory.disk_offerings.add(DiskOffering(name="any size", size_mib=None))
    before = [*lab.cloud.ledger.pool_allocated]
    with pytest.raises(InvalidParameter, match="allowed"):
        lab.deploy("web", disk="any size", disk_gib=gib)
    assert [*lab.cloud.ledger.pool_allocated] == before
    assert len(lab.vms) == 0


def test_saved_and_loaded(lab: Lab, tmp_path: Path) -> None:
    """A saved lab is loaded with the same clock, machines and future."""
    lab.deploy_many(3)
    path = lab.save(tmp_path / "lab.json.gz")
    other = Lab.load(path, latency="kvm-nfs", progress=False)
    assert other.now == lab.now
    assert list(other.vms) == list(lab.vms)
    lab.deploy("next")
    other.deploy("next")
    assert list(other.vms) == list(lab.vms)


def test_what_is_saved_only_its_owner_can_read(lab: Lab, tmp_path: Path) -> None:
    """The user data of machines is in it; a file that was there does not change that."""
    path = tmp_path / "lab.json"
    for each in (path, tmp_path / "lab.json.part"):
        each.touch(mode=0o644)
    before = os.umask(0)
    try:
        lab.save(path)
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Lab.load(path, latency="kvm-nfs", progress=False).now == lab.now


def test_where_nothing_can_be_saved_one_message_says_so(lab: Lab, tmp_path: Path) -> None:
    """The file and the reason; nothing half-written stays."""
    with pytest.raises(InputError, match=r"cannot be saved as .*: No such file or directory"):
        lab.save(tmp_path / "nowhere" / "x.lab")
    (tmp_path / "x.lab").mkdir()
    with pytest.raises(InputError, match="cannot be saved as"):
        lab.save(tmp_path / "x.lab")
    assert [each.name for each in tmp_path.iterdir()] == ["x.lab"]


@pytest.mark.parametrize("data", [b"", b"{}", b"\x1f\x8bxx", b'{"name":"a","at":0,"state":{}}'])
def test_a_file_that_is_no_lab(tmp_path: Path, data: bytes) -> None:
    """What is not a saved lab is refused with one message."""
    path = tmp_path / "x.json"
    path.write_bytes(data)
    with pytest.raises(InputError):
        Lab.load(path)


def test_time_only_goes_forward(lab: Lab) -> None:
    """A run of no time, into the past, without end or of no number is refused."""
    for seconds in (0, -5, math.inf, math.nan):
        with pytest.raises(InvalidParameter, match="above 0 and finite"):
            lab.run(seconds=seconds)


def test_cancel_ends_a_run_within_a_second(design: Design) -> None:
    """Cancelled from another thread, a long run ends at once and can be taken up again."""
    lab = Lab(design, progress=False)
    lab.play(generate(days=30, arrivals_per_hour=200, seed=1))
    ended: list[float] = []

    def stop() -> None:
        time.sleep(0.3)
        while not lab.cancel():
            time.sleep(0.01)
        ended.append(time.perf_counter())

    thread = threading.Thread(target=stop)
    thread.start()
    reached = lab.run(days=30)
    waited = time.perf_counter() - ended[0] if ended else 0.0
    thread.join()
    assert 0 < reached < 30 * 86400
    assert waited < 1
    assert len(lab.vms) > 0
    assert lab.run(minutes=10) > reached


def test_steps_go_one_by_one(lab: Lab) -> None:
    """A step makes one thing happen."""
    before = lab.now
    lab.step(5)
    assert lab.now >= before


@pytest.mark.filterwarnings("error")
def test_a_closed_lab_says_so() -> None:
    """Every verb in one line, without a coroutine that is never awaited; what it shows stays."""
    lab = Lab(new_design(hosts=2), progress=False)
    vm = lab.deploy("web")
    lab.close()
    lab.close()
    for act in (
        lambda: lab.stop(vm),
        lambda: lab.run(hours=1),
        lab.step,
        lab.checkpoint,
        lab.reset,
        lab.twin,
        lab.dry_run,
        lambda: lab.console(vm),
        lambda: lab.break_host(vm.host),
        lambda: lab.enable(vm.host),
    ):
        with pytest.raises(Conflict, match=r"this lab is closed: .* connect\(\) opens it again"):
            act()
    assert [row.name for row in lab.vms] == ["web"]


def test_a_dry_run_of_nothing_says_how_it_is_used() -> None:
    """Verbs of the lab itself are no trial."""
    lab = Lab(new_design(hosts=2), progress=False)
    with lab.dry_run() as trial:
        lab.deploy("web")
    assert "nothing was tried; call verbs on its lab, as trial.lab" in repr(trial)
