"""The shipped design of a mini data centre is the one that is written where one comes up."""

from __future__ import annotations

import yaml

from cloudlab.datasets import dataset
from cloudlab.design import Design, read_design
from drivers.minidc.inventory import inventory
from drivers.minidc.layout import Layout
from drivers.world.minidc_lab import design_document


def test_the_shipped_design_is_the_one_of_a_mini_data_centre() -> None:
    """Of two hosts in the usual place: the same document, so names and limits are the same."""
    shipped = dataset("designs", "mini-dc.yaml")
    written = design_document(inventory(Layout(), ("h1", "h2")))
    assert yaml.safe_load(shipped.read_text(encoding="utf-8")) == written
    assert read_design(shipped) == Design.checked(written)
