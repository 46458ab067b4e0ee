"""What somebody may type wrongly, and what the lab says to it: the same in every world."""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np

from cloudlab import Lab
from cloudlab.errors import CloudError, Conflict, InputError, InvalidParameter, NotFound
from cloudlab.model import DiskOffering


class Wrong(NamedTuple):
    """One call that is refused."""

    verb: str
    given: tuple[object, ...]
    message: str
    """A regular expression."""
    error: type[CloudError] = InvalidParameter
    options: dict[str, object] = {}  # noqa: RUF012  (nobody changes it)


def furnished(lab: Lab) -> Lab:
    """Return `lab` with an account, a network, two machines, volumes, a rule and a snapshot."""
    lab.cloud.inventory.disk_offerings.add(DiskOffering(name="any size", size_mib=None))
    lab.create_account("blue")
    lab.create_network("net", account="blue", cidr="10.1.7.0/24")
    lab.deploy("web", network="net")
    lab.forward("web", 8080, 80)
    lab.balance(["web"], 8000, name="lb")
    for _ in range(2):
        lab.create_volume("twice", "any size", size_gib=1, account="blue")
    lab.security_group("guards")
    lab.stop("web")
    lab.snapshot("web", "kept")
    return lab


def known(lab: Lab) -> dict[str, object]:
    """Return what a refusal must not change: every record, and what is allocated."""
    records = {
        name: [(each.id, repr(each)) for each in table]
        for name, table in lab.cloud.inventory.tables().items()
        if name not in {"jobs", "alerts"}
    }
    return {
        **records,
        "ledger": repr(lab.cloud.ledger),
        "free": [p.free for p in lab.cloud.addresses],
    }


NO_PORT: Final = "allowed: a port, as 80, or the first and last"
NO_NAME: Final = "allowed: 1 to 255 printable characters"
NO_SIZE: Final = "allowed: GiB, a finite number above 0"

NOTHING_MEANT: Final = [
    *(
        Wrong(verb, (None,), "which vm[?] give the object, its name or its id; there are: web")
        for verb in (
            *("start", "stop", "reboot", "destroy", "recover", "expunge", "migrate"),
            *("reset_password", "snapshot", "revert", "delete_snapshot", "snapshots"),
            *("console", "console_password", "static_nat"),
        )
    ),
    Wrong("destroy", (None,), "which vm", options={"expunge": True}),
    Wrong("stop", ("",), "which vm"),
    Wrong("forward", (None, 80), "which vm"),
    Wrong("attach", (2, None), "which vm"),
    *(
        Wrong(verb, (None,), "which host[?] give the object, its name or its id")
        for verb in ("break_host", "repair_host", "unplug", "plug", "stats")
    ),
    *(
        Wrong(verb, (None,), "which host or pool[?] give the object or its name")
        for verb in ("enter_maintenance", "cancel_maintenance")
    ),
    *(
        Wrong(verb, (None,), "which zone, pod, cluster, host or pool[?]")
        for verb in ("enable", "disable")
    ),
    *(Wrong(verb, (None,), "which volume") for verb in ("detach", "resize", "delete_volume")),
    Wrong("migrate_volume", (2, None), "which pool"),
    Wrong("end_forwarding", (None,), "which port ?forwarding"),
    Wrong("end_balancing", (None,), "which load ?balancer"),
    Wrong("assign", (None, ["web"]), "which load ?balancer"),
    Wrong("close_firewall", (None,), "which firewall"),
    Wrong("delete_network", (None,), "which network"),
    Wrong("acquire_ip", (None,), "which network"),
    Wrong("release_ip", (None,), "which public"),
    Wrong("end_static_nat", (None,), "which public"),
    Wrong("open_firewall", (None, 80), "which public"),
    Wrong("allow", (None, 80), "which security group"),
    Wrong("delete_security_group", (None,), "which security group"),
]
"""`None` is nobody, for every verb."""

NOT_THERE: Final = [
    Wrong("stop", ("nobody",), "there is no vm nobody; there are: web", NotFound),
    Wrong("stop", (99,), "there is no vm with id 99", NotFound),
    Wrong("stop", (1.5,), "1.5 is no vm: give the object, its name or its id"),
    Wrong("stop", (True,), "True is no vm"),
    Wrong("delete_volume", ("twice",), "2 of volume twice: use the id, 2 or 3", Conflict),
    Wrong("enable", ("nowhere",), "no zone, pod, cluster, host or pool nowhere; there", NotFound),
    Wrong("disable", (3,), "3 is no zone, pod, cluster, host or pool: give the object or its"),
    Wrong("revert", ("web", "lost"), "vm web has no snapshot lost; there are: kept", NotFound),
    Wrong("delete_snapshot", ("web", "lost"), "has no snapshot lost; there are: kept", NotFound),
    Wrong("delete_snapshot", ("web", 7), "has no snapshot 7; there are: kept", NotFound),
    Wrong("stop", (np.array([1, 2]),), "is no vm: give the object"),
    Wrong("enable", (np.array([1, 2]),), "is no zone, pod, .* give the object or its name"),
    Wrong("details", ("nobody",), "there is no place, machine, volume or network nobody", NotFound),
    Wrong("unassign", ("lb", "web"), r"vms is 'web'; allowed: a list, as \['web'\]"),
]
"""Names and ids that nothing has."""

