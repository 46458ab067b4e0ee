"""Facts are what a machine answered; guests are tried, not guessed."""

from __future__ import annotations

import json
import re
import shutil
import socket

import pytest

from cloudlab.errors import InvalidParameter
from drivers.site import Done
from drivers.ssh.facts import COMMANDS, Disk, facts, parse
from drivers.ssh.facts.storage import reach
from drivers.ssh.facts.trial import sector, try_guest
from tests.cli.terminal import typed
from tests.support.places import ROOT


class Scripted:
    """A machine that gives the same answer to everything, and remembers what it was asked."""

    name = "h1"

    def __init__(self, exit_code=0, stdout=b"", stderr=b""):
        self.done = Done(exit_code, stdout, stderr, 0.0)
        self.inputs = []

    def run(self, argv, *, input=None, timeout=30.0):  # noqa: A002  (as subprocess calls it)
        """Answer."""
        self.inputs.append(input)
        return self.done


OS_RELEASE = 'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n'
DF = """Filesystem     1024-blocks     Used Available Capacity Mounted on
/dev/vda         264212084 26154428  80236484      25% /
map auto home         2048        0      1024       0% /with space
"""
ADDRESSES = """[
 {"ifname": "lo", "addr_info": [{"family": "inet", "scope": "host"}]},
 {},
 {"ifname": "cloudbr0", "linkinfo": {"info_kind": "bridge"},
  "addr_info": [{"family": "inet", "scope": "global", "dynamic": true}]},
 {"ifname": "vx1", "linkinfo": {"info_kind": "vxlan"}, "addr_info": []}]"""


def test_what_programs_print_is_read() -> None:
    """Each reader gets its fact out of real output, and nothing out of nothing."""
    release = parse.os_release(OS_RELEASE)
    assert (release["ID"], release["VERSION_ID"]) == ("rocky", "9.4")
    assert parse.disks(DF) == (Disk("/", 258_019, 78_355), Disk("/with space", 2, 1))
    assert parse.version("QEMU emulator version 7.2.22 (Debian 1:7.2)") == "7.2.22"
    assert parse.daemon_version("Using library: libvirt 9.1.0\n") == ""
    assert parse.daemon_version("a\nRunning against daemon: 9.0.0\n") == "9.0.0"
    assert parse.meminfo_mib("MemTotal:       24000512 kB\n") == 23_438
    assert parse.megahertz("cpu MHz\t\t: 2596.126\n") == 2596
    assert parse.bridges(ADDRESSES) == ("cloudbr0",)
    assert not parse.has_static_address(ADDRESSES)
    assert parse.has_static_address(ADDRESSES.replace("true", "false"))
    assert parse.nameservers("# nameserver 1.1.1.1\nnameserver 10.0.0.1\n") == ("10.0.0.1",)


@pytest.mark.parametrize("stdout", [b"", b"nonsense \xff ["])
def test_a_machine_that_says_nothing_useful_has_no_facts(stdout) -> None:
    """Silence and nonsense are no facts, and no error either."""
    silent = facts(Scripted(stdout=stdout))
    assert (silent.os_id, silent.cpus, silent.ram_mib, silent.libvirt) == ("", None, None, "")
    assert not silent.kvm.ok


def test_only_the_guests_own_exit_code_counts() -> None:
    """A guest ran if it said so itself; QEMU's own endings are trouble, told in its words."""
    machine = Scripted(85)
    assert try_guest(machine, "kvm", "host").ok
    assert machine.inputs == [sector()]
    assert len(sector()) == 512
    fault = (
        b"qemu-system-x86_64: warning: no pni\nqemu-system-x86_64: failed to set MSR 0x10a\nRAX=0"
    )
    assert (
        try_guest(Scripted(134, stderr=fault), "kvm", "host").trouble == "failed to set MSR 0x10a"
    )
    stuck = try_guest(
        Scripted(137, stderr=b"KVM internal error. Suberror: 1\nemulation"), "kvm", "x"
    )
    assert stuck.trouble == "the guest was stuck for 5 s (KVM internal error. Suberror: 1)"
    assert not try_guest(Scripted(0), "kvm", "host").ok


def test_our_clock_is_compared_with_theirs() -> None:
    """The offset is theirs less the middle of ours; the doubt is half of the way."""
    ours = iter([1000.0, 1002.0])
    machine = facts(Scripted(stdout=b"1004.500000000\n"), clock=lambda: next(ours))
    assert (machine.clock_offset, machine.clock_doubt) == (3.5, 1.0)


