"""A template for every hypervisor, when a design brings none."""

from __future__ import annotations

from typing import Final

from cloudlab.design.schema import CloudDocument, Template

_SIZE_GIB: Final = 8.0


def default_templates(document: CloudDocument) -> tuple[Template, ...]:
    """Return one template of 8 GiB for each hypervisor of the clusters, in order."""
    hypervisors = dict.fromkeys(
        cluster.hypervisor
        for zone in document.zones
        for pod in zone.pods
        for cluster in pod.clusters
    )
    return tuple(
        Template(
            name=f"CentOS 5 64-bit no GUI ({hypervisor})",
            size_gib=_SIZE_GIB,
            hypervisor=hypervisor,
            os="CentOS 5 (64-bit)",
            featured=True,
        )
        for hypervisor in hypervisors
    )
