"""What a lab does with public addresses: acquire them, and let them lead to machines."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence

from cloudlab.engine import Rollback
from cloudlab.errors import InvalidParameter, NotFound
from cloudlab.lab.bench import Bench
from cloudlab.lab.finding import Which
from cloudlab.lab.words import Port, choice, port_of, ports_of, several, text
from cloudlab.model import (
    Balancing,
    Command,
    FirewallRule,
    LoadBalancerRule,
    Network,
    PortForwardingRule,
    Protocol,
    PublicIp,
    VirtualMachine,
)
from cloudlab.workflows import networks

Vm = VirtualMachine


class RuleVerbs(Bench):
    """The verbs of public addresses and of rules; each returns what it made or changed."""

    def acquire_ip(self, network: Which[Network]) -> PublicIp:
        """Acquire a public address for a network.

        Raises:
            InvalidParameter: the network is shared.
            InsufficientCapacity: none is left.
        """
        it = self.the(self.cloud.inventory.networks, network)
        return self.do(Command.ACQUIRE_IP, it, networks.acquire_ip(self.cloud, it))

    def release_ip(self, ip: Which[PublicIp]) -> PublicIp:
        """Give a public address back, with all rules on it."""
        it = self._ip(ip)
        return self.do(Command.RELEASE_IP, it, networks.release_ip(self.cloud, it))

    def forward(
        self,
        vm: Which[Vm],
        public_port: Port,
        private_port: Port | None = None,
        *,
        ip: Which[PublicIp] | None = None,
        protocol: str = "tcp",
        open_firewall: bool = True,
    ) -> PortForwardingRule:
        """Let a public port lead to a machine, and everybody in at it.

        Args:
            vm: the machine, on a network of its account's own.
            public_port: one, or the first and last.
            private_port: of the machine; the same if not given.
            ip: the public address; the source NAT address of its network if not given.
            protocol: tcp or udp.
            open_firewall: whether everybody is let in; else open it with `open_firewall`.
        """
        it = self._vm_on_network(vm)
        work = networks.add_port_forwarding(
            self.cloud,
            self._ip_for(it, ip),
            it,
            public_ports=ports_of("public_port", public_port),
            private_ports=None if private_port is None else ports_of("private_port", private_port),
            protocol=choice(Protocol, protocol),
            open_firewall=open_firewall,
        )
        return self.do(Command.CREATE_PORT_FORWARDING, it, work)

    def end_forwarding(self, rule: Which[PortForwardingRule]) -> PortForwardingRule:
        """Let a public port lead nowhere, and nobody in at it."""
        it = self.the(self.cloud.inventory.port_forwarding_rules, rule)
        work = networks.remove_port_forwarding(self.cloud, it)
        return self.do(Command.DELETE_PORT_FORWARDING, it, work)

    def open_firewall(
        self,
        ip: Which[PublicIp],
        port: Port | None = None,
        *,
        protocol: str = "tcp",
        cidrs: Sequence[str] = ("0.0.0.0/0",),
    ) -> FirewallRule:
        """Let traffic in at a public address.

        Args:
            ip: the address.
            port: one, or the first and last; none for icmp.
            protocol: tcp, udp or icmp.
            cidrs: where it may come from.
        """
        it, kind = self._ip(ip), choice(Protocol, protocol)
        ports = None if port is None else ports_of("port", port)
        sources = [text("cidrs", each) for each in several("cidrs", cidrs)]
        work = networks.add_firewall_rule(self.cloud, it, kind, ports, sources)
        return self.do(Command.CREATE_FIREWALL_RULE, it, work)

    def close_firewall(self, rule: Which[FirewallRule]) -> FirewallRule:
        """Let in no more what `rule` let in."""
        it = self.the(self.cloud.inventory.firewall_rules, rule)
        work = networks.remove_firewall_rule(self.cloud, it)
        return self.do(Command.DELETE_FIREWALL_RULE, it, work)

    def static_nat(self, vm: Which[Vm], ip: Which[PublicIp] | None = None) -> PublicIp:
        """Let a public address stand for a machine, an acquired one if none is given."""
        it = self._vm_on_network(vm)
        if ip is None:
            return self.do(Command.ENABLE_STATIC_NAT, it, self._stood_for(it))
        work = networks.enable_static_nat(self.cloud, self._ip(ip), it)
        return self.do(Command.ENABLE_STATIC_NAT, it, work)

    async def _stood_for(self, vm: Vm) -> PublicIp:
        """Acquire an address that stands for `vm`, or keep none."""
        ip = await networks.acquire_ip(self.cloud, vm.nics[0].network)
        async with Rollback(self.cloud.engine) as undo:
            undo(networks.release_ip, self.cloud, ip)
            return await networks.enable_static_nat(self.cloud, ip, vm)

    def end_static_nat(self, ip: Which[PublicIp]) -> PublicIp:
        """Let a public address stand for nobody, and close its firewall."""
        it = self._ip(ip)
        return self.do(Command.DISABLE_STATIC_NAT, it, networks.disable_static_nat(self.cloud, it))

    def balance(
        self,
        vms: Sequence[Which[Vm]],
        public_port: int,
        private_port: int | None = None,
        *,
        name: str = "",
        ip: Which[PublicIp] | None = None,
        algorithm: str = "roundrobin",
    ) -> LoadBalancerRule:
        """Spread a public port over several machines of one network.

        Args:
            vms: the machines.
            public_port: where it listens, with tcp.
            private_port: of the machines; the same if not given.
            name: what to call it; made up if not given.
            ip: the public address; the source NAT address of their network if not given.
            algorithm: roundrobin, leastconn or source.
        """
        members = self._members(vms)
        address = self._ip_for(members[0], ip)
        made = networks.add_load_balancer(
            self.cloud,
            address,
            text("name", name) or f"lb-{public_port}",
            public_port=port_of("public_port", public_port),
            private_port=None if private_port is None else port_of("private_port", private_port),
            algorithm=choice(Balancing, algorithm),
        )
        return self.do(Command.CREATE_LOAD_BALANCER, address, self._assigned(made, members))

    async def _assigned(
        self, made: Coroutine[object, object, LoadBalancerRule], members: list[Vm]
    ) -> LoadBalancerRule:
        """Make the load balancer and assign `members`, or leave none."""
        rule = await made
        async with Rollback(self.cloud.engine) as undo:
            undo(networks.remove_load_balancer, self.cloud, rule)
            return await networks.assign(self.cloud, rule, *members)

    def assign(self, rule: Which[LoadBalancerRule], vms: Sequence[Which[Vm]]) -> LoadBalancerRule:
        """Let a load balancer lead to these machines, too."""
        it, members = self._balancer(rule), self._members(vms)
        work = networks.assign(self.cloud, it, *members)
        return self.do(Command.ASSIGN_TO_LOAD_BALANCER, it, work)

    def unassign(self, rule: Which[LoadBalancerRule], vms: Sequence[Which[Vm]]) -> LoadBalancerRule:
        """Let a load balancer lead to these machines no more."""
        it, members = self._balancer(rule), self._members(vms)
        work = networks.unassign(self.cloud, it, *members)
        return self.do(Command.REMOVE_FROM_LOAD_BALANCER, it, work)

    def end_balancing(self, rule: Which[LoadBalancerRule]) -> LoadBalancerRule:
        """Remove a load balancer, and let nobody in at its port."""
        it = self._balancer(rule)
        return self.do(
            Command.DELETE_LOAD_BALANCER, it, networks.remove_load_balancer(self.cloud, it)
        )

    def _balancer(self, rule: Which[LoadBalancerRule]) -> LoadBalancerRule:
        return self.the(self.cloud.inventory.load_balancer_rules, rule)

    def _members(self, vms: Sequence[Which[Vm]]) -> list[Vm]:
        """Return the machines that a load balancer is to lead to.

        Raises:
            InvalidParameter: there are none, or one is on a shared network.
        """
        members = [self._vm_on_network(vm) for vm in several("vms", vms)]
        if not members:
            raise InvalidParameter("vms is []: a load balancer needs machines, as [a, b]")
        return members

    def _ip(self, ip: Which[PublicIp]) -> PublicIp:
        return self.the(self.cloud.inventory.public_ips, ip)

    def _vm_on_network(self, vm: Which[Vm]) -> Vm:
        """Return the machine that is meant.

        Raises:
            InvalidParameter: it is on a shared network, which is reached without rules.
        """
        it = self.the(self.cloud.inventory.vms, vm)
        if not any(nic.network.is_isolated for nic in it.nics):
            raise InvalidParameter(
                f"{it} is on no network of its account's own; deploy it with network=..., "
                "after create_network"
            )
        return it

    def _ip_for(self, vm: Vm, ip: Which[PublicIp] | None) -> PublicIp:
        """Return the address that is meant, or the first one of the network of `vm`."""
        if ip is not None:
            return self._ip(ip)
        network = vm.nics[0].network
        if not network.public_ips:
            raise NotFound(f"{network} has no public address yet; start {vm}, or acquire_ip")
        return network.public_ips[0]
