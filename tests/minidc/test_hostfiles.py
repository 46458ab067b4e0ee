"""What hosts are set up with."""

from __future__ import annotations

import pytest

from drivers.minidc import hostfiles
from drivers.minidc.layout import Layout

LAYOUT = Layout()
MACHINE = "root:x:0:0:root:/root:/bin/bash\ntrainer:x:1000:1000::/home/trainer:/bin/bash\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            hostfiles.libvirtd_conf(LAYOUT, "h2"),
            ['listen_addr = "10.77.0.12"', "listen_tcp = 1", "listen_tls = 0"],
        ),
        (
            hostfiles.qemu_conf(LAYOUT, "h2"),
            [
                'security_driver = "none"',
                "namespaces = []",
                'stdio_handler = "file"',
                'migration_host = "10.77.0.12"',
            ],
        ),
        (
            hostfiles.sshd_config(LAYOUT, "h2"),
            ["ListenAddress 10.77.0.12:22", "PasswordAuthentication no", "UsePAM no"],
        ),
    ],
)
def test_daemons_listen_on_the_management_network_alone(text, lines):
    """Every daemon has its host's address, and the settings it does not work without here."""
    assert set(lines) <= set(text.splitlines())
    assert "0.0.0.0" not in text


def test_two_hosts_have_two_identities():
    """Hosts that tell the same identity refuse each other migrations."""
    settings = {hostfiles.libvirtd_conf(LAYOUT, host) for host in ("h1", "h2")}
    identities = {line for text in settings for line in text.splitlines() if "host_uuid" in line}
    assert len(identities) == 2


def test_guests_do_not_reach_the_daemons_of_hosts():
    """The firewall drops what comes in, but for management, VXLAN and echo requests."""
    text = hostfiles.firewall()
    assert "policy drop" in text
    assert 'iifname "cloudbr1" udp dport 4789 accept' in text
    assert "cloudbr0" not in text


def test_people_of_the_machine_are_no_people_of_the_host():
    """Accounts of daemons come along, those that ours need are added, people stay behind."""
    names = [line.partition(":")[0] for line in hostfiles.passwd(MACHINE).splitlines()]
    assert names == ["root", "sshd", "libvirt-qemu"]


def test_an_account_that_is_there_keeps_its_number():
    """Where the machine has the account, its number is not changed."""
    lines = hostfiles.passwd("sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\n").splitlines()
    assert [line for line in lines if line.startswith("sshd:")] == [
        "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin"
    ]


def test_hosts_know_each_other_by_name():
    """Nobody asks a resolver: names of all hosts there can be are in the file."""
    text = hostfiles.hosts_file(LAYOUT)
    assert "10.77.0.11 h1\n" in text
    assert "10.77.0.19 h9\n" in text


def test_no_secret_of_the_machine_is_taken_over():
    """What is copied from /etc has no passwords, keys or names of people in it."""
    secrets = {"shadow", "gshadow", "passwd", "ssh", "ssl", "sudoers", "libvirt", "hosts"}
    assert secrets.isdisjoint(hostfiles.MACHINE_ETC)
