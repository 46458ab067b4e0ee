"""The what-if panel: turn a knob, read an estimate at once, have it confirmed by simulation."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

import ipywidgets

from cloudlab.engine.background import Background, background, mutex
from cloudlab.errors import Cancelled, CloudError, NotFound
from cloudlab.views import Figures, Knob, Study
from cloudlab.views.markup import Markup, join, tag
from cloudlab.widgets.comparison import comparison_table
from cloudlab.widgets.static import Static, framed

if TYPE_CHECKING:
    from collections.abc import Mapping

Runner = Callable[[Callable[[Callable[[], bool]], None]], Background[None]]
"""Begins work that asks now and then whether to stop; `background` does so in a thread."""


class WhatIfPanel(Static, ipywidgets.VBox):  # type: ignore[misc]
    """Sliders, an estimate that follows them, and a simulation that confirms it.

    The simulation runs in a thread, so that Cancel works; it answers for the knobs as they
    stood when it began, and fades once they are turned.

    Attributes:
        sliders: By the name of their knob.
        estimate: The answer for the knobs as they stand; `None` if there is none.
        confirmed: The last answer of the simulation; `None` before the first.
        message: What happens, in words.
    """

    def __init__(self, study: Study, *, runner: Runner = background) -> None:
        """Show the estimate for the knobs as the study sets them.

        Args:
            study: What answers.
            runner: What begins a simulation.
        """
        self.study = study
        self.estimate: Figures | None = None
        self.confirmed: Figures | None = None
        self.work: Background[None] | None = None
        self._confirmed_for: dict[str, float] = {}
        self._is_busy = False
        self._runner = runner
        self._guard = mutex()
        self.sliders = {knob.name: _slider(knob) for knob in study.knobs}
        self.confirm_button = ipywidgets.Button(
            description="Confirm by simulation",
            button_style="primary",
            layout=ipywidgets.Layout(width="auto"),
        )
        self.cancel_button = ipywidgets.Button(description="Cancel", disabled=True)
        self.progress = ipywidgets.FloatProgress(min=0.0, max=1.0)
        self.message = ipywidgets.Label()
        self.answer = ipywidgets.HTML()
        buttons = [self.confirm_button, self.cancel_button, self.progress, self.message]
        parts = [*self.sliders.values(), ipywidgets.HBox(buttons), self.answer]
        super().__init__(parts)
        for slider in self.sliders.values():
            slider.observe(self._on_knob, "value")
        self.confirm_button.on_click(self._on_confirm)
        self.cancel_button.on_click(self._on_cancel)
        self.refresh()

    @property
    def knobs(self) -> dict[str, float]:
        """How the knobs stand; a browser sends 7 back as 6.999999999999999."""
        return {
            knob.name: _on_step(knob, float(self.sliders[knob.name].value))
            for knob in self.study.knobs
        }

    @property
    def is_busy(self) -> bool:
        """Whether a simulation is under way."""
        return self._is_busy

    @property
    def is_stale(self) -> bool:
        """Whether the simulation answered for other knobs than those that are shown."""
        return self.confirmed is not None and self._confirmed_for != self.knobs

    def turn(self, name: str, value: float) -> None:
        """Turn a knob, as moving its slider does.

        Raises:
            NotFound: there is no such knob.
        """
        if name not in self.sliders:
            raise NotFound(f"there is no knob {name!r}; there are: {', '.join(self.sliders)}")
        self.sliders[name].value = value

    def refresh(self) -> None:
        """Estimate anew for the knobs as they stand."""
        with self._guard:
            began = perf_counter()
            try:
                self.estimate = self.study.estimate(self.knobs)
            except CloudError as refusal:
                self.estimate = None
                self.message.value = str(refusal)
            else:
                took = perf_counter() - began
                if not self._is_busy:
                    self.message.value = f"estimated in {took * 1000:.0f} ms"
            self._draw()

    def confirm(self) -> None:
        """Begin to simulate the knobs as they stand; while one is under way, do nothing."""
        with self._guard:
            if self._is_busy:
                return
            self._show_busy("simulating", busy=True)
            self.work = self._runner(partial(self._simulate, self.knobs))

    def cancel(self) -> None:
        """Ask the simulation to stop; what it knows by then is shown."""
        with self._guard:
            if self._is_busy and self.work is not None:
                self.work.stop()
                self.message.value = "stopping"

    def to_html(self) -> Markup:
        """Return the knobs and both answers as HTML."""
        settings = (
            tag("tr", tag("th", knob.label), tag("td", f"{self.knobs[knob.name]:g} {knob.unit}"))
            for knob in self.study.knobs
        )
        return framed(join([tag("table", *settings), Markup(self._answer)]))

    # --- what the front end calls --------------------------------------------------------

    def _on_knob(self, _change: dict[str, object]) -> None:
        self.refresh()

    def _on_confirm(self, _button: object) -> None:
        self.confirm()

    def _on_cancel(self, _button: object) -> None:
        self.cancel()

    # --- the simulation, in its thread ---------------------------------------------------

    def _simulate(self, knobs: Mapping[str, float], stop: Callable[[], bool]) -> None:
        try:
            figures = self.study.confirm(dict(knobs), self._on_progress, stop)
        except Cancelled:
            self._end("cancelled")
        except CloudError as refusal:
            self._end(str(refusal))
        except Exception as defect:
            self._end(f"the simulation failed: {defect!r}")
            raise
        else:
            with self._guard:
                self.confirmed, self._confirmed_for = figures, dict(knobs)
                self._end("confirmed by simulation")

    def _on_progress(self, share: float, doing: str = "") -> None:
        with self._guard:
            self.progress.value = min(max(share, 0.0), 1.0)
            stopping = self.work is not None and self.work.stopping
            if doing and not stopping:
                self.message.value = doing

    def _end(self, words: str) -> None:
        with self._guard:
            self._show_busy(words, busy=False)
            self._draw()

    # --- what is shown ---------------------------------------------------------------------

    def _show_busy(self, words: str, *, busy: bool) -> None:
        self._is_busy = busy
        self.confirm_button.disabled = busy
        self.cancel_button.disabled = not busy
        self.progress.value = 0.0 if busy else 1.0
        self.message.value = words

    def _draw(self) -> None:
        self._answer = self._drawn()
        self.answer.value = framed(self._answer)

    def _drawn(self) -> Markup:
        if self.estimate is None:
            return tag("p", "no estimate for these settings")
        parts = [comparison_table(self.estimate, self.confirmed, stale=self.is_stale)]
        if self.is_stale:
            words = "The simulation answered for other settings; confirm again for these."
            parts.append(tag("p", words, class_="faint"))
        return tag("div", *parts)


def _on_step(knob: Knob, value: float) -> float:
    """Return the step of `knob` that is nearest to `value`."""
    return round(knob.low + round((value - knob.low) / knob.step) * knob.step, 9)


def _slider(knob: Knob) -> ipywidgets.FloatSlider:
    label = f"{knob.label} ({knob.unit})" if knob.unit else knob.label
    return ipywidgets.FloatSlider(
        value=knob.value,
        min=knob.low,
        max=knob.high,
        step=knob.step,
        description=label,
        readout_format=".0f" if knob.step == int(knob.step) else ".2f",
        style={"description_width": "210px"},
        layout=ipywidgets.Layout(width="560px"),
    )
