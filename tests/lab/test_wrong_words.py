"""Whatever is given to a verb, one error says what is wrong, and nothing has happened."""

from __future__ import annotations

import math

import pytest

from cloudlab import Lab, connect
from cloudlab.design import new_design
from cloudlab.errors import Conflict, InvalidParameter, NotFound
from cloudlab.lab.place_verbs import Scope
from cloudlab.model import VmState
from tests.lab.wrong import EVERY, Wrong, furnished, known


@pytest.fixture(scope="module")
def used() -> Lab:
    """A lab in which something is of every kind; refusals leave it as it is."""
    return furnished(Lab(new_design(hosts=2), progress=False))


@pytest.fixture
def lab() -> Lab:
    """A lab of its own for what is not refused."""
    return Lab(new_design(pods=2, clusters=1, hosts=2), progress=False)


@pytest.mark.parametrize("wrong", EVERY, ids=lambda each: f"{each.verb}{each.given}"[:40])
def test_one_error_says_what_is_wrong(used: Lab, wrong: Wrong) -> None:
    """Its class tells what to do, its message field, value and what is allowed."""
    before = known(used)
    with pytest.raises(wrong.error, match=wrong.message) as refusal:
        getattr(used, wrong.verb)(*wrong.given, **wrong.options)
    assert type(refusal.value) is wrong.error
    assert known(used) == before


@pytest.mark.parametrize("since", [math.nan, math.inf, "noon", None])
def test_a_comparison_begins_at_a_moment(used: Lab, since: object) -> None:
    """Of both clocks, in seconds."""
    with pytest.raises(InvalidParameter, match=f"since is {since!r}; allowed: .* number"):
        used.compare(used, since)  # type: ignore[arg-type]


@pytest.mark.parametrize("demand", [5, None, "demo-week"])
def test_what_is_played_is_a_demand(used: Lab, demand: object) -> None:
    """Not its name, nor anything else."""
    with pytest.raises(InvalidParameter, match=f"demand is {demand!r}; allowed: a Demand, as"):
        used.play(demand)


@pytest.mark.parametrize("where", [5, None])
def test_a_lab_is_made_of_a_design(where: object) -> None:
    """Or of a file, or of a name."""
    for opened in (Lab, connect):
        with pytest.raises(InvalidParameter, match=f"design is {where}; allowed: a Design, a file"):
            opened(where)


def test_what_is_left_out_is_the_first_of_its_kind(lab: Lab) -> None:
    """For zone, template and offerings alone, and account admin."""
    stock = lab.cloud.inventory
    vm = lab.deploy("web")
    assert (vm.zone, vm.template) == (next(iter(stock.zones)), next(iter(stock.templates)))
    assert not vm.offering.is_system
    assert vm.account is lab.cloud.admin


def test_an_id_is_as_good_as_a_name(lab: Lab) -> None:
    """Of machines, and of what may share its name; also snapshots of a machine."""
    vm = lab.deploy("web")
    assert lab.stop(vm.id) is vm
    first, second = lab.create_volume("data"), lab.create_volume("data")
    with pytest.raises(Conflict, match=f"use the id, {first.id} or {second.id}"):
        lab.delete_volume("data")
    lab.delete_volume(second.id)
    assert lab.attach("data", vm.id) is first
    lab.detach("data")
    kept = lab.snapshot("web")
    assert lab.delete_snapshot(vm.id, kept.id) is kept


def test_an_object_of_another_moment_is_never_taken_for_another(lab: Lab) -> None:
    """After going back its id may be somebody else's, who must not be stopped for it."""
    lab.checkpoint("empty")
    gone = lab.deploy("gone")
    lab.rewind("empty")
    with pytest.raises(NotFound, match=f"no vm with id {gone.id}"):
        lab.stop(gone)
    other = lab.deploy("other")
    assert other.id == gone.id
    with pytest.raises(NotFound, match="vm gone is not there any more; vm 1 is other now"):
        lab.stop(gone)
    assert other.state is VmState.RUNNING
    with pytest.raises(InvalidParameter, match=r"<host .*> is no vm"):
        lab.stop(other.host)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", ["zones", "pods", "clusters", "hosts", "pools"])
