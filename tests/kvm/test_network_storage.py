"""Volumes on servers, without any: what hosts are told, and what is said when it goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cloudlab.errors import Cancelled, DriverFault, HostFault
from cloudlab.model import PoolType, StoragePool, Volume
from drivers.kvm.storage import attaching
from drivers.kvm.storage.documents import Document
from drivers.kvm.storage.folders import AlreadyThere
from drivers.kvm.storage.places import Server, place_of
from drivers.kvm.storage.servers import volumes
from drivers.kvm.storage.servers.kinds import KINDS, backend, checked
from drivers.kvm.storage.servers.qemu_img import Source
from drivers.site import Access, Done
from tests.kvm.records import Records

if TYPE_CHECKING:
    from tests.kvm.hosts import Here

MIB = 1024 * 1024
TARGET = "iqn.2026-01.org.example:primary"
URLS = {
    "nfs": "nfs://10.0.0.9/export/primary",
    "iscsi": f"iscsi://10.0.0.9:3260/{TARGET}",
    "rbd": "rbd://10.0.0.9:6789/primary",
    "nbd": "nbd://10.0.0.9:10809",
}
NAME = "cloudlab-lab1-volume-1.qcow2"

Answer = Callable[[list[str]], "tuple[int, str, str] | None"]


@dataclass
class Told:
    """A host that notes what it is told, and answers as a test wants it."""

    answers: list[Answer] = field(default_factory=list)
    heard: list[list[str]] = field(default_factory=list)
    given: list[bytes] = field(default_factory=list)

    def run(
        self,
        argv: Sequence[str],
        *,
        input: bytes | None = None,  # noqa: A002  (as the port has it)
        timeout: float = 30.0,
        stoppable: bool = False,
    ) -> Done:
        """Note a command; what no answer is for ends well."""
        if argv[0] == "sh":  # it has to do with a file of the host's own
            return Done(0, b"", b"", 0.0)
        words = [word for word in argv if not (stoppable and word == "--foreground")]
        assert words[:3] == ["timeout", "-k", "1"], "every command is bounded"
        assert float(words[3]) < timeout
        self.heard.append(words[4:])
        self.given += [input] if input is not None else []
        for answer in self.answers:
            if (said := answer(words[4:])) is not None:
                code, stdout, stderr = said
                return Done(code, stdout.encode(), stderr.encode(), 0.0)
        return Done(0, b"", b"", 0.0)

    def check(self, argv: Sequence[str]) -> Done:
        """Note a command that has to end well, and does."""
        self.heard.append(list(argv))
        return Done(0, b"", b"", 0.0)

    def commands(self) -> list[str]:
        """Return what it was told to do, by its first two words."""
        return [" ".join(words[:2]) for words in self.heard]


def host(*answers: Answer, name: str = "h1") -> tuple[Access, Told]:
    """Return a host that gives these answers."""
    shell = Told(list(answers))
    return Access(name, "10.0.0.11", shell, "test:///default"), shell


def to(words: str, stdout: str = "", stderr: str = "", code: int = 0) -> Answer:
    """Return the answer to every command that has these words in it."""
    return lambda argv: (code, stdout, stderr) if words in " ".join(argv) else None


def image(format_: str, size: int, *snapshots: str, **more: object) -> str:
    """Return what `qemu-img info` says of an image."""
    kept = [{"name": name} for name in snapshots]
    return json.dumps({"format": format_, "virtual-size": size, "snapshots": kept, **more})


def on(kind: str) -> tuple[Server, Volume]:
    """Return a server of a kind, and a disk of 32 MiB on it."""
    records = Records(URLS[kind], PoolType.PRE_SETUP)
    volume = records.volume(records.vm())
    volume.id = 1
    place = place_of(records.pool, "lab1")
    assert isinstance(place, Server)
    return place, volume


def pool(url: str) -> StoragePool:
    """Return a pool with a URL."""
    return Records(url, PoolType.PRE_SETUP).pool


LISTED = {
    "nfs": json.dumps([NAME, "cloudlab-lab2-volume-9.qcow2", f".{NAME}.x.part"]),
    "iscsi": "[0, 1]",
    "rbd": json.dumps([NAME, "volume-2", "cloudlab-lab1-volume-x.qcow2"]),
    "nbd": f"exports available: 2\n export: '{NAME}'\n  size: 9\n export: 'volume-2'\n",
}
"""What listing commands print: one volume of this lab each, and what is none."""

LISTS = {
    kind: to({"nbd": "--list", "rbd": "ls"}.get(kind, "python3"), said)
    for kind, said in LISTED.items()
}


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("nfs", f"nfs://10.0.0.9/export/primary/{NAME}?uid=0&gid=0"),
        ("iscsi", f"iscsi://10.0.0.9:3260/{TARGET}/1"),
        ("rbd", f"rbd:primary/{NAME}:mon_host=10.0.0.9\\:6789"),
        ("nbd", f"nbd://10.0.0.9:10809/{NAME}"),
    ],
)
def test_volumes_have_the_urls_of_qemu(kind: str, url: str) -> None:
    """By the same names as in the documents for libvirt."""
    place, volume = on(kind)
    assert backend(place).url(place.name(volume)) == url


def test_odd_folders_are_quoted() -> None:
    """Nothing in the name of a folder is taken for a query, an escape or a command."""
    place = place_of(pool("nfs://10.0.0.9/a $(touch x)%20b"), "lab1")
    assert isinstance(place, Server)
    url = backend(place).url(place.whole_name("volume-1.qcow2"))
    assert url == f"nfs://10.0.0.9/a%20%24%28touch%20x%29%2520b/{NAME}?uid=0&gid=0"
    access, shell = host(to("list", "[]"))
    assert backend(place).names(access, "listing") == []
    assert shell.heard[0][-3:] == ["10.0.0.9", "/a $(touch x)%20b", "list"]


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nfs://10.0.0.9", "names no folder; write the one that the server exports"),
        ("nfs://10.0.0.9:3049/x", "names port 3049; QEMU asks the server's rpcbind"),
        ("iscsi://10.0.0.9/disks", "names the target 'disks'; it must be that of an iSCSI target"),
        ("rbd://10.0.0.9/a:b=c", "names the RBD pool 'a:b=c'; it must be one of letters"),
        ("rbd://10.0.0.9", "names the RBD pool ''"),
        ("rbd://admin:secret@10.0.0.9/primary", "has a name or password in it"),
    ],
)
def test_urls_that_cannot_be_are_refused(url: str, complaint: str) -> None:
    """Before any host is asked; the message says what to write, and tells no password."""
    wrong = pool(url)
    place = place_of(wrong, "lab1")
    assert isinstance(place, Server)
    with pytest.raises(DriverFault, match=f"pool primary: the URL {complaint}") as caught:
        checked(wrong, place)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("end", ["h:99999", "h:abc", "[::1/x", "u:secret@h:0/x", "h:-1"])
def test_urls_that_nobody_can_read_are_refused(end: str) -> None:
    """The message names the pool, its URL without a password, and what can be."""
    message = r"the URL of pool primary is 'rbd://.*; write .* with a port of 1 to 65535"
    with pytest.raises(DriverFault, match=message) as said:
        place_of(pool(f"rbd://{end}"), "lab1")
    assert end.rpartition("@")[2] in str(said.value)
    assert "secret" not in str(said.value)


@pytest.mark.parametrize("kind", KINDS)
def test_only_this_labs_volumes_are_listed(kind: str) -> None:
    """Not those of others, nor what is being made."""
    place, _ = on(kind)
    access, _ = host(to("qemu-img info", image("qcow2", MIB)), lambda _argv: (0, LISTED[kind], ""))
    assert volumes.listed(access, backend=backend(place), what="listing pool p1") == {1}


@pytest.mark.parametrize(
    ("kind", "tool", "package"),
    [
        ("nfs", "python3", "python3"),
        ("iscsi", "python3", "python3"),
        ("rbd", "rbd", "ceph-common"),
        ("nbd", "qemu-nbd", "qemu-utils"),
    ],
)
def test_a_host_without_a_tool_says_which(kind: str, tool: str, package: str) -> None:
    """The message names host, tool and package."""
    access, _ = host(lambda _argv: (127, "", "No such file or directory"))
    message = f"listing pool p1: host h1 has no {tool}; install {package} there"
    with pytest.raises(DriverFault, match=message):
        backend(on(kind)[0]).names(access, "listing pool p1")


def test_a_host_whose_qemu_lacks_a_protocol_says_so() -> None:
    """The message names the package of QEMU's drivers."""
    place, volume = on("rbd")
    access, _ = host(
        to("image-meta get", code=2), to("ls", "[]"), to("create", "", "Unknown protocol 'rbd'", 1)
    )
    with pytest.raises(DriverFault, match=r"on host h1 does not speak .* install qemu-block-extra"):
        volumes.Making(volume, backend(place), "making volume", None)(access)


