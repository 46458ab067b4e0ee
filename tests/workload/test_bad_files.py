"""A bad file gets one clear message: where, what, what is allowed, and what to do."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cloudlab.errors import InputError, InvalidParameter
from simulator.workload import Demand, read_demand

HEADER = "id,arrival_s,lifetime_s,vcpu,ram_mb"
GOOD = f"{HEADER}\na,0,60,1,1024\nb,10,60,2,2048\nc,20,60,4,4096\n"
LONG = f"{HEADER},disk_gb,tenant,cpu_mhz\na,0,60,1,1024,20,shop,2000\n"
AZURE = (
    "arrival_s,batch,vcpus,mem_gb,duration_bin,duration_min_s,duration_max_s,censored\n"
    "300,0,1,1.75,1,300,600,0\n600,1,2,3.5,0,0,300,1\n"
)


def cell(line: int, column: str, text: str) -> str:
    """Return the good file with another text in one cell; the header is line 1."""
    lines = [row.split(",") for row in GOOD.splitlines()]
    lines[line - 1][lines[0].index(column)] = text
    return "\n".join(map(",".join, lines))


BAD_CELLS = [
    (3, "arrival_s", "soon", "is 'soon', which is no number"),
    (3, "arrival_s", "nan", "is 'nan', which is no number"),
    (3, "arrival_s", "", "is empty, but must not be; allowed: seconds since time 0, 0 to"),
    (3, "arrival_s", "-1", "is '-1', which is negative; allowed: seconds since time 0, 0 to"),
    (3, "arrival_s", "inf", "is 'inf', which is too large"),
    (4, "arrival_s", "5", "is '5', which is earlier than line 3 above it; put the lines in order"),
    (4, "arrival_s", "5", "or say sort=True (--sort)"),
    (2, "lifetime_s", "0", "is '0', which is too small; allowed: seconds, 0.001 or more; empty"),
    (2, "lifetime_s", "-60", "is '-60', which is negative"),
    (2, "lifetime_s", "NaN", "is 'NaN', which is no number"),
    (2, "lifetime_s", "1_000", "is '1_000', which is no number"),
    (2, "lifetime_s", "60s", "is '60s', which is no number; write one with a decimal point"),
    (4, "vcpu", "0", "is '0', which is too small; allowed: whole numbers, 1 to 65536"),
    (4, "vcpu", "2.5", "is '2.5', which is not whole"),
    (4, "vcpu", "70000", "is '70000', which is too large"),
    (4, "vcpu", "", "is empty"),
    (2, "ram_mb", "1024.5", "is '1024.5', which is not whole; allowed: whole MiB, 1 to 2^40"),
    (2, "ram_mb", "-1024", "is '-1024', which is negative"),
    (4, "id", "b", "is 'b', like line 3; give every request a name of its own"),
    (4, "id", " ", "is empty, but must not be; name every request"),
]


@pytest.fixture
def refusal(tmp_path: Path):
    """A function that reads contents as a file and returns the message of its refusal."""

    def reader(contents: str | bytes, name: str = "demand.csv", **how: object) -> str:
        path = tmp_path / name
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)
        with pytest.raises(InputError) as error:
            read_demand(path, **how)
        message = str(error.value)
        assert message.startswith(str(path)), "the message opens with the file"
        assert "\n" not in message, "the message is one line"
        return message

    return reader


@pytest.mark.parametrize(("line", "column", "text", "message"), BAD_CELLS)
def test_a_bad_cell_is_shown_with_line_and_column(
    refusal, line: int, column: str, text: str, message: str
) -> None:
    """The message names line and column, shows the cell, and says what is allowed."""
    told = refusal(cell(line, column, text))
    assert f", line {line}, column {column}: {message}" in told or message in told
    assert f", line {line}, column {column}: is " in told


@pytest.mark.parametrize(
    ("column", "text", "message"),
    [
        (
            "disk_gb",
            "-1",
            "is '-1', which is negative; allowed: GiB, 0 or more; empty if not given",
        ),
        ("disk_gb", "inf", "is 'inf', which is too large"),
        ("cpu_mhz", "2000.5", "is '2000.5', which is not whole; allowed: whole MHz"),
        ("cpu_mhz", "-2", "is '-2', which is negative"),
    ],
)
def test_optional_columns_are_checked_too(refusal, column: str, text: str, message: str) -> None:
    """A disk or speed that is given must make sense."""
    lines = [row.split(",") for row in LONG.splitlines()]
    lines[1][lines[0].index(column)] = text
    assert f"line 2, column {column}: {message}" in refusal("\n".join(map(",".join, lines)))


def test_lines_are_counted_as_an_editor_does(refusal) -> None:
    """Empty lines, and cells of more than one line, count where they stand."""
    text = GOOD.replace("a,0", '\n\n"a\nb",0').replace("b,10", "b,-10")
    assert "line 6, column arrival_s: is '-10'" in refusal(text)
    assert "line 4, column vcpu" in refusal("\n" + cell(3, "vcpu", "0"))


BAD_HEADERS = [
    (GOOD.replace("vcpu", "cores"), "has no column vcpu; the first line must name at least id,arr"),
    (GOOD.replace(HEADER + "\n", ""), "has no column id, arrival_s, lifetime_s, vcpu, ram_mb"),
    (GOOD.replace("vcpu", "vcpus"), "column 'vcpus' looks like 'vcpu' misspelt; rename it"),
    (GOOD.replace("ram_mb", "ram_gb"), "column 'ram_gb' looks like 'ram_mb' misspelt"),
    (GOOD.replace("vcpu", "VCPU"), "column 'VCPU' looks like 'vcpu' misspelt"),
    (LONG.replace("tenant", "tenants"), "column 'tenants' looks like 'tenant' misspelt"),
    (LONG.replace("tenant", "vcpu"), "two columns are 'vcpu'; name each column once"),
    (LONG.replace("disk_gb,tenant", ","), "two columns are without a name"),
    (GOOD.replace(",", ";"), "has its columns parted by semicolons; part them by commas"),
    (GOOD.replace(",", "\t"), "has its columns parted by tabs"),
    ('"id,arrival_s\n', "line 1: is not a header of column names"),
]


@pytest.mark.parametrize(("text", "message"), BAD_HEADERS)
def test_a_bad_header_is_refused(refusal, text: str, message: str) -> None:
    """Missing, misspelt and repeated columns, and other separators, are told apart."""
    assert message in refusal(text)


def test_rows_of_another_width_are_refused(refusal) -> None:
    """A line with a cell too few or too many is named with both counts."""
    assert "line 3: has 4 cells where the header names 5 columns" in refusal(
        GOOD.replace("b,10,60", "b,10")
    )
    assert "line 3: has 6 cells" in refusal(GOOD.replace("b,10", "b,10,10"))
    assert "line 4: is not CSV" in refusal(GOOD.replace("c,20", '"c,20'))


PACKED = gzip.compress(GOOD.encode() * 50, mtime=0)
BAD_BYTES = [
    (b"", "demand.csv", "is empty; the first line must name the columns"),
    (b" \n\n", "demand.csv", "is empty"),
    (HEADER.encode(), "demand.csv", "has a header but no requests below it"),
    (HEADER.encode() + b"\n\n", "demand.csv", "has a header but no requests below it"),
    (b"", "demand.csv.gz", "is empty"),
    (gzip.compress(b"", mtime=0), "demand.csv.gz", "is empty"),
    (GOOD.encode(), "demand.csv.gz", "is called .gz but is not a gzip file"),
    (PACKED[:-9], "demand.csv.gz", "the gzip file is cut off; copy or make it again"),
    (PACKED[:40], "demand.csv.gz", "the gzip file is cut off"),
    (PACKED[:3], "demand.csv.gz", "the gzip file is cut off"),
    (PACKED[:30] + b"\0" * 20 + PACKED[50:], "demand.csv.gz", "the gzip file is damaged"),
    (PACKED[:-8] + b"\0" * 8, "demand.csv.gz", "the gzip file is damaged"),
    (b"PK\x03\x04" + b"x" * 50, "demand.csv", "is a zip archive or a spreadsheet; save it as CSV"),
    (b"\xfd7zXZ\0", "demand.csv", "is compressed by xz"),
    (GOOD.encode("utf-16"), "demand.csv", "is text in UTF-16"),
    (GOOD.encode("utf-16-le"), "demand.csv", "line 1: holds a zero byte"),
    (GOOD.replace("b,", "\xe4,").encode("latin-1"), "demand.csv", "line 3: is not text in UTF-8"),
]


@pytest.mark.parametrize(("contents", "name", "message"), BAD_BYTES)
def test_what_is_no_csv_text_is_refused(refusal, contents: bytes, name: str, message: str) -> None:
    """Empty, cut off, damaged and foreign files are told apart."""
    assert message in refusal(contents, name)


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    """A missing file and a folder give a message too, not a traceback."""
    with pytest.raises(InputError, match=r"nowhere\.csv: cannot be read: No such file"):
        read_demand(tmp_path / "nowhere.csv")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_demand(tmp_path)


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"format": "xml"}, "format is 'xml'; allowed: auto, csv, azure-v1"),
        ({"units": "maybe"}, "units is 'maybe'; allowed: questioned, as-written"),
        ({"time_unit": "weeks"}, "time_unit is 'weeks'; allowed: us, ms, s, min, h"),
        ({"ram_unit": "MB"}, "ram_unit is 'MB'; allowed: bytes, kib, mib, gib"),
        ({"seed": -1}, "seed is -1; allowed"),
    ],
)
def test_a_wrong_argument_lists_the_right_ones(tmp_path: Path, how: dict, message: str) -> None:
    """Choices and seeds are refused before the file is opened."""
    with pytest.raises(InvalidParameter) as refusal:
        read_demand(tmp_path / "unread.csv", **how)
    assert message in str(refusal.value)


def outcome(path: Path) -> str:
    """Read a file and return "read" or the message of its refusal; let other errors through."""
    try:
        assert isinstance(read_demand(path), Demand)
    except InputError as error:
        return str(error)
    return "read"


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from([GOOD, LONG, AZURE]),
    cuts=st.lists(
        st.tuples(
            st.integers(0, 200),
            st.integers(0, 6),
            st.text(st.sampled_from('0123456789.,-+eEnaif_ \n\r";\0é#')),
        ),
        max_size=4,
    ),
)
@example(source=GOOD, cuts=[(0, 200, "")])
def test_any_damage_gives_a_demand_or_one_clear_error(
    tmp_path: Path, source: str, cuts: list[tuple[int, int, str]]
) -> None:
    """Whatever is cut out of or put into a file, only `InputError` ever comes back."""
    for place, length, text in cuts:
        source = source[:place] + text + source[place + length :]
    path = tmp_path / "damaged.csv"
    path.write_text(source, encoding="utf-8", newline="")
    assert outcome(path) == "read" or outcome(path).startswith(str(path))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 2**32))
def test_any_damage_to_a_gzip_file_gives_a_demand_or_one_clear_error(
    tmp_path: Path, seed: int
) -> None:
    """Flipped bytes and lost tails of a compressed file are errors of the file, no others."""
    chance = random.Random(seed)
    packed = bytearray(gzip.compress(GOOD.encode(), mtime=0))
    for _ in range(3):
        packed[chance.randrange(len(packed))] = chance.randrange(256)
    path = tmp_path / "damaged.csv.gz"
    path.write_bytes(packed[: chance.randrange(len(packed) + 1)])
    assert outcome(path) == "read" or outcome(path).startswith(str(path))