def test_places_are_switched_by_name(lab: Lab, kind: str) -> None:
    """And by object; what is off takes nothing until it is on again."""
    place: Scope = next(iter(getattr(lab.cloud.inventory, kind)))
    before = place.glance()
    lab.disable(place.name)
    assert place.glance() != before
    lab.enable(place)
    assert place.glance() == before


def test_a_name_of_two_places_is_not_guessed(lab: Lab) -> None:
    """Which of them is meant, the object tells."""
    stock = lab.cloud.inventory
    pod, cluster = next(iter(stock.pods)), next(iter(stock.clusters))
    cluster.name = pod.name
    with pytest.raises(Conflict, match=f"2 are called {pod.name}: pod 1, cluster 1; give the"):
        lab.disable(pod.name)
    lab.disable(cluster)
    assert (pod.state, cluster.state) == ("Enabled", "Disabled")


def test_many_are_deployed_or_none(lab: Lab) -> None:
    """One name that is taken, and no machine is made."""
    lab.deploy("Web-2")
    with pytest.raises(InvalidParameter, match=r"name is 'web-2'.* already, Web-2: case"):
        lab.deploy_many(3, "web")
    assert [row.name for row in lab.vms] == ["Web-2"]


def test_a_made_up_name_is_nobody_elses(lab: Lab) -> None:
    """Though somebody chose what would be the next one."""
    assert lab.deploy().name == "vm-1"
    lab.deploy("VM-3")
    assert [lab.deploy().name for _ in range(2)] == ["vm-4", "vm-5"]


def test_what_is_looked_at_may_be_named(lab: Lab) -> None:
    """It is the same as by object."""
    vm = lab.deploy("web")
    assert list(lab.details("web")) == list(lab.details(vm))
    host = vm.host
    assert host is not None
    assert str(lab.topology(host.name)) == str(lab.topology(host))


def test_a_refused_static_nat_keeps_no_address(lab: Lab) -> None:
    """It was acquired for it alone, by the one job that was refused."""
    lab.create_network("net")
    lab.deploy("web", network="net")
    lab.static_nat("web")
    before, jobs = [row.ip for row in lab.public_ips], len(lab.jobs)
    with pytest.raises(Conflict, match="by static NAT already"):
        lab.static_nat("web")
    assert [row.ip for row in lab.public_ips] == before
    assert len(lab.jobs) == jobs + 1


def test_balancers_gain_and_lose_machines(lab: Lab) -> None:
    """What cannot be assigned is refused, and those before stay."""
    lab.create_network("net")
    for name in ("a", "b"):
        lab.deploy(name, network="net")
    rule = lab.balance(["a"], 80, name="lb")
    assert [vm.name for vm in lab.assign("lb", ["b"]).vms] == ["a", "b"]
    with pytest.raises(Conflict, match="vm b is assigned"):
        lab.assign(rule, ["b"])
    assert [vm.name for vm in lab.unassign(rule.id, ["a"]).vms] == ["b"]


def test_a_security_group_goes_when_nobody_is_in_it() -> None:
    """The default one stays."""
    lab = Lab(new_design(hosts=2, network_type="Basic"), progress=False)
    lab.security_group("web")
    lab.deploy("web-1", security_groups=["web"])
    with pytest.raises(Conflict, match="has the machines web-1"):
        lab.delete_security_group("web")
    lab.destroy("web-1", expunge=True)
    lab.delete_security_group("web")
    with pytest.raises(NotFound, match="no security group web"):
        lab.delete_security_group("web")


def test_what_only_real_hosts_have_is_refused_in_a_simulation(lab: Lab) -> None:
    """There is no screen and nothing is used."""
    lab.deploy("web")
    with pytest.raises(InvalidParameter, match="screen of vm web asks for no password"):
        lab.console_password("web")
    with pytest.raises(InvalidParameter, match="only real ones are"):
        lab.stats(1)
    lab.stop("web")
    with pytest.raises(Conflict, match="only a Running machine has a screen"):
        lab.console_password("web")
