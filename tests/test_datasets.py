"""The shipped data sets are found by name, and a wrong name is answered with the right ones."""

from __future__ import annotations

import pytest

from cloudlab.datasets import dataset
from cloudlab.errors import NotFound


def test_a_shipped_file_is_found() -> None:
    """The path leads to the file, and without a name to the folder of all data sets."""
    design = dataset("designs", "small-cloud.yaml")
    assert design.is_file()
    assert design.parents[1] == dataset()


def test_a_wrong_name_lists_what_is_there() -> None:
    """The message names what was asked for and what lies in the same folder."""
    with pytest.raises(NotFound, match=r"no data set 'designs/smal.yaml' .*small-cloud\.yaml"):
        dataset("designs", "smal.yaml")


def test_a_wrong_folder_is_said_to_be_missing() -> None:
    """Where even the folder does not exist the message says so."""
    with pytest.raises(NotFound, match=r"there is no folder .*nowhere"):
        dataset("nowhere", "at", "all.yaml")