def test_a_silent_server_is_not_taken_for_a_silent_host() -> None:
    """So no other host is looked for, and nothing is fenced."""
    access, _ = host(lambda _argv: (124, "", ""))
    with pytest.raises(DriverFault, match="from host h1: no answer from the server within 15 s"):
        backend(on("nfs")[0]).names(access, "listing pool p1")


def test_a_target_that_does_not_let_a_host_in_is_told() -> None:
    """In the words of the library, with host and pool."""
    access, _ = host(lambda _argv: (1, "", "Failed to log in to target. Status: ..(513)\n"))
    with pytest.raises(DriverFault, match=r"listing pool p1 from host h1: Failed to log in"):
        backend(on("iscsi")[0]).names(access, "listing pool p1")


@pytest.mark.parametrize(
    ("number", "address"), [(1, 1), (255, 255), (256, 16640), (300, 16684), (16383, 32767)]
)
def test_luns_with_high_numbers_are_no_others(number: int, address: int) -> None:
    """From 256 on the address says that it is a number; a target would take it for a bus."""
    place, volume = on("iscsi")
    volume.id = number
    disk = place.disk(volume, "vdb")
    assert disk.name == place.name(volume) == f"{TARGET}/{address}"
    access, _ = host(to("qemu-img info", image("qcow2", MIB)), to("python3", f"[{number}]"))
    assert volumes.listed(access, backend=backend(place), what="listing") == {number}


