"""Whether the books of a cloud and the outside agree, and whether everything has come to rest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from cloudlab.model import (
    FirewallRule,
    HostStatus,
    NetworkState,
    NicState,
    PoolState,
    VmSnapshotState,
    VmState,
    VolumeState,
)

if TYPE_CHECKING:
    from cloudlab.cloud import Cloud
    from cloudlab.model import Host, Network
    from simulator.outside import Outside
    from tests.support.outside import RealOutside


def disagreements(cloud: Cloud, outside: Outside | RealOutside) -> list[str]:
    """Return every way in which books and outside disagree; empty is good.

    Hosts that are broken or cut off, or not Up in the books, are left out: nobody can know.
    """
    doubtful = (
        outside.dead
        | outside.cut_off
        | {host.id for host in cloud.inventory.hosts if host.status is not HostStatus.UP}
    )
    return [
        *_machines(cloud, outside, doubtful),
        *_disks(cloud, outside),
        *_attached(cloud, outside, doubtful),
        *_snapshots(cloud, outside),
        *_networks(cloud, outside, doubtful),
        *_hosts(cloud, outside, doubtful),
        *_addresses(cloud),
        *_rules(cloud),
        *_ledger(cloud),
    ]


def unsettled(cloud: Cloud) -> list[str]:
    """Return everything that is still on its way from one state to another; empty is good."""
    inventory = cloud.inventory
    moving = {VmState.STARTING, VmState.STOPPING, VmState.MIGRATING}
    making = {VolumeState.CREATING, VolumeState.EXPUNGING, VolumeState.MIGRATING}
    making |= {VolumeState.RESIZING}
    taking = {VmSnapshotState.CREATING, VmSnapshotState.REVERTING}
    plugging = {NicState.RESERVING, NicState.RELEASING}
    preparing = {"Creating", "Connecting", "PrepareForMaintenance"}
    found = [f"{vm} is {vm.state}" for vm in inventory.vms if vm.state in moving]
    found += [f"{each} is {each.state}" for each in inventory.volumes if each.state in making]
    found += [f"{each} is {each.state}" for each in inventory.vm_snapshots if each.state in taking]
    found += [f"{nic} is {nic.state}" for nic in inventory.nics if nic.state in plugging]
    between = {NetworkState.IMPLEMENTING, NetworkState.SHUTDOWN}
    found += [f"{each} is {each.state}" for each in inventory.networks if each.state in between]
    for host in inventory.hosts:
        if {host.status, host.resource_state} & preparing:
            found.append(f"{host} is {host.status} and {host.resource_state}")
    found += [f"{each} is {each.state}" for each in inventory.pools if each.state in preparing]
    found += [f"{job} has not ended" for job in inventory.jobs if not job.is_done]
    found += [f"lock {key} is held" for key in cloud.engine.locks._turns]
    return found


def _differ(what: str, there: object, booked: object) -> Iterator[str]:
    if there != booked:
        yield f"{what}: outside {there}, in the books {booked}"


def _machines(cloud: Cloud, outside: Outside | RealOutside, doubtful: set[int]) -> Iterator[str]:
    """Compare machines that run, machines on hosts, and claims."""
    inventory, ledger = cloud.inventory, cloud.ledger
    on = {vm.id: vm.host.id for vm in inventory.vms if vm.host is not None}
    for vm in inventory.vms:
        if vm.is_active != (vm.host is not None):
            yield f"{vm} is {vm.state} with host {vm.host}"
    running = {vm: host for vm, host in outside.running.items() if host not in doubtful}
    sure = {vm: host for vm, host in on.items() if host not in doubtful}
    yield from _differ("running machines", running, sure)
    claims = {(vm, ledger.hosts[row].id) for vm, row in ledger.claims()}
    if claims != set(on.items()):
        yield f"claims {claims}, machines on hosts {on}"


def _disks(cloud: Cloud, outside: Outside | RealOutside) -> Iterator[str]:
    """Compare disks, copies of templates, and what pools say is allocated."""
    inventory, ledger = cloud.inventory, cloud.ledger
    there = {VolumeState.READY, VolumeState.DESTROY}
    built = {(v.id, v.pool.id) for v in inventory.volumes if v.pool and v.state in there}
    yield from _differ("disks", outside.disks, built)
    sizes = {
        (v.id, v.pool.id): v.size_mib for v in inventory.volumes if v.pool and v.state in there
    }
    yield from _differ("sizes of disks", outside.sizes, sizes)
    for volume in inventory.volumes:
        offering = volume.offering
        if offering is not None and volume.size_mib != (offering.size_mib or volume.size_mib):
            yield f"{volume} is {volume.size_mib} MiB large, by its {offering} otherwise"
    booked = {("volume", v.id, v.pool.row) for v in inventory.volumes if v.pool}
    rows = {pool.id: pool.row for pool in inventory.pools}
    for template in inventory.templates:
        booked |= {("template", template.id, rows[pool]) for pool in template.copies}
    yield from _differ("allocations", set(ledger.allocations()), booked)
    copies = {(t.id, pool) for t in inventory.templates for pool in t.copies - t.staging}
    yield from _differ("copies of templates", outside.images, copies)
    sums = Counter[int]()
    for (_, _, row), size in ledger.allocations().items():
        sums[row] += size
    for row, pool in enumerate(ledger.pools):
        if sums[row] != ledger.pool_allocated[row]:
            yield f"{pool}: {ledger.pool_allocated[row]} MiB allocated, together {sums[row]}"
        if ledger.pool_allocated[row] > ledger.pool_total[row]:
            yield f"{pool} is over-committed"


def _attached(cloud: Cloud, outside: Outside | RealOutside, doubtful: set[int]) -> Iterator[str]:
    """Compare the disks of machines that run; what could not be undone was told in an alert."""
    told = {alert.name for alert in cloud.inventory.alerts if alert.is_open}
    for vm in cloud.inventory.vms:
        if vm.state is not VmState.RUNNING or vm.host is None or vm.host.id in doubtful:
            continue
        booked = {volume.id: volume for volume in vm.volumes}
        unsure = {i for i, each in booked.items() if f"Unable to clean up after {each}" in told}
        there = outside.attached.get(vm.id, set())
        yield from _differ(f"disks of {vm}", there - unsure, set(booked) - unsure)


def _snapshots(cloud: Cloud, outside: Outside | RealOutside) -> Iterator[str]:
    """Compare snapshots; of one that failed or goes something may be left until it is deleted."""
    states = {each.id: each.state for each in cloud.inventory.vm_snapshots}
    going = {VmSnapshotState.ERROR, VmSnapshotState.EXPUNGING}
    unsure = {number for number, state in states.items() if state in going}
    there = {snapshot for snapshot, _ in outside.snapshots}
    yield from _differ("snapshots", there - unsure, set(states) - unsure)
    standing = [each for each in cloud.inventory.vm_snapshots if each.is_current]
    if len({each.vm for each in standing}) < len(standing):
        yield f"a machine stands on two snapshots: {standing}"


def _networks(cloud: Cloud, outside: Outside | RealOutside, doubtful: set[int]) -> Iterator[str]:
    """Compare NICs that are plugged and known to routers, and the routers that run."""
    networks, nics = list(cloud.inventory.networks), list(cloud.inventory.nics)
    reserved = [nic for nic in nics if nic.state is NicState.RESERVED]
    at: set[tuple[int, int]] = set()
    for nic in reserved:
        host = nic.vm.host or nic.vm.last_host
        at.add((nic.id, 0 if host is None else host.id))
    plugged = {(nic, host) for nic, host in outside.plugged if host not in doubtful}
    yield from _differ("NICs", plugged, {each for each in at if each[1] not in doubtful})
    unsure = {nic.id for nic in nics if _is_on(nic.network.router_host, doubtful)}
    known = {nic.id for nic in reserved}
    yield from _differ("NICs of services", outside.admitted - unsure, known - unsure)
    booked = {(each.id, each.router_host.id) for each in networks if each.router_host}
    yield from _differ(
        "routers",
        {each for each in outside.routers if each[1] not in doubtful},
        {each for each in booked if each[1] not in doubtful},
    )
    for network in networks:
        there = [nic for nic in nics if nic.network is network]
        yield from _differ(f"NICs on {network}", network.nics, there)
        yield from _network(network)


def _is_on(host: Host | None, hosts: set[int]) -> bool:
    return host is not None and host.id in hosts


def _network(network: Network) -> Iterator[str]:
    """Compare the state of a network with what it has of a router, addresses and a VLAN."""
    state = network.state
    if not network.is_isolated:
        if state is not NetworkState.SETUP or network.vlan is not None or network.public_ips:
            yield f"{network} is shared and {state}, with {network.vlan}, {network.public_ips}"
        return
    if state is NetworkState.ALLOCATED and network.router_host is not None:
        yield f"{network} is {state} with a router on {network.router_host}"
    source_nat = [ip for ip in network.public_ips if ip.is_source_nat]
    if state is NetworkState.IMPLEMENTED and len(source_nat) != 1:
        yield f"{network} is {state} with {len(source_nat)} source NAT addresses"
    if network.vlan is None or network.range is None:
        yield f"{network} has the VLAN {network.vlan} and the range {network.range}"
    if network.public_ips[:1] != source_nat[:1] and source_nat:
        yield f"{network}: {source_nat[0]} is not the first of its public addresses"


def _hosts(cloud: Cloud, outside: Outside | RealOutside, doubtful: set[int]) -> Iterator[str]:
    """Compare contacts with hosts, and the pools each reaches."""
    up = {host.id for host in cloud.inventory.hosts} - doubtful
    yield from _differ("contacts", outside.connected - doubtful, up)
    mounted = {(pool, host) for pool, host in outside.mounted if host not in doubtful}
    expected = {
        (pool.id, host.id)
        for host in cloud.inventory.hosts
        for pool in (*host.cluster.pools, *host.zone.pools)
        if pool.host in (None, host) and pool.state is not PoolState.MAINTENANCE
    }
    unsure = {pool.id for pool in cloud.inventory.pools if "Error" in pool.state}
    expected = {each for each in expected if each[1] in up}
    yield from _differ(
        "mounts",
        {each for each in mounted if each[0] not in unsure},
        {each for each in expected if each[0] not in unsure},
    )


def _addresses(cloud: Cloud) -> Iterator[str]:
    """Compare addresses in use with NICs and networks that have one; nobody shares, nor a VLAN."""
    inventory = cloud.inventory
    used = {(row, number) for row, pool in enumerate(cloud.addresses) for number in pool.held()}
    having = [(nic.range.row, nic.address) for nic in inventory.nics if nic.range]
    having += [(ip.range.row, ip.address) for ip in inventory.public_ips]
    yield from _differ("addresses", used, set(having))
    if len(set(having)) < len(having):
        yield f"an address is given twice: {having}"
    public = [ip for network in inventory.networks for ip in network.public_ips]
    yield from _differ("public addresses", set(inventory.public_ips), set(public))
    vlans = [(each.zone.id, each.vlan) for each in inventory.networks if each.vlan is not None]
    if len(set(vlans)) < len(vlans):
        yield f"a VLAN is given twice: {vlans}"
    for each in inventory.ranges:
        if each.zone not in inventory.zones:
            yield f"{each} is left of {each.zone}"


def _rules(cloud: Cloud) -> Iterator[str]:
    """Compare the rules there are with those that networks have."""
    inventory = cloud.inventory
    networks = list(inventory.networks)
    firewall = {rule for network in networks for rule in network.firewall}
    yield from _differ("firewall rules", set(inventory.firewall_rules), firewall)
    forwarding = {rule for network in networks for rule in network.port_forwarding}
    yield from _differ("port forwarding", set(inventory.port_forwarding_rules), forwarding)
    balancers = {rule for network in networks for rule in network.load_balancers}
    yield from _differ("load balancers", set(inventory.load_balancer_rules), balancers)
    for rule in (*firewall, *forwarding, *balancers):
        if rule.removed is not None or rule.ip not in rule.network.public_ips:
            yield f"{rule} of {rule.network} is on {rule.ip}, removed: {rule.removed}"
        if isinstance(rule, FirewallRule) and rule.opened_for is not None:
            yield from _differ(f"what {rule} is for", rule.opened_for.removed, None)


def _ledger(cloud: Cloud) -> Iterator[str]:
    """Add up claims and reservations of every host, and the hosts of every cluster."""
    ledger = cloud.ledger
    cpu, ram = ledger.cpu_total.copy(), ledger.ram_total.copy()
    for (_, row), (mhz, mib) in ledger.claims().items():
        cpu[row] -= mhz
        ram[row] -= mib
    for row, mhz, mib, _ in ledger.reservations().values():
        cpu[row] -= mhz
        ram[row] -= mib
    for host in cloud.inventory.hosts:
        yield from _host(cloud, host, int(cpu[host.row]), int(ram[host.row]))
    for cluster in cloud.inventory.clusters:
        rows = [host.row for host in cluster.hosts if ledger.is_open[host.row]]
        for what in ("cpu_total", "cpu_free", "ram_total", "ram_free"):
            whole = int(getattr(ledger, f"cluster_{what}")[cluster.row])
            parts = int(np.sum(getattr(ledger, what)[rows]))
            if whole != parts:
                yield f"{cluster} has {what} {whole}, its open hosts {parts}"


def _host(cloud: Cloud, host: Host, cpu: int, ram: int) -> Iterator[str]:
    """Compare what the ledger says is free on `host` with what nobody holds."""
    ledger, row = cloud.ledger, host.row
    free = int(ledger.cpu_free[row]), int(ledger.ram_free[row])
    if free != (cpu, ram):
        yield f"{host} has {free} free, nobody holds {(cpu, ram)}"
    if min(free) < 0:
        yield f"{host} is over-committed: {free} free"
    if bool(ledger.is_open[row]) != host.is_usable:
        yield f"{host} is {host.status} and {host.resource_state}, open: {ledger.is_open[row]}"
    guests = {vm for vm, place in ledger.claims() if place == row}
    if set(ledger.guests[row]) != guests:
        yield f"{host} has guests {set(ledger.guests[row])}, claims of {guests}"
