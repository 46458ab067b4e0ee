"""Markup: everything that is no markup is escaped, in texts and in attributes."""

from __future__ import annotations

import pytest

from cloudlab.views.markup import Markup, join, tag
from tests.views.parse import NASTY, is_harmless, read_svg


def test_a_text_is_escaped() -> None:
    """A text inside an element becomes text again when read, whatever is in it."""
    element = read_svg(tag("text", 'a <b> & "c"'))
    assert element.text == 'a <b> & "c"'
    assert len(element) == 0


def test_an_attribute_is_escaped() -> None:
    """A quote cannot end an attribute."""
    element = read_svg(tag("g", aria_label='x" onload="boom()'))
    assert element.attrib == {"aria-label": 'x" onload="boom()'}


def test_markup_inside_stays_markup() -> None:
    """An element in an element is not escaped, and neither are joined ones."""
    assert join([tag("b", "x"), " & ", tag("i", 1)]) == "<b>x</b> &amp; <i>1</i>"


def test_characters_that_xml_forbids_are_replaced() -> None:
    """A name with control characters still gives a picture that can be read."""
    assert read_svg(tag("text", "a\x00b\x1bc")).text == "a\ufffdb\ufffdc"


@pytest.mark.parametrize(
    ("key", "written"), [("class_", "class"), ("data_id", "data-id"), ("viewBox", "viewBox")]
)
def test_attribute_names(key: str, written: str) -> None:
    """Underscores become dashes, a trailing one goes, capitals stay."""
    assert tag("g", **{key: 3}) == f'<g {written}="3"></g>'


def test_nothing_for_no_value() -> None:
    """An attribute that is None is left out."""
    assert tag("g", class_=None) == "<g></g>"


def test_numbers_are_short() -> None:
    """Pictures do not carry more than two decimals."""
    assert tag("rect", x=1.0, y=2.3456, z=-0.5) == '<rect x="1" y="2.35" z="-0.5"></rect>'


def test_html_void_elements_have_no_end() -> None:
    """An input or line break is not closed."""
    assert tag("input", type="search") == '<input type="search">'


def test_a_notebook_shows_it() -> None:
    """The last line of a cell that is markup is shown as such."""
    assert Markup("<b>x</b>")._repr_html_() == "<b>x</b>"


def test_a_nasty_name_runs_nothing() -> None:
    """Neither as text nor as attribute does a name become an element or a handler."""
    assert is_harmless(tag("g", NASTY, aria_label=NASTY, title=NASTY))
