"""Load balancer rules as a configuration of haproxy."""

from __future__ import annotations

from cloudlab.model import LoadBalancerRule, Network
from drivers.router.files import File
from drivers.router.guests import address_in

_GROUND = """\
global
    daemon
    maxconn 4096
    user nobody
    stats socket {folder}/haproxy.sock mode 600
defaults
    mode tcp
    retries 3
    option redispatch 1
    timeout connect 5000
    timeout client 50000
    timeout server 50000
"""
"""Source: CloudStack 4.0 `HAProxyConfigurator`, its limits and time-outs. A request that a member
does not take goes to the next one at once: nobody waits for the health check."""


def configuration(network: Network, folder: str) -> File:
    """Return the configuration of haproxy, an empty one if nothing is balanced."""
    rules = network.load_balancers
    text = _GROUND.format(folder=folder) + "".join(map(_section, rules)) if rules else ""
    return File("haproxy.cfg", text)


def _section(rule: LoadBalancerRule) -> str:
    lines = [
        f"listen rule{rule.id}",
        f"    bind {rule.ip.ip}:{rule.public_port}",
        f"    balance {rule.algorithm}",
        *(["    mode http", "    option forwardfor"] if rule.public_port == 80 else []),
    ]
    for vm in rule.vms:
        address = address_in(vm, rule.network)
        if address is not None:
            server = f"    server vm{vm.id} {address}:{rule.private_port}"
            lines.append(f"{server} check inter 1000 fall 2 rise 2")
    return "\n".join(lines) + "\n"
