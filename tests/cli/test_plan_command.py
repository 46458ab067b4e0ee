"""`cloudlab plan`: the plan on stdout, whole report files, options checked before the work."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from cloudlab.datasets import dataset
from cloudlab.design import read_design
from simulator.planning import make_plan
from simulator.workload import read_demand
from tests.cli.terminal import answer, complaint, process, typed

pytestmark = pytest.mark.slow

PLAN = ("plan", "small-cloud", "--demand", "first-steps", "--replications", "2")
PROMISED = {
    "requests",
    "admitted",
    "refused_total",
    "refused",
    "peak_vms",
    "vcpu_seconds",
    "clusters",
    "exhaustion",
    "recommendation",
    "seed",
    "placement_md5",
}


def planned(*words: str) -> dict[str, object]:
    """Return the JSON of a plan with more options."""
    document: dict[str, object] = json.loads(answer(*PLAN, "--json", "-", *words))
    return document


def test_the_text_is_the_plans_own() -> None:
    """What is printed is what `make_plan(...).to_text()` returns in a notebook."""
    design = read_design(dataset("designs", "small-cloud.yaml"))
    demand = read_demand(dataset("demand", "first-steps.csv"))
    plan = make_plan(design, demand, replications=2, growth=5, seed=3)
    assert answer(*PLAN, "--growth", "5", "--seed", "3") == plan.to_text()


def test_json_has_the_promised_keys() -> None:
    """The keys that programs rely on are there, for the plan and for every cluster."""
    document = planned()
    assert document.keys() >= PROMISED
    clusters = document["clusters"]
    assert isinstance(clusters, list)
    assert len(clusters) == 4
    for cluster in clusters:
        assert cluster.keys() >= {"zone", "pod", "cluster", "hosts", "survives_host_failures"}
        for resource in ("cpu", "ram"):
            assert cluster[resource].keys() >= {"total", "allocated_peak", "share_peak"}


def test_options_reach_the_plan() -> None:
    """What is typed is what is asked, and the JSON says so."""
    document = planned(
        *("--scale", "2", "--growth", "4", "--horizon-days", "3", "--seed", "7"),
        *("--algorithm", "firstfit", "--cpu-overcommit", "2", "--fidelity", "capacity"),
    )
    assert {
        "scale": 2.0,
        "growth_percent_per_month": 4.0,
        "horizon_days": 3.0,
        "seed": 7,
        "algorithm": "firstfit",
        "cpu_overcommit": 2.0,
        "fidelity": "capacity",
    }.items() <= document.items()


def test_both_fidelities_choose_the_same_hosts() -> None:
    """Workflows and the capacity kernel give one placement_md5."""
    words = ("--scale", "20", "--algorithm", "random")
    workflow, capacity = (planned(*words, "--fidelity", each) for each in ("workflow", "capacity"))
    assert workflow["placement_md5"] == capacity["placement_md5"]


def test_reports_are_written_whole(tmp_path: Path) -> None:
    """JSON, HTML and workbook are there, each of its kind, and nothing else is."""
    files = [tmp_path / f"plan.{ending}" for ending in ("json", "html", "xlsx")]
    text = answer(*PLAN, "--json", files[0], "--html", files[1], "--xlsx", files[2])
    assert text.startswith("Capacity plan of 'small cloud' under 'first-steps'")
    assert json.loads(files[0].read_text(encoding="utf-8"))["cloud"] == "small cloud"
    assert "<html" in files[1].read_text(encoding="utf-8")[:200]
    assert files[2].read_bytes().startswith(b"PK")
    assert sorted(tmp_path.iterdir()) == sorted(files)


def test_quiet_prints_nothing(tmp_path: Path) -> None:
    """With --quiet only the files speak; JSON that was asked for on stdout is still printed."""
    file = tmp_path / "plan.json"
    assert answer(*PLAN, "--quiet", "--json", file) == ""
    assert answer(*PLAN, "-q", "--json", "-") == file.read_text(encoding="utf-8")


def test_two_processes_agree(tmp_path: Path) -> None:
    """The same command gives the same bytes in two processes, whatever their hash seed."""
    made = [tmp_path / "first.json", tmp_path / "second.json"]
    for number, file in enumerate(made):
        done = process(*PLAN, "--scale", "30", "-q", "--json", file, PYTHONHASHSEED=str(number))
        assert (done.returncode, done.stderr) == (0, b"")
    first, second = (json.loads(file.read_text(encoding="utf-8")) for file in made)
    assert first["placement_md5"] == second["placement_md5"]
    assert first == second


@pytest.mark.slow
def test_two_processes_agree_on_a_week() -> None:
    """A week of 7,319 requests has one placement_md5, at either fidelity."""
    week = ("plan", "small-cloud", "--demand", "demo-week", "--replications", "1", "--json", "-")
    made = [process(*week, "--fidelity", each) for each in ("workflow", "workflow", "capacity")]
    assert len({json.loads(done.stdout)["placement_md5"] for done in made}) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--scale 0", "--scale is 0.0; allowed: more than 0"),
        ("--scale nan", "--scale is nan; allowed: more than 0"),
        ("--growth -100", "--growth is -100.0; allowed: above -100 (% a month)"),
        ("--horizon-days 0", "--horizon-days is 0.0; allowed: more than 0"),
        ("--cpu-overcommit 0.5", "--cpu-overcommit is 0.5; allowed: 1 or more"),
        ("--cpu-overcommit 20000", "--cpu-overcommit is 20000.0; it must be a number from 1 to"),
        ("--replications 0", "--replications is 0; allowed: 1 to 1000"),
        ("--seed -1", "--seed is -1; allowed: a whole number, 0 or more"),
        ("--fidelity fast", "--fidelity is 'fast'; allowed: workflow, capacity"),
        ("--algorithm bestfit", "--algorithm is 'bestfit'; it must be one of random, firstfit"),
        ("--format excel", "--format is 'excel'; allowed: auto, csv, azure-v1"),
        ("--html -", "--html is -; only --json can be printed, name a file"),
        ("--json no/such/plan.json", "--json no/such/plan.json: cannot be written: there is no"),
        ("--json plan --html plan", "--json, --html: give each a file of its own"),
    ],
)
def test_options_are_checked_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, message: str
) -> None:
    """One line with option, value and what is allowed; nothing is written."""
    monkeypatch.chdir(tmp_path)
    told = complaint(*PLAN, *words.split())
    assert told.startswith(message)
    assert "\n" not in told
    assert list(tmp_path.iterdir()) == []


def test_a_report_never_replaces_what_is_read(tmp_path: Path) -> None:
    """A report that is called like the design is refused, and the design is kept."""
    design = tmp_path / "d.yaml"
    text = dataset("designs", "dev-cloud.yaml").read_text(encoding="utf-8")
    design.write_text(text, encoding="utf-8")
    told = complaint("plan", design, "--demand", "first-steps", "--json", design)
    assert told == f"--json {design}: is one of the files that are read; give it another name"
    assert design.read_text(encoding="utf-8") == text


@pytest.mark.parametrize(("option", "package"), [("html", "matplotlib"), ("xlsx", "xlsxwriter")])
def test_a_missing_package_is_told_before_the_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str, package: str
) -> None:
    """The message says which package is missing and which extra installs it."""
    monkeypatch.setitem(sys.modules, package, None)
    told = complaint(*PLAN, f"--{option}", tmp_path / "plan")
    assert told == (
        f"--{option}: this needs {package}, which is not installed: pip install 'cloudlab[plan]'"
    )


def test_no_demand_is_a_mistake_of_typing() -> None:
    """Without --demand there is nothing to plan for, and the usage is shown."""
    result = typed("plan", "small-cloud")
    assert result.exit_code == 2
    assert "Missing option '--demand'" in result.stderr.replace(" / '-d'", "")
