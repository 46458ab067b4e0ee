"""From a design to a cloud that runs: the same verbs an administrator would use, in order."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

from cloudlab import model, units
from cloudlab.design.hosts import hosts_of
from cloudlab.design.limits import cluster_limits, pool_limits
from cloudlab.design.schema.addresses import NOWHERE, UNSPECIFIED
from cloudlab.design.walk import ClusterPlace, clusters_of
from cloudlab.workflows import hosts, pools, zones

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cloudlab.cloud import Cloud
    from cloudlab.design.design import Design
    from cloudlab.design.schema import AddressRange, Pod, PrimaryStorage, Zone


def settings_of(design: Design) -> model.Settings:
    """Return the settings of `design` that a running cloud obeys."""
    written = design.settings.model_dump(by_alias=True)
    known = {each.metadata["name"] for each in fields(model.Settings)}
    return model.Settings.of({name: value for name, value in written.items() if name in known})


async def build(cloud: Cloud, design: Design) -> None:
    """Make everything of `design` in the empty `cloud`, whose settings are `settings_of` it.

    Raises:
        HostFault: a host cannot be reached.
        InvalidParameter: something the design's own check did not see.
    """
    add_offerings(cloud, design)
    made = [(zone, await _add_zone(cloud, design, zone)) for zone in design.zones]
    for plan, zone in made:
        for pod in plan.pods:
            await _add_pod(cloud, design, plan, pod, zone)
    for plan, zone in made:
        await zones.enable(cloud, zone)
        if plan.allocation_state is model.AllocationState.DISABLED:
            await zones.disable(cloud, zone)


def add_offerings(cloud: Cloud, design: Design) -> None:
    """Add what users may choose from."""
    inventory = cloud.inventory
    for each in (*design.compute_offerings, *design.system_offerings):
        inventory.compute_offerings.add(
            model.ComputeOffering(
                name=each.name,
                vcpu=each.vcpu,
                cpu_mhz=each.cpu_mhz or 0,
                ram_mib=each.ram_mib,
                host_tag=each.host_tag,
                storage_tags=frozenset(each.storage_tags),
                ha=each.ha,
                limit_cpu_use=each.limit_cpu_use,
                uses_local_storage=each.local_storage,
                domain=_domain(cloud, each.domain),
                system_vm_type=getattr(each, "system_vm_type", None),
                display_text=each.display_text,
            )
        )
    for disk in design.disk_offerings:
        inventory.disk_offerings.add(
            model.DiskOffering(
                name=disk.name,
                size_mib=None if disk.size_gib is None else units.mib(disk.size_gib),
                storage_tags=frozenset(disk.storage_tags),
                uses_local_storage=disk.local_storage,
                domain=_domain(cloud, disk.domain),
                display_text=disk.display_text,
            )
        )
    for template in design.templates:
        inventory.templates.add(
            model.Template(
                name=template.name,
                size_mib=units.mib(template.size_gib),
                hypervisor=str(template.hypervisor),
                format=template.image_format,
                guest_os=template.os,
                host_tag=template.host_tag,
                requires_hvm=template.requires_hvm,
                is_public=template.public,
            )
        )


def _domain(cloud: Cloud, path: str) -> model.Domain | None:
    """Return the domain at `path`, made if need be; `None` for no path."""
    if not path:
        return None
    domain = cloud.root
    for name in path.removeprefix("ROOT").strip("/").split("/"):
        if name:
            known = (each for each in domain.subdomains if each.name == name)
            domain = next(known, None) or cloud.add_domain(name, domain)
    return domain


async def _add_zone(cloud: Cloud, design: Design, plan: Zone) -> model.Zone:
    zone = await zones.create_zone(
        cloud,
        plan.name,
        plan.network_type,
        domain=_domain(cloud, plan.domain),
        dns1=str(plan.dns1),
        internal_dns1=str(plan.internal_dns1),
        guest_cidr=None if plan.guest_cidr == NOWHERE else str(plan.guest_cidr),
        security_groups=plan.security_groups,
        local_storage=plan.local_storage,
    )
    for wire in plan.physical_networks:
        labels = wire.labels.model_dump(by_alias=True)
        traffic = {kind: str(labels[kind.value]) for kind in wire.traffic}
        asked = zones.Wire(
            name=wire.name, traffic=traffic, vlans=wire.vlans, isolation=str(wire.isolation)
        )
        await zones.add_physical_network(cloud, zone, asked)
    await _add_ranges(cloud, model.TrafficType.PUBLIC, zone, plan.public_ranges)
    await _add_ranges(cloud, model.TrafficType.GUEST, zone, plan.guest_ranges)
    for store in plan.secondary_storage:
        size = units.mib(store.capacity_gib)
        await zones.add_image_store(cloud, zone, store.name, store.url, size)
    for pool in plan.primary_storage:
        await _add_pool(cloud, design, plan, pool, zone)
    return zone


async def _add_ranges(
    cloud: Cloud,
    traffic: model.TrafficType,
    where: model.Zone | model.Pod,
    ranges: Iterable[AddressRange],
) -> None:
    for run in ranges:
        span = zones.Span(
            start=str(run.start),
            end=str(run.end),
            gateway=str(run.gateway),
            netmask="" if run.cidr == NOWHERE else str(run.cidr.netmask),
            vlan="untagged" if run.vlan is None else str(run.vlan),
        )
        await zones.add_range(cloud, traffic, where, span)


async def _add_pod(cloud: Cloud, design: Design, plan: Zone, pod: Pod, zone: model.Zone) -> None:
    reserved = zones.Span(start=str(pod.reserved.start), end=str(pod.reserved.end))
    gateway = pod.cidr[1] if pod.gateway == UNSPECIFIED else pod.gateway
    made = await zones.create_pod(
        cloud, zone, pod.name, cidr=str(pod.cidr), gateway=str(gateway), reserved=reserved
    )
    await _add_ranges(cloud, model.TrafficType.GUEST, made, pod.guest_ranges)
    for place in clusters_of(plan, pod):
        await _add_cluster(cloud, design, place, made)
    if pod.allocation_state is model.AllocationState.DISABLED:
        await zones.disable(cloud, made)


async def _add_cluster(cloud: Cloud, design: Design, place: ClusterPlace, pod: model.Pod) -> None:
    plan = place.cluster
    limits = cluster_limits(design.settings, plan)
    cluster = await zones.add_cluster(
        cloud,
        pod,
        plan.name,
        str(plan.hypervisor),
        cpu_overcommit=limits.cpu_factor,
        ram_overcommit=limits.ram_factor,
        cpu_disable_threshold=limits.cpu_disable,
        ram_disable_threshold=limits.ram_disable,
    )
    own = plan.settings
    cluster.cpu_notify_threshold = own.cluster_cpu_allocated_capacity_notificationthreshold
    cluster.ram_notify_threshold = own.cluster_memory_allocated_capacity_notificationthreshold
    cluster.storage_notify_threshold = own.cluster_storage_allocated_capacity_notificationthreshold
    for host in hosts_of(design, place):
        shape = host.shape
        await hosts.add(
            cloud,
            cluster,
            host.name,
            cpus=shape.cpus,
            mhz=shape.mhz,
            ram_mib=shape.ram_mib,
            kind=shape.type,
            tags=frozenset(host.tags),
        )
    for pool in plan.primary_storage:
        where = cluster.hosts if pool.is_local else [cluster]
        for each in where:
            await _add_pool(cloud, design, place.zone, pool, each)
    if plan.allocation_state is model.AllocationState.DISABLED:
        await zones.disable(cloud, cluster)


async def _add_pool(
    cloud: Cloud,
    design: Design,
    zone: Zone,
    pool: PrimaryStorage,
    where: model.Zone | model.Cluster | model.Host,
) -> None:
    limits = pool_limits(design.settings, zone, pool)
    name = f"{pool.name}-{where.name}" if isinstance(where, model.Host) else pool.name
    await pools.create(
        cloud,
        where,
        name,
        units.mib(pool.capacity_gib),
        kind=pool.type,
        url=pool.url,
        tags=frozenset(pool.tags),
        overprovisioning=limits.factor,
        disable_threshold=limits.disable,
    )
