"""What every widget owes: a live face, a static one, no pyplot, no clash with Jupyter's names."""

from __future__ import annotations

import ast
from importlib.resources import files
from pathlib import Path

import anywidget
import ipywidgets
import pytest

import cloudlab.widgets
from cloudlab.widgets import (
    CapacityWidget,
    TimelineWidget,
    TopologyWidget,
    VmTable,
    WhatIfPanel,
    render,
)
from cloudlab.widgets.surface import Surface
from tests.views.build import small_site
from tests.views.parse import is_harmless, read_html
from tests.widgets.fakes import Sums

WIDGET = "application/vnd.jupyter.widget-view+json"
SOURCES = sorted(Path(cloudlab.widgets.__file__).parent.glob("*.py"))


def make(kind: type):
    """Return a widget of this kind."""
    return kind(Sums()) if kind is WhatIfPanel else kind(small_site().cloud)


KINDS = pytest.mark.parametrize(
    "kind", [TopologyWidget, CapacityWidget, VmTable, TimelineWidget, WhatIfPanel]
)


@KINDS
def test_a_cell_shows_it_with_a_static_face_beside(kind: type) -> None:
    """The bundle has the live widget, and HTML for viewers without a kernel."""
    data, metadata = make(kind)._repr_mimebundle_()
    assert set(data) == {"text/plain", WIDGET, "text/html"}
    assert data[WIDGET]["model_id"]
    assert is_harmless(data["text/html"])
    assert isinstance(metadata, dict)


@KINDS
def test_the_static_face_needs_nothing_from_outside(kind: type) -> None:
    """No script, no link and no address of another machine: it opens offline."""
    page = render(make(kind))
    tags, text = read_html(page)
    assert is_harmless(page)
    assert not {"link", "script", "iframe"} & {tag for tag, _ in tags}
    assert "http" not in page.replace("http://www.w3.org/2000/svg", "")
    assert text.strip()


@KINDS
def test_names_do_not_clash_with_jupyters(kind: type) -> None:
    """No method or attribute of ours hides one of the widget it is built on (`layout`, `open`)."""
    base = anywidget.AnyWidget if issubclass(kind, Surface) else ipywidgets.VBox
    widget = make(kind)
    own = {
        name
        for each in kind.__mro__
        if each.__module__.startswith("cloudlab")
        for name in vars(each)
    }
    own |= set(vars(widget)) - set(vars(base()))
    clashes = {name for name in own if hasattr(base, name) and not name.startswith("_")}
    assert clashes == set()


def test_render_takes_several() -> None:
    """A report may show several widgets one after the other."""
    site = small_site()
    page = render(VmTable(site.cloud), CapacityWidget(site.cloud))
    assert page.count("is-static") >= 2
    assert page._repr_html_() is page


@pytest.mark.parametrize("file", SOURCES, ids=lambda file: file.stem)
def test_no_pyplot(file: Path) -> None:
    """Callbacks may arrive on threads that pyplot does not survive: nothing imports it."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    ]
    modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not any("pyplot" in name or "pylab" in name for name in [*names, *modules])


def test_the_front_end_is_our_own_and_small() -> None:
    """One module without imports: nothing is fetched, nothing heavy is saved in notebooks."""
    source = files("cloudlab.widgets").joinpath("surface.js").read_text(encoding="utf-8")
    assert "import " not in source
    assert "http" not in source
    assert len(source) < 8_000
    assert source.rstrip().endswith("export default { render };")


def test_what_the_front_end_sends_is_what_python_hears() -> None:
    """Every action that a button or field can send is an action that its widget answers."""
    for widget in (
        TopologyWidget(small_site(vms=30).cloud),
        VmTable(small_site().cloud, page_size=2),
    ):
        widget.select("vm" if isinstance(widget, VmTable) else "host", 1)
        heard = Path(files("cloudlab.widgets").joinpath("surface.js")).parent
        source = (heard / f"{type(widget).__module__.rsplit('.', 1)[1]}.py").read_text()
        tags, _ = read_html(widget.html + widget.panel)
        actions = {found["data-action"] for _, found in tags if found.get("data-action")}
        assert actions
        assert all(f'action == "{action}"' in source for action in actions)
