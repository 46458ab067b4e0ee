"""What became of the requests, by hand."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from simulator.planning.traffic import traffic_of
from tests.planning.worlds import demand, fleet, placed, site


def test_requests_by_hand() -> None:
    """Admitted, refused by reason with the first of each, peak, vCPU seconds and the md5."""
    where = site(fleet(1))
    what = demand(
        (0, 10, 4, 4096), (1, 10, 4, 4096), (2, 10, 1, 512), (3, 10, 64, 512), (20, 10, 8, 8192)
    )
    traffic = traffic_of(placed(where, what), what, 20.0)
    assert (traffic.requests, traffic.admitted, traffic.refused_total) == (5, 3, 2)
    assert traffic.refused == {"size": 1, "cpu and ram": 1}
    first = {refusal.reason: (refusal.first_id, refusal.first_at_s) for refusal in traffic.refusals}
    assert first == {"size": ("3", 3.0), "cpu and ram": ("2", 2.0)}
    assert traffic.peak_vms == 2
    assert traffic.vcpu_seconds == 4 * 10 + 4 * 10 + 8 * 10
    hosts = np.array([0, 0, -1, -1, 0], "<i4").tobytes()
    assert traffic.placement_md5 == hashlib.md5(hosts, usedforsecurity=False).hexdigest()
    assert traffic.admitted_share == pytest.approx(0.6)


def test_nobody_asks() -> None:
    """An empty demand is admitted in full."""
    what = demand((0, 1, 1, 512)).until(0)
    traffic = traffic_of(placed(site(), what), what, 0.0)
    assert (traffic.requests, traffic.admitted_share, traffic.refusals) == (0, 1.0, ())