def attach(access: Access, owner: str) -> str:
    """Attach a pool on Ceph to a host, for an owner."""
    place, volume = on("rbd")
    assert volume.pool is not None
    return attaching.server(access, pool=volume.pool, place=place, link="/run/x/p", owner=owner)


def test_volumes_of_other_books_are_not_taken_over() -> None:
    """The message names the other books and the note; the server and the host are untouched."""
    noted = to("export", "lab1 one\n")
    access, shell = host(noted, to("ls", json.dumps([NAME, "cloudlab-lab1-owner.txt"])))
    refusal = "rbd server 10.0.0.9 belongs to another lab called lab1 .*one.*owner.txt there"
    with pytest.raises(DriverFault, match=f"reaching pool primary: {refusal}"):
        attach(access, "lab1 two")
    assert shell.given == []
    assert shell.heard[-1][3] == "export"
    assert attach(access, "lab1 one") == "rbd://10.0.0.9:6789/primary"
    assert shell.given == []


@pytest.mark.parametrize("names", [[], ["cloudlab-lab1-owner.txt", "cloudlab-lab2-volume-1.qcow2"]])
def test_a_server_without_volumes_changes_hands(names: list[str]) -> None:
    """The owner is noted there; what other labs have beside it is no obstacle."""
    access, shell = host(to("export", "lab1 one\n"), to("ls", json.dumps(names)))
    attach(access, "lab1 two")
    assert shell.given == [b"lab1 two\n"]


@pytest.mark.parametrize(("theirs", "is_fine"), [("lab1 two\n", True), ("lab1 one\n", False)])
def test_two_hosts_may_note_the_owner_at_once(theirs: str, is_fine: bool) -> None:
    """If they note the same."""
    access, _ = host(
        to("rename", code=17, stderr="(17) File exists"), to("export", theirs), to("ls", "[]")
    )
    with nullcontext() if is_fine else pytest.raises(DriverFault, match="File exists"):
        attach(access, "lab1 two")


@pytest.mark.parametrize("fails", ["import", "rm", ""])
def test_a_note_that_cannot_be_replaced_stays(fails: str) -> None:
    """It goes when the new one is whole, and not before; nothing half-made is left of that."""
    note = "primary/cloudlab-lab1-owner.txt"
    shelf = Shelf(**{note: "mark"})
    fault: list[Answer] = [to(f" {fails} ", "", "Connection reset", 1)] if fails else []
    access, shell = host(to("export", "lab1 one\n"), shelf)
    shell.answers[:0] = fault
    with pytest.raises(DriverFault, match="Connection reset") if fails else nullcontext():
        attach(access, "lab1 two")
    assert note in shelf.marks
    assert (shelf.marks[note] == "mark") is bool(fails)
    assert len(shelf.marks) == (2 if fails == "rm" else 1), "only what cannot be removed is left"


