"""Real storage servers in the manager's namespace: NFS, iSCSI and Ceph, each gone afterwards.

Every server is the only child of a process namespace of its own, with a /run of its own: whoever
kills its first process has removed all of it. Its files lie in the data centre's directory.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.kvm.storage.servers.nfs import PROGRAM
from drivers.minidc import MiniDc
from tests.real.kvm.lab import within

TARGET = "iqn.2026-01.org.example:primary"
LUNS = 4
MIB = 1024 * 1024

NFS = """\
mkdir -p /run/ganesha export var; mount --bind "$PWD/var" /var/lib/nfs
rpcbind -h "$1"
cat > ganesha.conf <<END
NFS_CORE_PARAM { Protocols = 3; Bind_addr = $1; Enable_NLM = false; Enable_RQUOTA = false; }
EXPORT_DEFAULTS { Access_Type = RW; Squash = No_Root_Squash; SecType = sys; }
EXPORT { Export_Id = 1; Path = "$PWD/export"; Pseudo = "/export"; FSAL { Name = VFS; } }
END
exec ganesha.nfsd -F -f "$PWD/ganesha.conf" -L "$PWD/ganesha.log" -p "$PWD/pid"
"""

ISCSI = """\
mkdir -p /run/tgtd
tgtd -f --iscsi "portal=$1:3260" &
until tgtadm --op show --mode system >/dev/null 2>&1; do sleep 0.05; done
tgtadm --lld iscsi --op new --mode target --tid 1 -T "$2"
tgtadm --lld iscsi --op new --mode target --tid 2 -T "$2-of-others"
tgtadm --lld iscsi --op new --mode account --user others --password of-others-12
tgtadm --lld iscsi --op bind --mode account --tid 2 --user others
tgtadm --lld iscsi --op bind --mode target --tid 2 -I ALL
for number in $(seq "$3") 300; do
  truncate -s 160M "lun$number"
  tgtadm --lld iscsi --op new --mode logicalunit --tid 1 --lun "$number" -b "$PWD/lun$number"
done
tgtadm --lld iscsi --op bind --mode target --tid 1 -I ALL
touch up; wait
"""

CEPH = """\
mkdir -p /run/ceph mon osd
monitor="v1:$1:6789" cluster=11111111-2222-3333-4444-555555555555
disk=22222222-2222-3333-4444-555555555555
export CEPH_ARGS="--conf $PWD/ceph.conf"
cat > ceph.conf <<END
[global]
fsid = $cluster
mon_host = $monitor
mon_initial_members = a
public_network = $1/32
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
osd_pool_default_min_size = 1
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_data = $PWD/mon
osd_data = $PWD/osd
bluestore_block_size = 2147483648
log_file = $PWD/\\$name.log
END
monmaptool --create --fsid "$cluster" --addv a "[$monitor]" monmap >/dev/null
ceph-mon --mkfs -i a --monmap monmap
ceph-mon -i a -f &
ceph osd new "$disk"
ceph-osd -i 0 --mkfs --osd-uuid "$disk"
ceph-osd -i 0 -f &
ceph osd pool create primary 8
ceph osd pool set primary size 1 --yes-i-really-mean-it
rbd pool init primary
touch up; wait
"""

_INSIDE = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server.

    Attributes:
        script: starts it, in an empty folder; arguments: address, and those of `words`.
        packages: command -> the package of Debian 12 that has it.
        url: of a pool there, with places for address and folder.
        words: more arguments.
    """

    script: str
    packages: dict[str, str]
    url: str
    words: tuple[str, ...] = ()


KINDS = {
    "nfs": Kind(
        NFS,
        {"rpcbind": "rpcbind", "ganesha.nfsd": "nfs-ganesha nfs-ganesha-vfs"},
        "nfs://{address}{folder}/export",
    ),
    "iscsi": Kind(
        ISCSI,
        {"tgtd": "tgt"},
        f"iscsi://{{address}}:3260/{TARGET}",
        (TARGET, str(LUNS)),
    ),
    "rbd": Kind(
        CEPH,
        {"ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd", "rbd": "ceph-common"},
        "rbd://{address}:6789/primary",
    ),
}


@dataclass(frozen=True, slots=True)
class Running:
    """A server that runs."""

    dc: MiniDc
    kind: str
    folder: Path

    @property
    def url(self) -> str:
        """What a pool on it is called."""
        address = self.dc.layout.manager_address
        return KINDS[self.kind].url.format(address=address, folder=self.folder)

    def left(self) -> set[str]:
        """Return what is on it, past the ports."""
        look: dict[str, Callable[[], set[str]]] = {
            "nfs": lambda: {path.name for path in (self.folder / "export").iterdir()},
            "iscsi": lambda: {path.name for path in self.folder.glob("lun*") if not _blank(path)},
            "rbd": lambda: set(self.run("rbd", "ls", "primary").split()),
        }
        return look[self.kind]()

    def run(self, *argv: str) -> str:
        """Return what a command of the server's administrator printed."""
        with_conf = ["env", f"CEPH_ARGS=--conf {self.folder}/ceph.conf", *argv]
        done = self.dc.run_in("mgmt", with_conf, timeout=20)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def is_up(self) -> bool:
        """Return whether it takes up work."""
        if self.kind != "nfs":
            return (self.folder / "up").exists()
        words = [self.dc.layout.manager_address, f"{self.folder}/export", "list"]
        return self.dc.run_in("mgmt", ["python3", "-c", PROGRAM, *words], timeout=5).returncode == 0


def _blank(path: Path) -> bool:
    with path.open("rb") as file:
        return not any(file.read(MIB))


@contextmanager
def server(dc: MiniDc, kind: str) -> Iterator[Running]:
    """Let a server of a kind run; skip the test where the machine has none."""
    how = KINDS[kind]
    lacking = [package for command, package in how.packages.items() if not shutil.which(command)]
    if not any(Path("/usr/lib").glob(f"*/qemu/block-{kind}.so")):
        lacking.append("qemu-block-extra")
    if lacking:
        names = " ".join(lacking)
        pytest.skip(f"{kind} needs {names}: apt-get install --no-install-recommends {names}")
    running = Running(dc, kind, dc.layout.directory / kind)
    running.folder.mkdir()
    script = f"set -eu; mount -t tmpfs tmpfs /run; {how.script}"
    inside = ["ip", "netns", "exec", dc.layout.manager, *_INSIDE, "sh", "-c", script, "sh"]
    log = running.folder / "log"
    with (
        log.open("wb") as said,
        subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", *inside, dc.layout.manager_address, *how.words],
            cwd=running.folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        ) as process,
    ):
        try:
            within(60, lambda: running.is_up() or process.poll() is not None)
            assert process.poll() is None, log.read_text(errors="replace")[-2000:]
            yield running
        finally:
            process.kill()
            process.wait()
            shutil.rmtree(running.folder, ignore_errors=True)
