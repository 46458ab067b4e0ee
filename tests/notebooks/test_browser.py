"""The widgets in a real JupyterLab: a slider moved and a host clicked change what is shown."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.notebooks.jupyter import Jupyter, jupyter_lab
from tests.notebooks.waiting import PATIENCE, wait_for
from tests.support.places import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.notebooks.chromium import Page

NOTEBOOK: Final = ROOT / "tests" / "notebooks" / "browser.ipynb"
PHOTOGRAPH: Final = ROOT / "out" / "browser-test-failed.png"

HOST: Final = '.cloudlab-html g[data-kind="host"][data-id="7"]'
DETAILS: Final = ".cloudlab-panel"
GROWTH: Final = ".widget-slider .noUi-handle"
ANSWER: Final = ".jp-OutputArea .widget-html table"
CONFIRM: Final = ".jupyter-button.mod-primary"


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[Jupyter]:
    """A JupyterLab over a folder that holds a copy of the notebook."""
    notebooks = tmp_path / "notebooks"
    notebooks.mkdir()
    shutil.copy(NOTEBOOK, notebooks)
    with jupyter_lab(notebooks, tmp_path) as running:
        yield running


@contextmanager
def opened(jupyter: Jupyter, scratch: Path) -> Iterator[Page]:
    """Yield the notebook in a browser, every cell run; if anything fails, keep a picture of it."""
    from tests.notebooks.chromium import chromium  # loads selenium, which the lane asks for

    with chromium(scratch) as page:
        try:
            page.open(jupyter.page(NOTEBOOK.name))
            page.wait_until_there(".jp-Notebook")
            wait_for(jupyter.has_kernel, PATIENCE, "the page to connect to a kernel")
            page.wait_until_there('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
            page.click_word(".lm-MenuBar-item", "Run")
            page.click('.lm-Menu-item[data-command="runmenu:run-all"]')
            page.wait_for(ANSWER, "clusters that survive")
            yield page
        except BaseException:
            page.photograph(PHOTOGRAPH)
            raise


def cpu_of(answer: str) -> str:
    """Return the line about CPU: estimate, simulation, difference and note."""
    return next(line for line in answer.splitlines() if line.startswith("CPU allocated at peak"))


@pytest.mark.browser
def test_a_slider_and_a_host_answer_in_jupyterlab(jupyter: Jupyter, tmp_path: Path) -> None:
    """Moving a slider changes the figures, a simulation confirms them, a click shows a host."""
    with opened(jupyter, tmp_path) as page:
        at_first = page.wait_for(ANSWER, "at 5 % growth a month")
        page.press_right(GROWTH, times=4)
        turned = page.wait_for(ANSWER, "at 7 % growth a month")
        assert cpu_of(turned) != cpu_of(at_first)

        page.click(CONFIRM)
        confirmed = page.wait_until_gone(ANSWER, "not yet")
        assert cpu_of(confirmed).count("% of usable") == 2

        assert page.text(DETAILS) == ""
        page.click(f"{HOST} > text")
        shown = page.wait_for(DETAILS, "host c2-h002")
        assert "in zone z1 > pod p1 > cluster c2" in shown