def test_what_died_on_its_way_is_cleared_away(tmp_path: Path) -> None:
    """Images of volumes that a host had beside itself for a journey, a day later; nothing else."""
    access, shell = host(to("ls", "[]"))
    attach(access, "lab1 one")
    (find,) = [words for words in shell.heard if words[0] == "find"]
    assert find[1] == "/var/tmp"
    old, young, other = (tmp_path / name for name in (".volume-1.a.part", ".volume-2.b.part", "x"))
    for path in (old, young, other):
        path.touch()
    for path in (old, other):
        os.utime(path, (time.time() - 90_000,) * 2)
    subprocess.run([find[0], tmp_path, *find[2:]], check=True)
    assert [path.exists() for path in (old, young, other)] == [False, True, True]


def test_a_server_that_is_not_reached_is_told_with_what_to_look_at() -> None:
    """Server and host, as its administrator knows them."""
    access, _ = host(to("ls", "", "Connection refused", 1))
    with pytest.raises(DriverFault, match=r"look whether rbd://.*/primary .* lets 10\.0\.0\.11 in"):
        attach(access, "lab1 two")


FREE = to("qemu-img info", image("raw", MIB))
MEASURED = to("qemu-img measure", json.dumps({"required": MIB, "fully-allocated": 33 * MIB - 9}))


def slot(*answers: Answer, size: int = 160 * MIB) -> tuple[Access, Told, volumes.Making]:
    """Return a host, and the making of a volume in a LUN of a size."""
    place, volume = on("iscsi")
    raw = to("info -U -f raw", image("raw", size))
    access, shell = host(MEASURED, raw, *answers, to("python3", LISTED["iscsi"]))
    return access, shell, volumes.Making(volume, backend(place), "making volume DATA-1", None)


def test_a_lun_that_is_missing_is_asked_for() -> None:
    """By number and size, as the administrator has to make it."""
    access, _, making = slot()
    making.volume.id = 2
    message = f"target {TARGET} of iscsi server 10.0.0.9 has no LUN 2; add .* 33 MiB or larger"
    with pytest.raises(DriverFault, match=message):
        making(access)
    making.volume.id = 16384
    with pytest.raises(DriverFault, match="knows LUNs up to 16383, not 16384; use a pool"):
        making(access)


def test_a_lun_that_is_too_small_is_not_begun() -> None:
    """The message has its size, and what is needed."""
    access, shell, making = slot(FREE, size=32 * MIB)
    with pytest.raises(DriverFault, match=r"LUN 1 .* is 32 MiB large; make it 33 MiB or more"):
        making(access)
    assert "qemu-img create" not in shell.commands()


@pytest.mark.parametrize(
    ("inside", "complaint"),
    [("qcow2", "an image is in the LUN 1 of target"), ("raw", "data are in the LUN 1 of target")],
)
def test_what_is_in_a_lun_is_left_alone(inside: str, complaint: str) -> None:
    """An image, or anything else that does not begin with zeros."""
    access, shell, making = slot(
        to("qemu-img info", image(inside, MIB)),
        to("qemu-io", "Pattern verification failed at offset 1024"),
    )
    with pytest.raises(AlreadyThere, match=complaint):
        making(access)
    assert "qemu-img create" not in shell.commands()


def test_a_lun_with_the_data_of_others_is_not_wiped() -> None:
    """A volume that is none is deleted by doing nothing."""
    place, volume = on("iscsi")
    access, shell = host(to("qemu-img info", image("raw", MIB)), to("python3", LISTED["iscsi"]))
    volumes.delete(access, volume=volume, backend=backend(place), what="deleting")
    assert "qemu-io" not in [words[0] for words in shell.heard]


def test_templates_that_qemu_cannot_read_are_refused() -> None:
    """Before anything is made; the message says how they can be given."""
    access, shell = host(Shelf())
    with pytest.raises(DriverFault, match=r"does not read sftp://x/tiny\.qcow2; give the template"):
        making_on_rbd(Source("sftp://x/tiny.qcow2"))(access)
    assert "qemu-img create" not in shell.commands()


def silent(words: str) -> Answer:
    """Return what a host does that falls silent when it gets a command with these words."""

    def answer(argv: list[str]) -> None:
        if words in " ".join(argv):
            raise HostFault("the host does not answer", "h1")

    return answer