OF_NO_TYPE: Final = [
    Wrong("forward", ("web", "80"), f"public_port is '80'; {NO_PORT}"),
    Wrong("forward", ("web", 80.5), f"public_port is 80.5; {NO_PORT}"),
    Wrong("forward", ("web", True), f"public_port is True; {NO_PORT}"),
    Wrong("forward", ("web", (1, 2, 3)), rf"public_port is \(1, 2, 3\); {NO_PORT}"),
    Wrong("forward", ("web", 80, "x"), f"private_port is 'x'; {NO_PORT}"),
    Wrong("forward", ("web", 0), "allowed: 1 to 65535"),
    Wrong("forward", ("web", 80), "protocol None: there are tcp", options={"protocol": None}),
    Wrong("balance", (["web"], "80"), "public_port is '80'; allowed: one port, as 80"),
    Wrong("balance", ("web", 80), "vms is 'web'; allowed: a list"),
    Wrong("balance", ([], 80), "needs machines"),
    Wrong("balance", (["web"], 80), "algorithm 5: there are", options={"algorithm": 5}),
    Wrong("change_offering", ("web", "none"), "no compute offering none; there are:", NotFound),
    Wrong("change_offering", ("web", None), "which compute offering"),
    Wrong("compare", (5, 0), r"twin is 5; allowed: a lab, as lab\.twin\(\) returns"),
    Wrong("twin", (), "latency is 5; allowed: a LatencyProfile", options={"latency": 5}),
    Wrong("dry_run", (), "latency is 5; allowed: a LatencyProfile", options={"latency": 5}),
    Wrong("dry_run", (), "nothing.yaml: cannot be read", InputError, {"latency": "nothing.yaml"}),
    Wrong("open_firewall", (1, 80), "cidrs is '10.0.0.0/8'", options={"cidrs": "10.0.0.0/8"}),
    Wrong("allow", ("guards", 80), "cidr is 5; allowed: a text", options={"cidr": 5}),
    Wrong("deploy", (5,), "name is 5; allowed: a text, in quotes"),
    Wrong("deploy", ("a",), "disk_gib is '5'; allowed: a number", options={"disk_gib": "5"}),
    Wrong("deploy", ("a",), "user_data is b'x'; allowed: a text", options={"user_data": b"x"}),
    Wrong(
        "deploy",
        ("a",),
        r"user_data has '\\ud800' at 2; allowed: what UTF-8",
        options={"user_data": "ab\ud800"},
    ),
    Wrong("deploy", ("a",), "security_groups is 'x'", options={"security_groups": "x"}),
    Wrong("deploy_many", ("2",), "count is '2'; allowed: a whole number, 1 or more"),
    Wrong("deploy_many", (0,), "count is 0; allowed: a whole number, 1 or more"),
    Wrong("snapshot", ("web", 5), "name is 5; allowed: a text"),
    Wrong("create_network", (5,), "name is 5"),
    Wrong("create_network", ("n",), "cidr is 5; allowed: a text", options={"cidr": 5}),
    Wrong("run", (), "hours is 'x'; allowed: a number", options={"hours": "x"}),
    Wrong("save", (5,), "path is 5; allowed: the name of a file", InputError),
    Wrong("timeline", ("x",), "since is 'x'; allowed: a number"),
    Wrong("step", ("x",), "events is 'x'"),
    *(
        Wrong(verb, given, f"size_gib is {size!r}; {NO_SIZE}", options={"size_gib": size})
        for verb, given in (("create_volume", ("v",)), ("resize", (2,)))
        for size in (math.nan, math.inf, -1, 10**400)
    ),
    Wrong("create_volume", ("v",), "size_gib is 'x'", options={"size_gib": "x"}),
    Wrong("resize", (2, "x"), "size_gib is 'x'; allowed: a number"),
]
"""What is of no type that the verb takes."""

NOT_ALLOWED: Final = [
    Wrong(
        "deploy",
        ("a",),
        "size of a data disk is 5 GiB, but no disk offering is given",
        options={"disk_gib": 5},
    ),
    Wrong("deploy", ("WEB",), "name is 'WEB', and there is a machine of that name already, web"),
    *(
        Wrong("create_account", (name,), "name of account is .* letters, digits, - _ . and @")
        for name in ("", "a b", "a/b", "a\n", "\u00e6", "x" * 256)
    ),
    Wrong("create_account", (None,), "name is None; allowed: a text"),
    Wrong("create_account", ("blue",), "already has an account blue"),
    *(
        Wrong(verb, (*given, name), f"name of {kind} is .*{NO_NAME}")
        for verb, given, kind in (
            ("create_network", (), "network"),
            ("security_group", (), "security group"),
            ("create_volume", (), "volume"),
            ("snapshot", ("web",), "snapshot"),
        )
        for name in ("a\nb", "\x1b[31m", " ", "\ud800", "x" * 256)
    ),
    Wrong("balance", (["web"], 81), f"name of load balancer.*{NO_NAME}", options={"name": "a\nb"}),
    Wrong(
        "deploy",
        ("a",),
        "public_key must be one line of authorized_keys",
        options={"public_key": "ssh-rsa A\x00A"},
    ),
    Wrong("delete_volume", ("ROOT-1",), "belongs to vm web; it goes with that", Conflict),
    Wrong("attach", ("ROOT-1", "web"), "volume ROOT-1 is a ROOT volume; allowed: DATADISK"),
    Wrong("delete_security_group", ("guard",), "there are: .*guards", NotFound),
]
"""What CloudStack's rules, or those of names, do not allow."""

EVERY: Final = [*NOTHING_MEANT, *NOT_THERE, *OF_NO_TYPE, *NOT_ALLOWED]
