"""Expressions read as written, run no code, and say what is wrong with them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudlab.errors import InvalidParameter
from simulator.latency import (
    Constant,
    Exponential,
    Gamma,
    LogNormal,
    Mixture,
    Step,
    disk_gib,
    parse,
    ram_gib,
)
from tests.latency.strategies import STEPS

WORDS = [
    "LogNormal",
    "Exponential",
    "ram_gib",
    "(",
    ")",
    "[",
    "]",
    ",",
    "=",
    "+",
    "*",
    "2",
    "mean",
    ".",
]


@given(STEPS)
def test_the_repr_of_a_step_reads_back(step: Step) -> None:
    """Parsing the repr gives an equal step, whatever sizes it depends on."""
    assert parse(repr(step)) == step


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("2", Step(Constant(2))),
        (" 1.5 ", Step(Constant(1.5))),
        ("Exponential(5)", Step(Exponential(5))),
        ("Exponential(mean=5) * 2", Step(2 * Exponential(5))),
        ("LogNormal.of_mean(mean=3, sigma=0.5)", Step(LogNormal.of_mean(3, 0.5))),
        ("3 + Gamma(2, 4) * disk_gib", 3 + Gamma(2, 4) * disk_gib),
        ("disk_gib * (1 + 1) + ram_gib", ram_gib + 2 * disk_gib),
        ("Mixture([(0.5, 1), (0.5, 1 + Exponential(5))])",
         Step(Mixture([(0.5, Constant(1)), (0.5, 1 + Exponential(5))]))),
        ("0", Step()),
    ],
)  # fmt: skip
def test_it_means_what_it_looks_like(text: str, step: Step) -> None:
    """Numbers, `+`, `*`, brackets, names and arguments mean what they mean in Python."""
    assert parse(text) == step


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("LogNorml(8, 20)", "there is no 'LogNorml'; did you mean 'LogNormal'?"),
        ("LogNormal(median=8, p59=20)", r"LogNormal takes \(median, p95\): missing"),
        ("Gamma(1, 2, 3)", r"Gamma takes \(mean, shape\): too many"),
        ("Gamma", r"Gamma needs its numbers, as in Gamma\(mean, shape\)"),
        ("ram", "did you mean 'ram_gib'"),
        ("Exponential(-1)", "Exponential: mean is -1; it must be more than 0"),
        ("Exponential(disk_gib)", "sizes stand beside distributions, not inside"),
        ("ram_gib * disk_gib", "sizes can be added, not multiplied"),
        ("(1 + ram_gib) * Exponential(1)", "multiply each of them"),
        ("1 - 1", "'1 - 1' means nothing here"),
        ("[1, 2]", r"\[1, 2\] is a list"),
        ("1 + (1, 2)", r"\(1, 2\) is a list"),
        ("2 +", "it is no expression"),
        ("", "it is no expression"),
        ("1 + " * 100 + "1", "nested more than 50 deep"),
        ("(" * 5000 + "1" + ")" * 5000, "it is no expression"),
        ("1" * 200_000, "200,000 characters; 100,000 at most"),
        ("9" * 5000, "it is no expression"),
        ("9" * 400, "finite"),
        ("1e999", "finite"),
    ],
)
def test_what_is_wrong_is_said(text: str, message: str) -> None:
    """The message names the word or number, and what would be right."""
    with pytest.raises(InvalidParameter, match=message):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('true')",
        "().__class__",
        "Exponential.__init__",
        "(lambda: 1)()",
        "[x for x in (1, 2)]",
        "open('/etc/passwd')",
        "Exponential(*[1])",
        "Exponential(**{'mean': 1})",
        "f'{1}'",
        "'text'",
        "True",
        "1 if 2 else 3",
        "(x := 1)",
    ],
)
def test_nothing_else_of_python_is_obeyed(text: str) -> None:
    """Calls of other functions, attributes, lambdas and the like are refused, not run."""
    with pytest.raises(InvalidParameter):
        parse(text)


@given(st.text(max_size=30) | st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text leads to any other error than a refusal."""
    with suppress(InvalidParameter):
        assert isinstance(parse(text), Step)