def test_nobody_writes_where_a_silent_host_may_still_be_writing() -> None:
    """A LUN has one place: another host neither goes on there nor wipes it, for an hour."""
    now = [0.0]
    first, _, making = slot(silent("qemu-img create"), FREE)
    making.silence.clock = lambda: now[0]
    with pytest.raises(HostFault, match="does not answer"):
        making(first)
    second, shell, _ = slot(FREE)
    now[0] = 1800.0
    text = rf"host h1 fell silent while it wrote into the LUN 1 of target {TARGET} .* for 30 min"
    for act in (lambda: making(second), making.check_over):
        with pytest.raises(HostFault, match=text):
            act()
    assert shell.heard == []
    now[0] = 3600.0
    making(second)
    assert "qemu-img create" in shell.commands()


class Sites:
    """The block store of two hosts that are told what to do with a pool on a server."""

    def __init__(self, here: Here, kind: str, *answers: Answer) -> None:
        self.here, self.blocks = here, here.blocks
        self.pool = here.records.another_pool(URLS[kind], type=PoolType.PRE_SETUP)
        self.volume = here.records.volume(here.records.vm())
        self.volume.id = 1
        self.told = {name: Told([*answers]) for name in here.site.hosts}
        for name, shell in self.told.items():
            here.site.hosts[name] = replace(here.site.hosts[name], shell=shell)
        for host in (here.host, here.other):
            here.do(here.blocks.attach_pool(self.pool, host))

    def create(self) -> None:
        """Make the volume."""
        self.here.do(self.blocks.create(self.volume, self.pool))

    def delete(self) -> None:
        """Remove it."""
        self.here.do(self.blocks.delete(self.volume, self.pool))

    def writes(self) -> list[list[str]]:
        """Return the commands that write into a slot."""
        heard = [words for shell in self.told.values() for words in shell.heard]
        return [
            words
            for words in heard
            if words[:2] == ["qemu-img", "create"]
            or (words[0] == "qemu-io" and "write" in words[4])
        ]


@pytest.mark.parametrize("kind", ["iscsi", "nbd"])
@pytest.mark.parametrize("way", ["large", "unreachable", "unplanned"])
def test_what_was_never_begun_is_not_undone(here: Here, kind: str, way: str) -> None:
    """Whatever kept a volume from being made: the image in its slot is another's, and stays."""
    listing = {"iscsi": "python3", "nbd": "--list"}[kind]
    taken = to("qemu-img info -U --output", image("qcow2", 64 * MIB))
    sites = Sites(here, kind, MEASURED, taken, to("info -U -f raw", image("raw", MIB)), LISTS[kind])
    if way == "unreachable":
        for shell in sites.told.values():
            shell.answers.insert(0, to(listing, "", "Connection refused", 1))
    if way == "unplanned":
        sites.volume.template = replace(here.records.template, name="nowhere")
    with pytest.raises(DriverFault):
        sites.create()
    for shell in sites.told.values():
        shell.answers[:] = [taken, LISTS[kind]]
    sites.delete()
    assert sites.writes() == []


def test_a_lun_is_wiped_by_whoever_may(here: Here) -> None:
    """Not while a host that fell silent may be writing; at once where the tools have ended."""
    sites = Sites(here, "iscsi", MEASURED, LISTS["iscsi"])
    for shell in sites.told.values():
        shell.answers[:0] = [to("info -U -f raw", image("raw", 160 * MIB)), FREE]
        shell.answers.insert(0, silent("qemu-img create"))
    with pytest.raises(HostFault, match="fell silent while it wrote into the LUN 1"):
        sites.create()
    for shell in sites.told.values():
        shell.answers[:] = [to("info", image("qcow2", MIB)), LISTS["iscsi"]]
    for again in (sites.delete, sites.create):
        with pytest.raises(HostFault, match="fell silent while it wrote into the LUN 1"):
            again()
    assert [words[1] for words in sites.writes()] == ["create"], "the one that was not answered"


