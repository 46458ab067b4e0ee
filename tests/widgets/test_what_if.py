"""The what-if panel: an estimate that follows the knobs, a simulation that confirms it."""

from __future__ import annotations

import pytest

from cloudlab.errors import Cancelled, NotFound
from cloudlab.views import Figure, Figures
from cloudlab.widgets import WhatIfPanel
from cloudlab.widgets.comparison import compare
from tests.views.parse import is_harmless, read_html
from tests.widgets.fakes import PATIENCE, Sums, at_once


def shown(panel: WhatIfPanel) -> str:
    """Return the text of the panel's answer."""
    return read_html(panel.answer.value)[1]


def test_the_first_estimate_is_there_at_once() -> None:
    """A new panel shows the estimate for the knobs as the study sets them."""
    study = Sums()
    panel = WhatIfPanel(study)
    assert study.estimates == [
        {"growth": 5.0, "cpu_overcommit": 2.0, "ram_overcommit": 1.0, "hosts_per_cluster": 10.0}
    ]
    assert "1,050" in shown(panel)
    assert "never" in shown(panel)
    assert "not yet" in shown(panel)
    assert panel.message.value.startswith("estimated in")


def test_a_moved_slider_changes_the_text_within_its_callback() -> None:
    """One move is one estimate and no simulation; the text is new when the move returns."""
    study = Sums()
    panel = WhatIfPanel(study)
    panel.sliders["growth"].value = 12.0
    assert "1,120" in shown(panel)
    panel.turn("cpu_overcommit", 4.0)
    assert "40 % of usable" in shown(panel)
    assert len(study.estimates) == 3
    assert study.confirmations == []


def test_an_unknown_knob() -> None:
    """The refusal lists the knobs there are."""
    with pytest.raises(NotFound, match="no knob 'x'; there are: growth, cpu_overcommit"):
        WhatIfPanel(Sums()).turn("x", 1)


def test_a_refused_estimate_is_said_not_raised() -> None:
    """Settings that cannot be answered leave a sentence; the next ones are answered again."""
    panel = WhatIfPanel(Sums())
    panel.turn("hosts_per_cluster", 1)
    assert panel.message.value == "one host survives no failure; allowed: 2 or more"
    assert "no estimate" in shown(panel)
    panel.turn("hosts_per_cluster", 5)
    assert "1,050" in shown(panel)


def test_both_answers_stand_beside_each_other_with_their_difference() -> None:
    """After a confirmation each line has estimate, simulation and the gap."""
    panel = WhatIfPanel(Sums(), runner=at_once)
    panel.confirm_button.click()
    first, second, third = compare(panel.estimate, panel.confirmed)
    assert (first.estimate.value, first.confirmed.value) == (1050, 1150)
    assert first.difference == "+100 (+9.5%)"
    assert second.difference == "+8 points of usable"
    assert third.difference == "none"
    assert third.note == "at this growth"
    assert "+100 (+9.5%)" in shown(panel)
    assert panel.message.value == "confirmed by simulation"
    assert panel.answer.value.count("<svg") == 2


def test_the_simulation_fades_when_the_knobs_move_on() -> None:
    """A confirmation is for the knobs as they stood; turned back, it counts again."""
    panel = WhatIfPanel(Sums(), runner=at_once)
    panel.confirm()
    assert not panel.is_stale
    panel.turn("growth", 9)
    assert panel.is_stale
    assert "answered for other settings" in shown(panel)
    assert 'class="number stale"' in panel.answer.value
    panel.turn("growth", 5)
    assert not panel.is_stale


def test_a_simulation_runs_beside_and_the_estimate_goes_on() -> None:
    """While a thread simulates, sliders still answer and a second run is not begun."""
    study = Sums()
    study.go.clear()
    panel = WhatIfPanel(study)
    panel.confirm_button.click()
    assert study.begun.wait(PATIENCE)
    assert panel.is_busy
    assert (panel.confirm_button.disabled, panel.cancel_button.disabled) == (True, False)
    panel.turn("growth", 20)
    assert "1,200" in shown(panel)
    panel.confirm()
    study.go.set()
    assert panel.work.wait(PATIENCE)
    assert [knobs["growth"] for knobs in study.confirmations] == [5.0]
    assert panel.is_stale
    assert (panel.confirm_button.disabled, panel.cancel_button.disabled) == (False, True)


def test_cancel_keeps_what_is_known() -> None:
    """Cancel asks the thread to stop; its partial figures are shown with their note."""
    study = Sums()
    study.go.clear()
    panel = WhatIfPanel(study)
    panel.confirm()
    assert study.begun.wait(PATIENCE)
    panel.cancel_button.click()
    assert panel.message.value == "stopping"
    study.go.set()
    assert panel.work.wait(PATIENCE)
    assert not panel.is_busy
    assert "stopped after 0 of 10" in shown(panel)


def test_cancel_without_a_simulation_does_nothing() -> None:
    """Nothing runs, nothing stops."""
    panel = WhatIfPanel(Sums())
    before = panel.message.value
    panel.cancel()
    assert panel.message.value == before


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Cancelled("stopped"), "cancelled"),
        (NotFound("there is no design"), "there is no design"),
        (ZeroDivisionError("oh"), "the simulation failed: ZeroDivisionError('oh')"),
    ],
)
def test_a_simulation_that_fails_says_so(error: Exception, words: str) -> None:
    """The panel is ready again, the message says why, and a defect is kept for whoever looks."""
    study = Sums()
    study.error = error
    panel = WhatIfPanel(study, runner=at_once)
    panel.confirm()
    assert panel.message.value == words
    assert not panel.is_busy
    assert panel.confirmed is None
    assert (panel.work.error is error) == isinstance(error, ZeroDivisionError)


def test_progress_is_shown() -> None:
    """The bar and the words follow the study."""
    study = Sums()
    panel = WhatIfPanel(study, runner=at_once)
    seen: list[tuple[float, str]] = []
    panel.progress.observe(lambda change: seen.append((change["new"], "bar")), "value")
    panel.message.observe(lambda change: seen.append((0, change["new"])), "value")
    panel.confirm()
    assert (0.5, "bar") in seen
    assert (0, "day 5") in seen


def test_figures_of_only_one_answer_are_shown_too() -> None:
    """What the simulation alone knows comes last, what it does not know says so."""
    lines = compare(Figures((Figure("a", 1.0), Figure("b", None))), Figures((Figure("c", 2.0),)))
    assert [line.label for line in lines] == ["a", "b", "c"]
    assert [line.difference for line in lines] == ["", "", ""]


@pytest.mark.parametrize(
    ("first", "second", "unit", "words"),
    [
        (10.0, 8.0, "hosts", "−2 hosts (-20.0%)"),
        (0.0, 3.0, "VMs", "+3 VMs"),
        (60.0, 62.5, "%", "+2.5 points"),
        (float("inf"), 30.0, "days", "one of them never"),
        (None, 30.0, "days", ""),
    ],
)
def test_differences_as_people_read_them(
    first: float | None, second: float, unit: str, words: str
) -> None:
    """Each difference has sign, unit and share; percentages differ by points."""
    (line,) = compare(Figures((Figure("x", first, unit),)), Figures((Figure("x", second, unit),)))
    assert line.difference == words


def test_html_has_the_knobs_and_both_answers() -> None:
    """For a report: how the knobs stood, and the table."""
    panel = WhatIfPanel(Sums(), runner=at_once)
    panel.confirm()
    page = panel.to_html()
    text = read_html(page)[1]
    assert is_harmless(page)
    assert "Growth" in text
    assert "5 % a month" in text
    assert "1,150" in text
