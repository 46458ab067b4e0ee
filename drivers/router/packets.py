"""The packet filter of a router: what comes in, what goes out, and under which address."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from cloudlab.model import FirewallRule, Network, PortForwardingRule, Protocol
from cloudlab.model.networks.rules import EVERYWHERE
from drivers.fabric.nic_rules import ports_of
from drivers.router.guests import address_in

_TABLE: Final = "table ip cloudlab"

_ASKERS: Final = "  set askers { type ipv4_addr; flags dynamic; }\n"
"""Guests that have questions open."""

_QUESTIONS: Final = 16
"""How many each may have at the same time for its user data and password."""


def rules(network: Network) -> str:
    """Return all rules of the router of `network`, to be loaded at once.

    The firewall looks at what comes from outside before any address is translated, as
    CloudStack's does: its rules are about public addresses and ports.
    """
    chains = "".join(
        _chain(f"type {hook}", name, lines(network)) for name, (hook, lines) in _CHAINS.items()
    )
    return f"add {_TABLE}\ndelete {_TABLE}\n{_TABLE} {{\n{_ASKERS}{chains}}}\n"


def _chain(hook: str, name: str, lines: Iterable[str]) -> str:
    body = "".join(f"    {line}\n" for line in (f"{hook};", *lines))
    return f"  chain {name} {{\n{body}  }}\n"


def _firewall(network: Network) -> Iterator[str]:
    """Yield who may reach public addresses; what no rule allows is dropped."""
    yield 'iifname != "eth1" accept'
    yield "ct state established,related accept"
    yield from map(_allow, network.firewall)
    yield "counter drop"


def _allow(rule: FirewallRule) -> str:
    words = [f"ip daddr {rule.ip.ip}"]
    if EVERYWHERE not in rule.cidrs:
        words.append(f"ip saddr {{ {', '.join(rule.cidrs)} }}")
    if rule.protocol is Protocol.ICMP:
        words.append("ip protocol icmp")
    elif rule.protocol is not Protocol.ALL:
        words.append(ports_of(rule.protocol, rule.ports))
    return " ".join([*words, "accept"])


def _inward(network: Network) -> Iterator[str]:
    """Yield which machine stands behind a public address, or behind some ports of it."""
    for rule in network.port_forwarding:
        address = address_in(rule.vm, network)
        if address is not None:
            yield _forwarding(rule, address)
    for public, private in _static(network):
        yield f"ip daddr {public} dnat to {private}"


def _forwarding(rule: PortForwardingRule, address: str) -> str:
    """Return where some ports lead; nft shifts a whole run of them by a table alone."""
    matched = f"ip daddr {rule.ip.ip} {ports_of(rule.protocol, rule.public_ports)}"
    if rule.public_ports == rule.private_ports:
        return f"{matched} dnat to {address}"
    first, last = rule.public_ports
    shift = rule.private_ports[0] - first
    if first == last:
        return f"{matched} dnat to {address}:{first + shift}"
    pairs = ", ".join(f"{port} : {port + shift}" for port in range(first, last + 1))
    return f"{matched} dnat to {address} : {rule.protocol} dport map {{ {pairs} }}"


def _static(network: Network) -> Iterator[tuple[str, str]]:
    """Yield the public addresses that stand for one machine, and that machine's address."""
    for public in network.public_ips:
        private = address_in(public.vm, network) if public.vm else None
        if private is not None:
            yield public.ip, private


def _outward(network: Network) -> Iterator[str]:
    """Yield under which address machines are seen, outside and by each other."""
    for public, private in _static(network):
        yield f'oifname "eth1" ip saddr {private} snat to {public}'
    for source in network.public_ips[:1]:
        yield f'oifname "eth1" ip saddr {network.cidr} snat to {source.ip}'
    yield f'oifname "eth0" ct status dnat ip saddr {network.cidr} masquerade'


def _forward(network: Network) -> Iterator[str]:
    """Yield what passes: everything outwards, and inwards what was led to a machine."""
    yield "ct state established,related accept"
    yield f'iifname "eth0" oifname "eth1" ip saddr {network.cidr} accept'
    yield 'oifname "eth0" ct status dnat accept'


def _input(network: Network) -> Iterator[str]:
    """Yield what is for the router itself: questions of guests, pings, balanced ports."""
    yield 'iifname "lo" accept'
    yield "ct state established,related accept"
    yield 'iifname "eth0" udp dport { 53, 67 } accept'
    over = f"ct count over {_QUESTIONS}"
    yield f'iifname "eth0" tcp dport {{ 80, 8080 }} add @askers {{ ip saddr {over} }} drop'
    yield 'iifname "eth0" tcp dport { 53, 80, 8080 } accept'
    yield "icmp type echo-request accept"
    for rule in network.load_balancers:
        yield f"ip daddr {rule.ip.ip} tcp dport {rule.public_port} accept"


_CHAINS: Final[dict[str, tuple[str, Callable[[Network], Iterator[str]]]]] = {
    "firewall": ("filter hook prerouting priority mangle; policy accept", _firewall),
    "inward": ("nat hook prerouting priority dstnat; policy accept", _inward),
    "outward": ("nat hook postrouting priority srcnat; policy accept", _outward),
    "forward": ("filter hook forward priority filter; policy drop", _forward),
    "input": ("filter hook input priority filter; policy drop", _input),
}