@pytest.mark.parametrize("kind", ["iscsi", "rbd"])
def test_an_upload_is_not_taken_over_from_a_silent_host(
    here: Here, kind: str, tmp_path: Path
) -> None:
    """Two hosts would write one image. One with a name of its own may be removed meanwhile."""
    path = tmp_path / "data.qcow2"
    subprocess.run(["qemu-img", "create", "-q", "-f", "qcow2", path, "1M"], check=True)
    known = to("qemu-img info", image("qcow2", MIB))
    sites = Sites(here, kind, silent("convert"), known, LISTS[kind])
    with pytest.raises(HostFault, match=r"fell silent while it wrote into the .* for 1 h"):
        here.do(sites.blocks.upload(sites.volume, sites.pool, path))
    asked = [words for shell in sites.told.values() for words in shell.heard]
    assert len([words for words in asked if words[:2] == ["qemu-img", "convert"]]) == 1
    if kind == "iscsi":
        with pytest.raises(HostFault, match="fell silent"):
            sites.delete()
    else:
        sites.delete()


@pytest.mark.parametrize("is_ours", [True, False])
def test_what_an_undone_making_finds_is_told_by_its_mark(here: Here, *, is_ours: bool) -> None:
    """A server that does not answer in time may have done what it was told, or not."""
    shelf = Shelf()
    sites = Sites(here, "rbd", shelf)

    def too_late(argv: list[str]) -> tuple[int, str, str] | None:
        if "rename" not in argv:
            return None
        if is_ours:
            shelf(argv)
        else:
            shelf.marks[f"primary/{NAME}"] = "another's"
        return 124, "", ""

    for shell in sites.told.values():
        shell.answers.insert(0, too_late)
    with pytest.raises(DriverFault, match="no answer from the server"):
        sites.create()
    sites.delete()
    assert (f"primary/{NAME}" in shelf.marks) is not is_ours
    assert not [name for name in shelf.marks if name.endswith(".part")]


@pytest.mark.parametrize("is_slow", [True, False])
def test_a_time_out_costs_nobody_a_volume(here: Here, *, is_slow: bool) -> None:
    """The first look at NFS was too late, say: what has the name is another's and stays."""
    shelf = Shelf(**{f"primary/{NAME}": "another's"})
    sites = Sites(here, "rbd", shelf)
    for shell in sites.told.values():
        shell.answers.insert(0, to("image-meta get", code=124 if is_slow else 5))
    with pytest.raises(DriverFault):
        sites.create()
    for shell in sites.told.values():
        del shell.answers[0]
    sites.delete()
    assert shelf.marks[f"primary/{NAME}"] == "another's"


class Shelf:
    """The images of an RBD pool with their marks, as `rbd` and `qemu-img` see them."""

    def __init__(self, **marks: str) -> None:
        self.marks = marks

    def __call__(self, argv: list[str]) -> tuple[int, str, str] | None:
        """Answer a command."""
        if argv[:2] == ["qemu-img", "create"]:
            self.marks[argv[-2].partition(":")[2].partition(":")[0]] = ""
            return 0, "", ""
        if argv[0] != "rbd":
            return None
        return self._rbd(argv[3:])

    def _rbd(self, words: list[str]) -> tuple[int, str, str] | None:
        match words:
            case ["ls", *_]:
                return 0, json.dumps([name.rpartition("/")[2] for name in self.marks]), ""
            case ["image-meta", "get", name, _]:
                return (0, mark, "") if (mark := self.marks.get(name, "")) else (2, "", "none")
            case ["image-meta", "set", name, _, mark]:
                self.marks[name] = mark
            case ["import", _, "-", name]:
                self.marks[name] = ""
            case ["rename", draft, name]:
                if name in self.marks:
                    return 17, "", "(17) File exists"
                self.marks[name] = self.marks.pop(draft)
            case ["rm", _, name]:
                return (0, "", "") if self.marks.pop(name, None) is not None else (2, "", "none")
        return 0, "", ""


def making_on_rbd(source: Source | None = None) -> volumes.Making:
    """Return the making of a volume on RBD."""
    place, volume = on("rbd")
    return volumes.Making(volume, backend(place), "making volume DATA-1", source)


def test_a_lost_answer_is_no_stranger() -> None:
    """Another host finds what the first one made for the very same call, and that is right."""
    shelf, making = Shelf(), making_on_rbd()

    def loses(argv: list[str]) -> None:
        if "rename" in argv:
            shelf(argv)
            raise HostFault("the answer is lost", "h1")

    with pytest.raises(HostFault):
        making(host(loses, shelf)[0])
    making(host(shelf, name="h2")[0])
    assert list(shelf.marks) == [f"primary/{NAME}"]
    with pytest.raises(AlreadyThere, match=f"primary/{NAME} is already on rbd server 10.0.0.9"):
        making_on_rbd()(host(shelf)[0])


