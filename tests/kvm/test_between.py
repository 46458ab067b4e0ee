"""A domain that is being started or received, or is leaving, is neither on nor off."""

from __future__ import annotations

import libvirt
import pytest

from drivers.kvm.domains import is_between


class Domain:
    """As much of a libvirt domain as is asked: its state, why, and the job under way."""

    def __init__(self, state: int, reason: int, operation: int | None = None) -> None:
        self._state, self._operation = [state, reason], operation

    def state(self) -> list[int]:
        """Return state and reason."""
        return self._state

    def jobStats(self) -> dict[str, int]:  # noqa: N802  (libvirt's word)
        """Return the job under way."""
        if self._operation is None:
            raise libvirt.libvirtError("no job")
        return {"operation": self._operation}


PAUSED, RUNNING = libvirt.VIR_DOMAIN_PAUSED, libvirt.VIR_DOMAIN_RUNNING
OUT = libvirt.VIR_DOMAIN_JOB_OPERATION_MIGRATION_OUT
KEPT = libvirt.VIR_DOMAIN_JOB_OPERATION_SNAPSHOT


@pytest.mark.parametrize(
    ("domain", "between"),
    [
        (Domain(PAUSED, libvirt.VIR_DOMAIN_PAUSED_STARTING_UP), True),
        (Domain(PAUSED, libvirt.VIR_DOMAIN_PAUSED_MIGRATION), True),
        (Domain(RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED, OUT), True),
        (Domain(RUNNING, libvirt.VIR_DOMAIN_RUNNING_BOOTED, KEPT), False),
        (Domain(RUNNING, libvirt.VIR_DOMAIN_RUNNING_MIGRATED), False),
        (Domain(PAUSED, libvirt.VIR_DOMAIN_PAUSED_IOERROR), False),
        (Domain(libvirt.VIR_DOMAIN_SHUTOFF, libvirt.VIR_DOMAIN_SHUTOFF_SHUTDOWN), False),
    ],
    ids=["starting", "arriving", "leaving", "snapshot", "arrived", "disk full", "off"],
)
def test_on_its_way_is_neither_on_nor_off(domain: Domain, between: bool) -> None:
    """To end what is on its way would end the machine."""
    assert is_between(domain) is between