def test_a_storage_server_is_reached_or_named_with_its_port(host) -> None:
    """A storage is reached when its server takes a connection from that machine."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert reach(host, f"nfs://127.0.0.1:{port}/export").ok
    closed = reach(host, f"iscsi://127.0.0.1:{port}/iqn")
    assert (closed.ok, closed.trouble) == (False, f"TCP port {port}: connection refused")


def test_a_folder_is_reached_if_it_can_be_written_to(host, tmp_path) -> None:
    """A shared directory must be there."""
    assert reach(host, tmp_path.as_uri()).ok
    assert "no folder" in reach(host, f"{tmp_path.as_uri()}/nothing").trouble


@pytest.mark.parametrize("url", ["", "/export", "nfs:///export", "ftp://s/x", "nfs://s:x/y"])
def test_what_is_no_storage_is_refused_before_anything_is_asked(url) -> None:
    """A URL that nobody can reach is a mistake of the caller."""
    with pytest.raises(InvalidParameter, match="no URL of a storage; it must be file:///folder"):
        facts(Scripted(), [url])


def test_a_password_in_a_url_is_refused_without_telling_it() -> None:
    """What is printed and logged must hold no password."""
    with pytest.raises(InvalidParameter) as caught:
        facts(Scripted(), ["iscsi://me:s3cret@s/iqn"])
    assert "s3cret" not in str(caught.value)


@pytest.mark.skipif(not shutil.which("ip"), reason="no iproute2")
def test_this_machine_tells_what_it_is(host) -> None:
    """Over a real channel, the facts of this machine come back, its clock near ours."""
    here = facts(host)
    assert here.host == "h1"
    assert (here.cpus or 0) >= 1
    assert (here.ram_mib or 0) > 256
    assert here.kernel
    assert {disk.mount for disk in here.disks} >= {"/"}
    assert "127.0.0.1" in here.addresses
    assert here.clock_offset == pytest.approx(0.0, abs=1.0)
    assert here.commands == {name for name in COMMANDS if shutil.which(name)}


@pytest.mark.real
def test_a_guest_really_runs_in_software(host) -> None:
    """QEMU runs the test guest to its end, in software on any machine."""
    assert try_guest(host, "tcg", "max").ok


@pytest.mark.real
def test_kvm_is_believed_only_when_the_guest_ran(host) -> None:
    """Each model of CPU that KVM is tried with either runs the guest or tells its trouble."""
    for cpu in ("host", "qemu64"):
        trial = try_guest(host, "kvm", cpu)
        assert trial.ok != bool(trial.trouble)


def told(server, known_hosts, key, *more):
    """Return what the command prints about the server."""
    way = ("--port", str(server.port), "--key", key, "--known-hosts", known_hosts)
    return typed("preflight", "127.0.0.1", *way, *more)


def test_the_command_ends_as_the_checks_do(server, known_hosts, new_key) -> None:
    """A bridge that nobody has fails: exit code 2, its row and mending on stdout."""
    result = told(server, known_hosts, new_key("ours"), "--bridge", "no-such-br0")
    assert result.exit_code == 2
    assert re.search("not there: no-such-br0\n.*\n *to mend:  .*no-such-br0", result.stdout)
    assert "127.0.0.1 is not fit to be a host" in result.stdout
    assert result.stderr == ""


def test_the_command_prints_json(server, known_hosts, new_key) -> None:
    """Programs get the same, and only that."""
    document = json.loads(told(server, known_hosts, new_key("ours"), "--json").stdout)
    assert document["host"] == "127.0.0.1"
    assert document["facts"]["cpus"] >= 1


def test_help_and_pages_say_the_same_of_what_is_written() -> None:
    """A trial guest's disk and a file on NFS come and go; nobody claims that nothing is written."""
    written = (
        "Nothing there is changed for good: a trial guest in its folder of temporary files and, "
        "into storage on NFS, a file are written and removed at once."
    )
    pages = [(ROOT / "docs" / name).read_text() for name in ("cli.md", "preflight.md")]
    for text in (typed("preflight", "--help").stdout, *pages):
        assert written in " ".join(text.split())


@pytest.mark.book("2.09", "2.28")
def test_the_command_looks_where_it_is_asked_to(server, known_hosts, new_key) -> None:
    """A package server that is here is reached from here; a domain that nobody has is missed."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        more = ("--packages", f"{url}/debian", "--idmap-domain", "nobody.test", "--json")
        document = json.loads(told(server, known_hosts, new_key("ours"), *more).stdout)
    findings = {each["check"]: each for each in document["findings"]}
    assert (findings["packages"]["grade"], findings["packages"]["found"]) == ("PASS", url)
    assert findings["NFSv4 domain"]["grade"] == "FAIL"
    assert "Domain = nobody.test" in findings["NFSv4 domain"]["mend"]
    assert findings["restart"]["grade"] in {"PASS", "WARN"}


def test_a_machine_that_cannot_be_reached_is_told_in_a_line(server, known_hosts, new_key) -> None:
    """No table, no traceback: what is wrong and what to do, exit code 2."""
    result = told(server, known_hosts, new_key("stranger"))
    assert (result.exit_code, result.stdout) == (2, "")
    assert "authorized_keys" in result.stderr