def test_who_was_faster_keeps_the_name() -> None:
    """What was made for it meanwhile is removed."""
    shelf = Shelf()

    def is_faster(argv: list[str]) -> None:
        if "rename" in argv:
            shelf.marks[f"primary/{NAME}"] = "another's"

    with pytest.raises(AlreadyThere):
        making_on_rbd()(host(is_faster, shelf)[0])
    assert shelf.marks == {f"primary/{NAME}": "another's"}


def test_what_could_not_be_filled_is_removed() -> None:
    """The server was full, say; the message says so."""
    shelf = Shelf()
    access, _ = host(
        to("info", image("qcow2", MIB)), to("convert", "", "No space left on device", 1), shelf
    )
    with pytest.raises(DriverFault, match="storage is full: make room there or use another pool"):
        making_on_rbd(Source("/images/tiny.qcow2"))(access)
    assert shelf.marks == {}


def stopped(argv: list[str]) -> None:
    """Be stopped while an image is filled."""
    if "convert" in argv:
        raise Cancelled("nobody waits for it any more")


def test_what_was_stopped_is_removed() -> None:
    """The host says that it has ended: nobody waits for an hour, and nothing is left."""
    shelf, source = Shelf(), Source("/images/tiny.qcow2")
    access, _ = host(stopped, to("info", image("qcow2", MIB)), shelf)
    with pytest.raises(Cancelled):
        making_on_rbd(source)(access)
    assert shelf.marks == {}
    access, shell, making = slot(stopped, FREE)
    making.source = Source("/images/tiny.qcow2")
    shell.answers.insert(0, to("info -U -f qcow2", image("qcow2", MIB)))
    with pytest.raises(Cancelled):
        making(access)
    making.check_over()
    assert shell.heard[-1][:2] == ["qemu-io", "-f"]
    assert "write -q -z 0" in shell.heard[-1][4]


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (image("qcow2", 33 * MIB), "is 33 MiB large, which is more than 32 MiB"),
        (image("qcow2", MIB, "snapshot-1"), "has the snapshots snapshot-1 inside"),
        (image("qcow2", MIB, **{"backing-filename": "/etc/passwd"}), "needs another file"),
    ],
    ids=["large", "kept", "linked"],
)
def test_what_cannot_be_copied_is_not_begun(said: str, complaint: str) -> None:
    """Nothing is made of it on the server."""
    shelf = Shelf()
    access, shell = host(to("info", said), shelf)
    with pytest.raises(DriverFault, match=complaint):
        making_on_rbd(Source("/images/tiny.qcow2"))(access)
    assert "qemu-img create" not in shell.commands()


def test_what_belongs_to_a_volume_goes_with_it() -> None:
    """Its documents, and what was begun under its name; nothing of its neighbours."""
    others = ["cloudlab-lab1-volume-11.qcow2", "cloudlab-lab2-volume-1.qcow2"]
    shelf = Shelf(
        **{
            f"primary/{name}": "mark"
            for name in (
                NAME,
                f".{NAME}.ab12.part",
                "cloudlab-lab1-volume-1.snapshot-3.xml",
                *others,
            )
        }
    )
    place, volume = on("rbd")
    for _ in range(2):
        volumes.delete(host(shelf)[0], volume=volume, backend=backend(place), what="deleting")
        assert list(shelf.marks) == [f"primary/{name}" for name in others]


@pytest.mark.parametrize("kind", ["iscsi", "nbd"])
def test_memory_has_no_place_beside_a_slot(kind: str) -> None:
    """The message says what to use instead."""
    document = Document(on(kind)[0], "x.xml", "vm snapshot before of vm web")
    with pytest.raises(DriverFault, match=f"{kind} servers have no place; keep the disks alone"):
        document.check()


@pytest.mark.parametrize("kind", ["iscsi", "nbd", "rbd"])
def test_servers_that_do_not_say_how_large_they_are(kind: str) -> None:
    """The message says where to write it."""
    access, _ = host()
    with pytest.raises(DriverFault, match=r"do not say .* capacity that 10.0.0.9 has"):
        volumes.space(access, backend=backend(on(kind)[0]), what="measuring pool p1")
