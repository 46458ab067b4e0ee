"""Rows: what exists and what happened, as listings, HTML and frames."""

from __future__ import annotations

import pandas as pd
import pytest

from cloudlab.errors import InvalidParameter
from cloudlab.model import AlertType, Command, EventLevel
from cloudlab.views import (
    Tone,
    VmRow,
    alert_rows,
    event_rows,
    frame,
    host_rows,
    job_rows,
    vm_rows,
    volume_rows,
)
from cloudlab.workflows import jobs, machines
from tests.views.build import Site, small_site
from tests.views.parse import NASTY, is_harmless, read_html


def test_vm_rows() -> None:
    """A VM's row has its size, place, address and owner."""
    site = small_site(vms=2)
    row = vm_rows(site.cloud)[0]
    assert (row.name, row.state, row.vcpu, row.ram_mib) == ("web-1", "Running", 2, 4096)
    assert (row.disk_mib, row.host, row.cluster, row.zone) == (8192, "c1-h1", "c1", "z1")
    assert (row.ip, row.account, row.tone) == ("10.1.1.0", "admin", Tone.GOOD)


def test_a_stopped_vm_has_no_host() -> None:
    """The host is empty, not None: a frame can be filtered by it."""
    site = small_site(vms=1)
    site.run(machines.stop(site.cloud, site.cloud.inventory.vms.get(1)))
    assert (vm_rows(site.cloud)[0].host, vm_rows(site.cloud)[0].tone) == ("", Tone.IDLE)


def test_host_rows() -> None:
    """A host's row has what is allocated and usable, and the share."""
    row = host_rows(small_site(vms=2, clusters=1).cloud)[0]
    assert (row.name, row.state, row.vms) == ("c1-h1", "Up", 2)
    assert (row.cpu_allocated_mhz, row.cpu_usable_mhz, row.cpu_share) == (8000, 16_000, 0.5)
    assert (row.ram_allocated_mib, row.ram_usable_mib, row.ram_share) == (8192, 32_768, 0.25)


def test_volume_rows() -> None:
    """A volume's row has its VM and its pool."""
    row = volume_rows(small_site(vms=1).cloud)[0]
    assert (row.type, row.state, row.size_mib) == ("ROOT", "Ready", 8192)
    assert (row.vm, row.pool, row.tone) == ("web-1", "c1-nfs", Tone.GOOD)


@pytest.mark.book("3.11")
def test_events_are_the_log_of_what_was_done() -> None:
    """Every command leaves events, the newest first, with the job that caused them."""
    site = small_site(vms=1)
    vm = site.cloud.inventory.vms.get(1)
    site.run(jobs.perform(site.cloud, Command.STOP, vm, machines.stop(site.cloud, vm)))
    newest, older = event_rows(site.cloud)
    assert (newest.type, newest.state, newest.subject) == ("VM.STOP", "Completed", "vm web-1")
    assert (older.state, older.level, older.job) == ("Started", "INFO", 1)
    assert list(event_rows(site.cloud, last=1)) == [newest]


def test_open_alerts_come_first() -> None:
    """An alert that holds stands above one that is over, though that is newer."""
    site = Site()
    site.cloud.alert(AlertType.CPU, "cluster c1", "cluster c1: CPU 90%")
    site.sleep(60)
    site.cloud.alert(AlertType.HOST, "host h1", "Host is down, name: h1")
    site.cloud.resolve(AlertType.HOST, "host h1")
    rows = alert_rows(site.cloud)
    assert [(row.type, row.is_open) for row in rows] == [("CPU", True), ("HOST", False)]
    assert rows[1].resolved == 60.0


def test_jobs_say_how_they_ended() -> None:
    """A failed job keeps its code and message, and how long it took."""
    site = small_site(vms=1, seconds=2)
    vm = site.cloud.inventory.vms.get(1)
    site.run(jobs.perform(site.cloud, Command.STOP, vm, machines.stop(site.cloud, vm)))
    site.run(jobs.perform(site.cloud, Command.REBOOT, vm, machines.reboot(site.cloud, vm)))
    failed, done = job_rows(site.cloud)
    assert (failed.command, failed.status, failed.error_code) == (
        "rebootVirtualMachine",
        "FAILED",
        530,
    )
    assert "only a Running machine can be rebooted" in failed.error
    assert (done.status, done.error, done.took_s) == ("SUCCEEDED", "", done.ended - done.started)
    assert done.took_s > 0


def test_a_frame_has_a_column_a_field() -> None:
    """Rows become a frame whose choices are words and whose numbers are numbers."""
    site = small_site(vms=3)
    table = frame(vm_rows(site.cloud))
    assert list(table.columns) == list(vm_rows(site.cloud).columns)
    assert table["ram_mib"].sum() == 3 * 4096
    assert table["state"].tolist() == ["Running"] * 3


def test_a_frame_of_no_rows_still_has_columns() -> None:
    """An empty cloud gives an empty frame that can be filtered like a full one."""
    table = vm_rows(Site().cloud).frame()
    assert len(table) == 0
    assert "state" in table.columns


def test_a_frame_of_plain_rows() -> None:
    """A list of rows works, too; a list of something else is refused."""
    rows = list(vm_rows(small_site(vms=2).cloud))
    assert isinstance(frame(rows), pd.DataFrame)
    for wrong in ([], [1, 2]):
        with pytest.raises(InvalidParameter, match="a frame needs"):
            frame(wrong)


def test_a_listing_is_a_sequence() -> None:
    """It can be indexed, sliced, counted and iterated, and its repr says what to do."""
    rows = vm_rows(small_site(vms=4).cloud)
    assert [row.name for row in rows[1:3]] == ["web-2", "web-3"]
    assert len(rows[1:3]) == 2
    assert rows[-1].name == "web-4"
    assert repr(rows).startswith("<4 x VmRow: id, name, state")
    assert repr(rows).endswith("try .frame()>")
    assert rows.kind is VmRow


def test_html_of_a_listing_is_cut_and_harmless() -> None:
    """A notebook shows a table with 60 rows at the most, and names run nothing."""
    site = Site()
    for number in range(70):
        site.cloud.note("X", site.cloud.admin, f"{NASTY} {number}", level=EventLevel.WARN)
    page = event_rows(site.cloud)._repr_html_()
    tags, text = read_html(page)
    assert is_harmless(page)
    assert sum(tag == "tr" for tag, _ in tags) == 61
    assert "and 10 more rows" in text
