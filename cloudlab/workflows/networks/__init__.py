"""Guest networks: created, given a router, public addresses and rules, and taken down again."""

from cloudlab.workflows.networks.balancing import (
    add_load_balancer,
    assign,
    remove_load_balancer,
    unassign,
)
from cloudlab.workflows.networks.creation import create, delete
from cloudlab.workflows.networks.firewall import add_firewall_rule, remove_firewall_rule
from cloudlab.workflows.networks.forwarding import add_port_forwarding, remove_port_forwarding
from cloudlab.workflows.networks.groups import (
    authorize_egress,
    authorize_ingress,
    create_security_group,
    default_group,
    delete_security_group,
    revoke_egress,
    revoke_ingress,
)
from cloudlab.workflows.networks.implementing import implement, is_in_use, shut_down
from cloudlab.workflows.networks.leaving import leave
from cloudlab.workflows.networks.moving import evacuate, mend, rescue
from cloudlab.workflows.networks.public import acquire_ip, release_ip
from cloudlab.workflows.networks.static_nat import disable_static_nat, enable_static_nat
from cloudlab.workflows.networks.withdrawn import forget_withdrawn

__all__ = [
    "acquire_ip",
    "add_firewall_rule",
    "add_load_balancer",
    "add_port_forwarding",
    "assign",
    "authorize_egress",
    "authorize_ingress",
    "create",
    "create_security_group",
    "default_group",
    "delete",
    "delete_security_group",
    "disable_static_nat",
    "enable_static_nat",
    "evacuate",
    "forget_withdrawn",
    "implement",
    "is_in_use",
    "leave",
    "mend",
    "release_ip",
    "remove_firewall_rule",
    "remove_load_balancer",
    "remove_port_forwarding",
    "rescue",
    "revoke_egress",
    "revoke_ingress",
    "shut_down",
    "unassign",
]
