"""What pip installs is whole: three typed packages, the data sets, nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.places import PACKAGES, ROOT

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, unpacked."""
    built, unpacked = tmp_path_factory.mktemp("built"), tmp_path_factory.mktemp("unpacked")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (file,) = built.glob("*.whl")
    with zipfile.ZipFile(file) as archive:
        archive.extractall(unpacked)
    return unpacked


def test_it_holds_the_three_packages_and_no_other(wheel: Path) -> None:
    """Tests, notebooks and tools stay at home; each package says that it is typed."""
    assert {path.name for path in wheel.iterdir() if path.suffix != ".dist-info"} == {*PACKAGES}
    assert all((wheel / package / "py.typed").is_file() for package in PACKAGES)
    assert list(wheel.glob("*.dist-info/licenses/LICENSE"))


def test_it_carries_every_data_set(wheel: Path) -> None:
    """An installed cloudlab finds the same data sets as a checkout."""
    shipped = {
        path.relative_to(ROOT / "datasets")
        for path in (ROOT / "datasets").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    home = wheel / "cloudlab" / "_datasets"
    assert {path.relative_to(home) for path in home.rglob("*") if path.is_file()} == shipped
    assert shipped


def test_the_installed_code_looks_inside_itself(wheel: Path) -> None:
    """`dataset()` returns the folder within the package when there is one."""
    program = "import sys; sys.path.insert(0, sys.argv[1]); import cloudlab.datasets as data; "
    program += "print(data.dataset())"
    printed = subprocess.check_output([sys.executable, "-c", program, str(wheel)], text=True)
    assert Path(printed.strip()) == (wheel / "cloudlab" / "_datasets").resolve()
