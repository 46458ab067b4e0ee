"""What is refused wherever a network, a port or a source of traffic is given."""

from __future__ import annotations

from ipaddress import IPv4Network

from cloudlab.errors import Conflict, InvalidParameter, NotFound
from cloudlab.model import Network, Nic, Protocol, PublicIp, Record, VirtualMachine, VmState

Ports = tuple[int, int]
"""First and last, both included."""

_SERVED = frozenset({VmState.RUNNING, VmState.STOPPED})


def check_isolated(network: Network, what: str) -> None:
    """Refuse to give a shared network what only the router of an isolated one has.

    Raises:
        InvalidParameter: `network` is shared.
    """
    if not network.is_isolated:
        raise InvalidParameter(
            f"{network} is shared and has no {what}; create a network of the account's own"
        )


def check_ports(what: str, ports: Ports) -> None:
    """Refuse what is no run of ports.

    Raises:
        InvalidParameter: a port is not of 1..65535, or the last comes before the first.
    """
    first, last = ports
    if not 1 <= first <= last <= 65535:
        raise InvalidParameter(f"{what} {first}-{last}: allowed: 1 to 65535, the last not below")


def check_protocol(protocol: Protocol, *allowed: Protocol) -> None:
    """Refuse a protocol that such a rule cannot have.

    Raises:
        InvalidParameter: it is none of those allowed.
    """
    if protocol not in allowed:
        raise InvalidParameter(f"protocol {protocol}: allowed here: {', '.join(allowed)}")


def check_matching(protocol: Protocol, ports: Ports | None) -> None:
    """Refuse ports where there are none, and no ports where they are needed.

    Raises:
        InvalidParameter: tcp or udp without ports, icmp or all with some, or no such ports.
    """
    has_ports = protocol in {Protocol.TCP, Protocol.UDP}
    if has_ports and ports is None:
        raise InvalidParameter(f"protocol {protocol} needs ports, as in (80, 80)")
    if ports is not None:
        if not has_ports:
            raise InvalidParameter(f"protocol {protocol} has no ports; leave them out")
        check_ports("ports", ports)


def checked_cidr(text: str) -> str:
    """Return `text` as a network in its usual form, `10.0.0.0/8`.

    Raises:
        InvalidParameter: it is none.
    """
    try:
        return str(IPv4Network(text))
    except ValueError as error:
        raise InvalidParameter(f"CIDR {text!r}: {error}; as in 0.0.0.0/0 or 10.1.0.0/16") from None


def nic_on(vm: VirtualMachine, network: Network) -> Nic:
    """Return the NIC by which traffic reaches `vm` on `network`.

    Raises:
        InvalidParameter: `vm` is not on `network`.
        Conflict: `vm` is neither Running nor Stopped, or never had an address.
    """
    for nic in vm.nics:
        if nic.network is network:
            break
    else:
        there = ", ".join(str(nic.network) for nic in vm.nics) or "no network"
        raise InvalidParameter(f"{vm} is on {there}, not on {network}")
    if vm.state not in _SERVED:
        raise Conflict(f"{vm} is {vm.state}; rules lead to machines that are Running or Stopped")
    if nic.range is None:
        raise Conflict(f"{vm} has no address on {network} yet; start it first")
    return nic


def check_held(network: Network, *needed: Record | None) -> None:
    """Refuse a public address that `network` does not have any more, though the books know it.

    Raises:
        NotFound: it was being given back when a process ended.
    """
    for each in needed:
        if isinstance(each, PublicIp) and each not in network.public_ips:
            raise NotFound(f"{each} is no address of {network} any more; acquire another")


def check_ip_is_of(ip: PublicIp, network: Network) -> None:
    """Refuse a public address of another network.

    Raises:
        InvalidParameter: it is one.
    """
    if ip.network is not network:
        raise InvalidParameter(f"{ip} belongs to {ip.network}, not to {network}")
