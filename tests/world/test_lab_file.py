"""The lab file: what is wrong in it is told by field, value and what would be right."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cloudlab import connect
from cloudlab.errors import InputError, InvalidParameter
from drivers.world import RealWorlds, is_lab_file, read_lab_file
from drivers.world.site_of import switches_of
from tests.support.places import ROOT

Document = dict[str, Any]


def document() -> Document:
    """Return a lab file that is right."""
    return {
        "lab": "mine",
        "design": "design.yaml",
        "ssh": {"key": "keys/lab", "known_hosts": "keys/known_hosts"},
        "hosts": [
            {"name": "h1", "address": "10.0.0.11"},
            {"name": "h2", "address": "10.0.0.12", "ssh_door": "doors/h2"},
        ],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[object], Path]:
    """Write something as the lab file; JSON is YAML, too."""

    def written(content: object) -> Path:
        path = tmp_path / "lab.yaml"
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return written


def with_(path: str, value: object) -> Document:
    """Return the document with the field at `path` (as `hosts.0.name`) set to a value."""
    made = document()
    *way, last = path.split(".")
    here: Any = made
    for step in way:
        here = here[int(step) if step.isdigit() else step]
    here[last] = value
    return made


def without(name: str) -> Document:
    """Return the document without one of its fields."""
    return {key: value for key, value in document().items() if key != name}


BOARD = {"address": "10.0.1.11", "user": "admin", "password_file": "pw"}

WRONG: list[tuple[str, Document, str]] = [
    ("unknown field", with_("hots", []), "hots: there is no such field"),
    ("unknown field of a host", with_("hosts.1.adress", "x"), "hosts[1].adress: there is no such"),
    ("password in it", with_("ssh.password", "s3cret"), "ssh.password: there is no such field"),
    ("no hosts", without("hosts"), "hosts: it is needed"),
    ("no login", without("ssh"), "ssh: it is needed"),
    ("no key", with_("ssh", {"user": "root"}), "ssh.key: it is needed"),
    ("empty hosts", with_("hosts", []), "hosts is []; it must be at least one entry"),
    ("name with capitals", with_("lab", "My Lab"), "lab is 'My Lab'; it must be a lower-case"),
    ("long name", with_("lab", "a" * 13), "at most 11 lower-case letters and digits"),
    ("no name", with_("lab", ""), "lab is ''; it must be a lower-case letter"),
    ("host without name", with_("hosts.0.name", ""), "hosts[0].name is ''; it must be a text"),
    ("bad address", with_("hosts.0.address", "10.0.0.300"), "it must be an IPv4 address, as 10."),
    ("name as address", with_("hosts.0.address", "h1.lan"), "hosts[0].address is 'h1.lan'"),
    ("doubled host", with_("hosts.1.name", "h1"), "hosts: h1 is there twice; each name is unique"),
    ("doubled address", with_("hosts.1.address", "10.0.0.11"), "hosts: 10.0.0.11 is there twice"),
    ("port 0", with_("ssh.port", 0), "ssh.port is 0; it must be 1 or more"),
    ("port 70000", with_("ssh.port", 70000), "ssh.port is 70000; it must be at most 65535"),
    ("no time to answer", with_("answer_seconds", 0), "answer_seconds is 0; it must be more than"),
    (
        "board of no kind",
        with_("hosts.0.power", {"kind": "ilo", **BOARD, "password": "s3cret"}),
        "hosts[0].power must be one whose 'kind' is 'ipmi', 'redfish'",
    ),
]


@pytest.mark.parametrize(("content", "told"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_a_wrong_field_is_told_by_name(
    write: Callable[[object], Path], content: Document, told: str
) -> None:
    """With file, field, value and what is allowed; nothing secret is repeated."""
    path = write(content)
    with pytest.raises(InputError) as caught:
        read_lab_file(path)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_all_mistakes_are_told_at_once(write: Callable[[object], Path]) -> None:
    """Nobody mends them one by one."""
    with pytest.raises(InputError, match=r"lab is 'X'.*; hosts\[0\]\.address is 'y'"):
        read_lab_file(write({**with_("hosts.0.address", "y"), "lab": "X"}))


def test_what_is_no_yaml_is_told_with_its_place(write: Callable[[object], Path]) -> None:
    """The line is in the message, on one line."""
    path = write("lab: mine\nhosts: [\n")
    with pytest.raises(InputError, match=r"is no YAML: .*line 3") as caught:
        connect(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("content", ["", "just words", "- a\n- list\n", "5"])
def test_what_is_no_mapping_is_refused(write: Callable[[object], Path], content: str) -> None:
    """A text, a list, a number and nothing at all are no lab file."""
    path = write(content)
    assert not is_lab_file(path)
    with pytest.raises(InputError, match="it must be a mapping of fields to values"):
        read_lab_file(path)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    """By its whole path, whoever asks."""
    path = tmp_path / "none.yaml"
    for ask in (read_lab_file, is_lab_file, connect):
        with pytest.raises(InputError, match=rf"{path} cannot be read: No such file"):
            ask(path)


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    """A lab file is UTF-8."""
    path = tmp_path / "lab.yaml"
    path.write_bytes(b"lab: \xff\xfe")
    with pytest.raises(InputError, match=r"lab\.yaml cannot be read"):
        read_lab_file(path)


def test_paths_are_relative_to_the_file(write: Callable[[object], Path], tmp_path: Path) -> None:
    """Wherever the process is; absolute ones, homes and URLs stay what they are."""
    lab = read_lab_file(write(document()))
    assert lab.design == tmp_path / "design.yaml"
    assert lab.store == str(tmp_path / "lab.sqlite")
    assert lab.timings == tmp_path / "timings.jsonl"
    assert (lab.ssh.key, lab.ssh.known_hosts) == (
        tmp_path / "keys/lab",
        tmp_path / "keys/known_hosts",
    )
    assert [host.ssh_door for host in lab.hosts] == [None, tmp_path / "doors/h2"]
    assert read_lab_file(write(with_("design", "/etc/d.yaml"))).design == Path("/etc/d.yaml")
    assert read_lab_file(write(with_("design", "~/d.yaml"))).design == Path.home() / "d.yaml"
    url = "postgresql://db.lan/cloud"
    assert read_lab_file(write(with_("store", url))).store == url


def test_a_password_that_others_can_read_is_refused(
    write: Callable[[object], Path], tmp_path: Path
) -> None:
    """The message says how to mend it; one that is not there is told, too."""
    lab = read_lab_file(write(with_("hosts.0.power", {"kind": "ipmi", **BOARD})))
    password = tmp_path / "pw"
    with pytest.raises(InputError, match=rf"{password} cannot be read: No such file"):
        switches_of(lab)
    password.write_text("s3cret\n")
    password.chmod(0o644)
    with pytest.raises(InputError, match=rf"can be read by others; say: chmod 600 {password}"):
        switches_of(lab)
    password.chmod(0o600)
    assert list(switches_of(lab)) == ["h1"]
    assert "s3cret" not in repr(switches_of(lab)["h1"])


def test_hosts_of_no_data_centre_are_told(write: Callable[[object], Path], tmp_path: Path) -> None:
    """A lab file may outlive the mini data centre it was written for."""
    lab, gone = read_lab_file(write(with_("minidc", "gone"))), tmp_path / "gone"
    with pytest.raises(
        InputError, match=rf"no mini data centre in {gone}; make it: .* --dir {gone}"
    ):
        switches_of(lab)


def test_a_design_opens_the_simulator() -> None:
    """The same call for both worlds: what the file describes decides."""
    lab = connect("small-cloud", progress=False)
    assert lab.world.is_simulated
    assert not is_lab_file(ROOT / "datasets" / "designs" / "small-cloud.yaml")


def test_a_design_that_is_not_there_is_told(write: Callable[[object], Path]) -> None:
    """Before any host is asked anything."""
    with pytest.raises(InputError, match=r"design\.yaml"):
        connect(write(document()))


def test_what_happened_on_real_hosts_is_not_taken_back(write: Callable[[object], Path]) -> None:
    """The refusal says what can be done instead."""
    with pytest.raises(InvalidParameter, match=r"the lab mine is real.*lab\.twin\(\)"):
        RealWorlds(write(document())).restored({}, latency=None, demand=None)


@pytest.mark.parametrize("module", ["libvirt", "paramiko", "sqlalchemy"])
def test_a_missing_package_is_told_with_what_installs_it(
    write: Callable[[object], Path], tmp_path: Path, module: str
) -> None:
    """A simulation needs none of them; real hosts do."""
    (tmp_path / "design.yaml").write_text(
        (ROOT / "datasets" / "designs" / "small-cloud.yaml").read_text()
    )
    script = (
        f"import sys; sys.modules[{module!r}] = None\n"
        "import cloudlab\n"
        "from cloudlab.errors import NotFound\n"
        "try: cloudlab.connect(sys.argv[1])\n"
        "except NotFound as error: print(error)\n"
    )
    argv = [sys.executable, "-c", script, str(write(document()))]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, cwd=ROOT, timeout=60)
    assert f"real hosts need the Python package {module}: " in done.stdout
    assert "pip install 'cloudlab[drivers,store]'" in done.stdout
