"""The list of the book's rows is whole, and marks that name no row are refused."""

from __future__ import annotations

import pytest

from tests.support.book import CHECKLIST, Book, problems, read_chapters, read_statements

KNOWN = frozenset(row for chapter in read_chapters() for row in chapter.rows)


def test_the_list_has_every_row() -> None:
    """Nine chapters hold 528 rows, each numbered once."""
    chapters = read_chapters()
    assert [chapter.number for chapter in chapters] == list(range(1, 10))
    assert sum(len(chapter.rows) for chapter in chapters) == len(KNOWN) == 528
    assert {"1.01", "1.113", "9.50"} <= KNOWN


def test_the_list_is_that_of_the_checklist() -> None:
    """Where the checklist is at hand, its rows are exactly those of the list."""
    if not CHECKLIST.is_file():
        pytest.skip(f"no checklist at {CHECKLIST}")
    assert set(read_statements()) == KNOWN


def test_a_line_that_is_no_range_is_refused(tmp_path) -> None:
    """A misspelt line of the list stops the run and shows how a line should look."""
    file = tmp_path / "rows.txt"
    file.write_text("1.01 - 2.05  Two chapters at once\n")
    with pytest.raises(ValueError, match=r"expected '1\.01 - 1\.113  Title'"):
        read_chapters(file)


def test_marks_must_name_rows() -> None:
    """A mark without a row, or with one that is not in the list, is a problem; others are not."""
    claims = [("a", ("1.13",)), ("b", ()), ("c", ("1.13", "1.999"))]
    assert list(problems(claims, KNOWN)) == [
        "b: a book mark without a row; write book('1.13')",
        "c: there is no row '1.999' in docs/book-rows.txt",
    ]


@pytest.mark.parametrize(
    ("outcomes", "held"),
    [
        ({}, False),
        ({"a": "skipped"}, False),
        ({"a": "passed"}, True),
        ({"a": "passed", "b": "skipped"}, True),
        ({"a": "passed", "b": "failed"}, False),
    ],
)
def test_a_row_holds_when_a_test_passed_and_none_failed(outcomes, held: bool) -> None:
    """A mark alone holds nothing: what counts is what became of the tests."""
    book = Book(report=False)
    book.outcomes["1.13"].update(outcomes)
    assert book.held("1.13") is held
