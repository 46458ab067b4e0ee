"""Records for the tests of fabric and router: a zone with hosts, networks and machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network

from cloudlab.model import (
    Account,
    AddressRange,
    Cluster,
    ComputeOffering,
    Domain,
    FirewallRule,
    GuestType,
    Host,
    LoadBalancerRule,
    Network,
    Nic,
    NicState,
    Pod,
    PortForwardingRule,
    PublicIp,
    SecurityGroup,
    Template,
    TrafficType,
    VirtualMachine,
    Zone,
)

PUBLIC = "10.77.2"


@dataclass
class Records:
    """A small cloud, of which only the records exist."""

    zone: Zone = field(default_factory=lambda: Zone(id=1, name="z1"))
    account: Account = field(
        default_factory=lambda: Account(id=2, name="ann", domain=Domain(id=1, name="ROOT"))
    )
    networks: list[Network] = field(default_factory=list)
    nics: list[Nic] = field(default_factory=list)
    vms: int = 0
    public: int = 50

    def host(self, number: int) -> Host:
        """Return host `h<number>`."""
        pod = Pod(zone=self.zone)
        cluster = Cluster(zone=self.zone, pod=pod)
        return Host(
            id=number,
            name=f"h{number}",
            zone=self.zone,
            pod=pod,
            cluster=cluster,
            cpus=4,
            mhz=2000,
            ram_mib=8192,
        )

    def isolated(self, id: int, cidr: str = "10.1.1.0/24") -> Network:
        """Return a network of an account that has no address to the outside yet."""
        network = self.shared(id, cidr)
        network.account, network.guest_type = self.account, GuestType.ISOLATED
        network.vlan = 100 + id
        return network

    def shared(self, id: int, cidr: str = "10.2.0.0/24") -> Network:
        """Return a network of everybody."""
        network = Network(id=id, zone=self.zone, cidr=cidr, gateway=str(IPv4Network(cidr)[1]))
        self.networks.append(network)
        return network

    def machine(
        self, network: Network, last: int, *groups: SecurityGroup, name: str = ""
    ) -> VirtualMachine:
        """Return a machine whose address in `network` ends in `last`."""
        self.vms += 1
        id = self.vms
        vm = VirtualMachine(
            id=id,
            name=name or f"vm{id}",
            zone=self.zone,
            account=self.account,
            offering=ComputeOffering(name="Small", vcpu=1, ram_mib=128),
            template=Template(name="tiny"),
            security_groups=list(groups),
            user_data=f"#!/bin/sh\necho 'I am {id}'\n",
            public_key=f"ssh-ed25519 AAAA{id} ann@example\n",
        )
        self.join(vm, network, last)
        return vm

    def join(self, vm: VirtualMachine, network: Network, last: int) -> Nic:
        """Give `vm` one more NIC."""
        addresses = IPv4Network(network.cidr)
        number = 10 * vm.id + len(vm.nics)
        nic = Nic(
            id=number,
            state=NicState.RESERVED,
            vm=vm,
            network=network,
            is_default=not vm.nics,
            range=self.range(str(addresses[2]), str(addresses[-2]), TrafficType.GUEST),
            address=int(addresses[last]),
            mac_number=0x02_00_11_22_00_00 + number,
        )
        vm.nics.append(nic)
        network.nics.append(nic)
        self.nics.append(nic)
        return nic

    def range(self, start: str, end: str, traffic: TrafficType) -> AddressRange:
        """Return a run of addresses in a /24 whose gateway ends in 200."""
        gateway = f"{start.rpartition('.')[0]}.200"
        return AddressRange(
            zone=self.zone,
            traffic=traffic,
            start=IPv4Address(start),
            end=IPv4Address(end),
            gateway=gateway,
            netmask="255.255.255.0",
        )

    def public_ip(self, network: Network, *, vm: VirtualMachine | None = None) -> PublicIp:
        """Give `network` one more public address; the first is for source NAT."""
        self.public += 1
        ip = PublicIp(
            id=self.public,
            account=self.account,
            network=network,
            range=self.range(f"{PUBLIC}.50", f"{PUBLIC}.99", TrafficType.PUBLIC),
            address=int(IPv4Address(f"{PUBLIC}.{self.public}")),
            is_source_nat=not network.public_ips,
            vm=vm,
        )
        network.public_ips.append(ip)
        return ip

    def forward(
        self, ip: PublicIp, vm: VirtualMachine, public: tuple[int, int], private: tuple[int, int]
    ) -> PortForwardingRule:
        """Let ports of a public address lead to a machine."""
        network = ip.network
        rule = PortForwardingRule(
            network=network, ip=ip, vm=vm, public_ports=public, private_ports=private
        )
        network.port_forwarding.append(rule)
        return rule

    def open(self, ip: PublicIp, first: int, last: int = 0, *, cidrs=()) -> FirewallRule:
        """Let everybody, or some, reach ports of a public address."""
        rule = FirewallRule(network=ip.network, ip=ip, ports=(first, last or first))
        rule.cidrs = tuple(cidrs) or rule.cidrs
        ip.network.firewall.append(rule)
        return rule

    def balance(self, ip: PublicIp, port: int, *vms: VirtualMachine) -> LoadBalancerRule:
        """Spread a port of a public address over port 80 of machines."""
        network = ip.network
        rule = LoadBalancerRule(
            id=len(network.load_balancers) + 1,
            network=network,
            ip=ip,
            public_port=port,
            private_port=80,
            vms=list(vms),
        )
        network.load_balancers.append(rule)
        return rule

    def group(self, *ingress, egress=()) -> SecurityGroup:
        """Return a security group with these rules."""
        return SecurityGroup(account=self.account, ingress=list(ingress), egress=list(egress))
