"""`cloudlab design`: what is written can be read, and nothing is lost by writing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cloudlab.datasets import dataset
from cloudlab.design import read_design
from tests.cli.terminal import answer, complaint
from tests.design.documents import SHIPPED

NUMBERS = "--zones 1 --pods 2 --clusters 5 --hosts 10 --cpus 64 --mhz 2000 --ram-gib 256"


def test_new_writes_a_design_of_that_size(tmp_path: Path) -> None:
    """The numbers typed are the numbers of the cloud that is read back."""
    file = tmp_path / "d.yaml"
    size = "1 zone, 2 pods, 10 clusters, 100 hosts, 6,400 cores, 25,600 GiB of RAM"
    assert answer("design", "new", *NUMBERS.split(), "-o", file) == f"{file}: {size}\n"
    have = read_design(file).totals()
    assert (have.pods, have.clusters, have.hosts) == (2, 10, 100)
    assert (have.cpu_mhz.raw, have.ram_mib.raw) == (100 * 64 * 2000, 100 * 256 * 1024)
    assert [path.name for path in tmp_path.iterdir()] == ["d.yaml"]


def test_new_without_a_file_prints_the_design(tmp_path: Path) -> None:
    """What is printed is a design, every option in its place."""
    file = tmp_path / "d.yaml"
    words = "--cpu-overcommit 2 --ram-overcommit 1.25 --hypervisor VMware --network-type Basic"
    text = answer("design", "new", *words.split(), "--name", "büro", "--primary-gib", "2048")
    file.write_text(text, encoding="utf-8")
    design = read_design(file)
    (at,) = design.clusters()
    assert (design.cloud, at.zone.network_type) == ("büro", "Basic")
    assert (at.cluster.cpu_overcommit, at.cluster.ram_overcommit) == (2, 1.25)
    assert (at.cluster.hypervisor, at.cluster.primary_storage[0].capacity_gib) == ("VMware", 2048)


def test_new_replaces_nothing_unless_forced(tmp_path: Path) -> None:
    """A design that is there is kept, and replaced with --force."""
    file = tmp_path / "d.yaml"
    file.write_text("mine", encoding="utf-8")
    message = complaint("design", "new", "-o", file)
    assert message == f"--output {file}: is there already; --force replaces it"
    assert file.read_text(encoding="utf-8") == "mine"
    answer("design", "new", "-o", file, "--force")
    assert read_design(file).totals().hosts == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--hosts 0", "--hosts is 0; it must be a whole number from 1 to 100,000"),
        ("--hosts -4 --pods 9 --clusters 9", "--hosts is -4; it must be a whole number from 1"),
        ("--pods 0", "--pods is 0; it must be a whole number from 1 to 1,000"),
        ("--zones 1000 --pods 1000", "--zones x --pods x --clusters is 1,000 x 1,000 x 1; at most"),
        ("--cpus 0", "--cpus is 0; it must be a whole number from 1 to 4,096 (cores)"),
        ("--mhz -5", "--mhz is -5; it must be a whole number from 1 to 100,000 (MHz)"),
        (
            "--ram-gib nan",
            "--ram-gib is nan; it must be a number above 0 up to 1,000,000,000",
        ),
        ("--ram-gib 1e308", "--ram-gib is 1e+308; it must be a number above 0 up to"),
        (
            "--primary-gib 0",
            "--primary-gib is 0; it must be a number above 0 up to 1,000,000,000",
        ),
        ("--cpu-overcommit 0.5", "--cpu-overcommit is 0.5; it must be a number from 1"),
        ("--ram-overcommit inf", "--ram-overcommit is inf; it must be a number from 1"),
        ("--hypervisor QEMU", "--hypervisor is 'QEMU'; it must be one of KVM, XenServer"),
        ("--network-type flat", "--network-type is 'flat'; it must be one of Basic, Advanced"),
        ("--name a/b", "--name is 'a/b'; it must be a name without '/'"),
        ("--pods 300", "172.16.0.0/12 has no /20 left for pod z1-p257; write its cidr"),
    ],
)
def test_new_names_the_option_that_is_out_of_range(
    tmp_path: Path, words: str, message: str
) -> None:
    """One line with option, value and range, however many clusters share the mistake."""
    told = complaint("design", "new", *words.split(), "-o", tmp_path / "d.yaml")
    assert told.startswith(message)
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_designs_are_sound_and_known_by_name(file: Path) -> None:
    """A shipped design is checked by its name, wherever the shell stands."""
    assert answer("design", "check", file.stem).startswith(f"{file}: sound; ")


def test_list_names_every_shipped_design() -> None:
    """Each line begins with a name that other commands take."""
    lines = answer("design", "list").splitlines()
    assert [line.split()[0] for line in lines] == [file.stem for file in SHIPPED]
    assert "100 hosts, 6,400 cores" in next(line for line in lines if "churn-100 " in line)


def test_a_file_goes_before_a_shipped_design(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file in this folder that is called like a shipped design is the one that is meant."""
    monkeypatch.chdir(tmp_path)
    small = dataset("designs", "dev-cloud.yaml").read_text(encoding="utf-8")
    Path("small-cloud").write_text(small, encoding="utf-8")
    assert "1 host," in answer("design", "check", "small-cloud")


def test_an_unknown_name_lists_those_that_are_shipped() -> None:
    """What looks like a name is answered with the names there are; a path with what to do."""
    assert "design of that name is shipped; those are azure-region" in complaint("show", "smal")
    assert complaint("show", "no/such.yaml").startswith("no/such.yaml: no such file;")


def test_schema_is_the_published_one(tmp_path: Path) -> None:
    """The schema is printed or written, the same text both ways."""
    file = tmp_path / "design.schema.json"
    assert answer("design", "schema", "-o", file) == ""
    text = answer("design", "schema")
    assert file.read_text(encoding="utf-8") == text
    assert json.loads(text)["title"] == "cloudlab design"
