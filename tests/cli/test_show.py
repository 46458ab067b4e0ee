"""`cloudlab show`: the tree for people, the same numbers as JSON for programs."""

from __future__ import annotations

import json

from cloudlab.datasets import dataset
from cloudlab.design import read_design
from tests.cli.terminal import answer


def test_the_tree_is_the_designs_own() -> None:
    """What is printed is what a notebook shows."""
    path = dataset("designs", "two-zones.yaml")
    assert answer("show", path) == answer("show", "two-zones") == read_design(path).tree_text()


def test_json_adds_up_from_cluster_to_cloud() -> None:
    """Hosts and RAM of the clusters are those of their pod, of the zones those of the cloud."""
    shown = json.loads(answer("show", "small-cloud", "--json"))
    pods = [pod for zone in shown["zones"] for pod in zone["pods"]]
    for whole, parts in [
        (shown["totals"], shown["zones"]),
        (shown["totals"], pods),
        *((pod, pod["clusters"]) for pod in pods),
    ]:
        assert whole["hosts"] == sum(part["hosts"] for part in parts)
        for size in ("raw", "usable", "plannable"):
            assert whole["ram_mib"][size] == sum(part["ram_mib"][size] for part in parts)
    assert shown["totals"]["cpu_mhz"] == {
        "raw": 2_560_000,
        "usable": 2_560_000,
        "plannable": 2_176_000,
    }


def test_json_tells_hosts_and_limits_of_a_cluster() -> None:
    """A cluster says what its hosts are and how far it may be filled: null where to the end."""
    shown = json.loads(answer("show", "churn-100", "--json"))
    (cluster,) = shown["zones"][0]["pods"][0]["clusters"]
    (group,) = cluster["host_groups"]
    assert (group["count"], group["cpus"], group["ram_mib"]) == (100, 64, 262_144)
    assert group["kept_for_restarts"] is False
    assert cluster["cpu_disable_threshold"] is None
    assert (cluster["cpu_overcommit"], cluster["hypervisor"]) == (1, "KVM")
