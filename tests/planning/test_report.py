"""The plan shown: text, tables, JSON, one page, a workbook; each complete and repeatable."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from html.parser import HTMLParser

import jsonschema
import openpyxl
import pytest

from simulator.planning import Plan
from simulator.planning.exhaustion import RunsOut, exhaustion_of
from simulator.planning.exhaustion.shortage import Shortage
from simulator.planning.places import Place, Scope
from simulator.planning.recommend import Addition
from simulator.planning.report.figures import runs_out_figure
from simulator.planning.report.findings import Finding, findings_of
from simulator.planning.report.glossary import MEANINGS
from simulator.planning.report.tables import TABLES, rows_of
from simulator.planning.report.views import MOST_ROWS, views_of
from simulator.planning.report.words import (
    amount_text,
    money_text,
    sets_text,
    share_text,
    when_text,
)
from tests.support.places import ROOT

SCHEMA = json.loads((ROOT / "docs" / "plan.schema.json").read_text(encoding="utf-8"))


def both(plan: Plan, calm: Plan) -> list[Plan]:
    """Return the two plans, to say something of each."""
    return [plan, calm]


# --- JSON ------------------------------------------------------------------------------------


def test_the_document_keeps_its_schema(plan: Plan, calm: Plan) -> None:
    """What is written is what docs/plan.schema.json promises."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    for each in both(plan, calm):
        jsonschema.validate(json.loads(each.to_json()), SCHEMA)


def undescribed(value: object, schema: dict, path: str = "") -> list[str]:
    """Return the keys of `value` that `schema` does not describe."""
    if "$ref" in schema:
        schema = SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]]
    for option in schema.get("anyOf", ()):
        if option.get("type") != "null":
            return undescribed(value, option, path)
    if isinstance(value, list):
        return [found for each in value for found in undescribed(each, schema["items"], path)]
    if not isinstance(value, dict) or "additionalProperties" in schema:
        return []
    known = schema["properties"]
    unknown = [f"{path}/{key}" for key in value if key not in known]
    inner = (
        found
        for key, part in value.items()
        if key in known
        for found in undescribed(part, known[key], f"{path}/{key}")
    )
    return [*unknown, *inner]


def test_every_key_is_described(plan: Plan) -> None:
    """No key is written that the schema does not know."""
    assert undescribed(json.loads(plan.to_json()), SCHEMA) == []


def keys_of(schema: dict) -> set[str]:
    """Return every key that a schema names, at any depth."""
    found = set(schema.get("properties", {}))
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    parts += [schema["items"]] if "items" in schema else []
    return found.union(*map(keys_of, parts)) if parts else found


def test_the_page_about_json_names_every_key() -> None:
    """docs/plan-json.md and the schema tell of the same keys."""
    page = (ROOT / "docs" / "plan-json.md").read_text(encoding="utf-8")
    told = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    schema = keys_of(SCHEMA).union(*map(keys_of, SCHEMA["$defs"].values()))
    assert told == schema


def test_the_document_says_what_the_plan_says(plan: Plan) -> None:
    """The figures that others read first are those of the plan."""
    document = json.loads(plan.to_json())
    assert document["requests"] == document["admitted"] + document["refused_total"]
    assert sum(document["refused"].values()) == document["refused_total"]
    assert document["placement_md5"] == plan.traffic.placement_md5
    assert len(document["clusters"]) == 4
    for cluster, survival in zip(document["clusters"], plan.survival, strict=True):
        assert cluster["survives_host_failures"] == survival.survives
        for resource in ("cpu", "ram"):
            part = cluster[resource]
            assert part["share_peak"] == part["allocated_peak"] / part["usable"]
            assert part["used"] is None
            assert (
                sum(list(cluster["stranded"][resource].values())[3:])
                == (cluster["stranded"][resource]["free"])
            )
    assert [each["hosts"] for each in document["recommendation"]] == [
        each.hosts for each in plan.recommendation
    ]
    assert sum(each["best"] for each in document["recommendation"]) == 1


# --- the page ----------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a page refers to, its ids, and whether its tags are closed."""

    VOID = frozenset({"meta", "link", "img", "br", "hr", "input", "path", "rect", "use"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the tag and its attributes."""
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in {"src", "href", "xlink:href", "action", "data", "srcset"}:
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")

    def handle_endtag(self, tag: str) -> None:
        """Check that it closes the last open tag."""
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that closes itself."""
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()


def test_the_page_opens_offline(page: str) -> None:
    """It refers to nothing but itself, runs no script and loads no font."""
    parsed = Page(page)
    assert all(link.startswith("#") for link in parsed.links), parsed.links
    assert {link.removeprefix("#") for link in parsed.links} <= set(parsed.ids)
    assert not {"script", "link", "iframe", "object", "embed", "img"} & set(parsed.tags)
    assert "http" not in page
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#\w+\)", "", page)


def test_the_page_is_well_formed(page: str) -> None:
    """Tags are closed in order, and no two things have the same id."""
    parsed = Page(page)
    assert parsed.open == []
    assert len(parsed.ids) == len(set(parsed.ids))


def test_figures_come_before_tables(page: str) -> None:
    """Four figures, each described for those who cannot see it, then the tables."""
    assert page.count("<figure>") == page.count('role="img" aria-label="') == 4
    assert page.rindex("</figure>") < page.index("<table>")


def test_the_page_has_a_light_and_a_dark_side(page: str) -> None:
    """Figures take every colour from variables that both sides set."""
    light, dark = (set(re.findall(r"--([\w-]+):", part)) for part in _sides(page))
    assert light == dark
    assert set(re.findall(r"var\(--([\w-]+)\)", page)) <= light
    assert not re.findall(r"#0102\w\w", page)
    assert "fill: #000000" not in page


def _sides(text: str) -> tuple[str, str]:
    style = text[text.index(":root") : text.index("* {")]
    light, _, dark = style.partition("@media (prefers-color-scheme: dark)")
    return light, dark


def test_names_cannot_break_the_page(plan: Plan) -> None:
    """A cloud called like a tag is shown as text, in the page and in the notebook."""
    bad = replace(plan, cloud="<script>alert(1)</script>", demand='"><img src=x>')
    for text in (bad.to_html(), bad._repr_html_()):
        assert "<script" not in text
        assert "<img" not in text
        assert "&lt;script&gt;" in text


def test_a_long_table_is_cut_on_the_page_only(plan: Plan) -> None:
    """The page shows the first lines and says where the others are."""
    many = replace(plan, exhaustion=plan.exhaustion * 20)
    view = next(view for view in views_of(many) if view.name == "exhaustion")
    assert len(view.shown) == MOST_ROWS
    assert f"{view.more:,} lines more are in the workbook" in many.to_html()
    assert len(rows_of(many)["exhaustion"]) == len(view.rows) == MOST_ROWS + view.more


# --- the workbook ------------------------------------------------------------------------------


def test_one_sheet_a_table_with_numbers_as_numbers(plan: Plan, tmp_path) -> None:
    """Every table has its sheet, every cell its value and type."""
    plan.to_xlsx(tmp_path / "plan.xlsx")
    book = openpyxl.load_workbook(tmp_path / "plan.xlsx")
    assert book.sheetnames == [*TABLES, "columns"]
    for name, rows in rows_of(plan).items():
        cells = list(book[name].iter_rows(values_only=True))
        if not rows:
            assert cells == [("nothing to report",)]
            continue
        assert list(cells[0]) == list(rows[0])
        for cell_row, row in zip(cells[1:], rows, strict=True):
            for cell, value in zip(cell_row, row.values(), strict=True):
                assert (cell or None) == pytest.approx(value or None), (name, row)


def test_names_cannot_become_formulas(plan: Plan, tmp_path) -> None:
    """A demand called like a formula stays a text."""
    replace(plan, demand="=1+1").to_xlsx(tmp_path / "plan.xlsx")
    rows = openpyxl.load_workbook(tmp_path / "plan.xlsx")["inputs"].iter_rows()
    (cell,) = [row[1] for row in rows if row[0].value == "demand"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_equal_plans_give_equal_files(plan: Plan, page: str, tmp_path) -> None:
    """Nothing that is written depends on the day or on chance."""
    for name in ("one.xlsx", "two.xlsx"):
        plan.to_xlsx(tmp_path / name)
    assert (tmp_path / "one.xlsx").read_bytes() == (tmp_path / "two.xlsx").read_bytes()
    assert plan.to_html() == page
    assert plan.to_json() == plan.to_json()


def test_a_place_that_cannot_be_written_is_named(plan: Plan, tmp_path) -> None:
    """A folder that does not exist is an error of the file, not of the plan."""
    with pytest.raises(OSError, match="nowhere"):
        plan.to_xlsx(tmp_path / "nowhere" / "plan.xlsx")


# --- tables, text, notebook -----------------------------------------------------------------------


def test_every_column_has_a_meaning(plan: Plan, calm: Plan) -> None:
    """The glossary explains every column, and no column that is not there."""
    columns = {
        column
        for each in both(plan, calm)
        for rows in rows_of(each).values()
        for row in rows
        for column in row
    }
    assert columns <= set(MEANINGS)
    assert set(MEANINGS) - columns <= {"refused for", "where", "amount", "remedy", "unit"} | {
        "verified by simulation"
    }


def test_tables_are_frames_of_the_same_rows(plan: Plan) -> None:
    """Data frames show what the workbook has."""
    for name, frame in plan.tables().items():
        assert len(frame) == len(rows_of(plan)[name])


def test_allocated_used_and_total_cannot_be_confused(plan: Plan) -> None:
    """Each has its own column, and what is used is said not to be known."""
    for row in rows_of(plan)["capacity"]:
        assert row["used"] == "not known"
        assert row["allocated, peak"] <= row["usable"]
        assert row["usable"] == pytest.approx(row["total (bought)"] * row["overprovisioning"])


def test_the_text_begins_with_the_answers(plan: Plan) -> None:
    """Does it fit, when does it run out, what breaks it, what to buy: before any table."""
    text = plan.to_text()
    answers = text[: text.index("whole cloud")]
    for finding in findings_of(plan):
        assert finding.question in answers
        assert finding.answer in answers
    assert not any(line != line.rstrip() for line in text.splitlines())


def test_good_news_is_told_as_such(calm: Plan) -> None:
    """A cloud where all is well has nothing marked for attention."""
    assert all(finding.is_good for finding in findings_of(calm))
    assert "\n!" not in calm.to_text()
    assert "nothing is refused" in calm.to_text()


def answer(plan: Plan, question: str) -> Finding:
    """Return the answer to `question`."""
    return next(each for each in findings_of(plan) if each.question == question)


def test_refusals_of_demands_as_likely_are_bad_news(calm: Plan) -> None:
    """All is admitted, yet in one of two resampled demands requests are refused: not green."""
    first, second = calm.replications
    refusing = replace(second, admitted=second.requests - 7)
    found = answer(replace(calm, replications=(first, refusing)), "Does it fit?")
    assert not found.is_good
    assert "yes, all 60 requests admitted; but in 1 of 2 resampled demands 7 are refused" in (
        found.answer
    )
    more = replace(first, admitted=first.requests - 3)
    found = answer(replace(calm, replications=(more, refusing)), "Does it fit?")
    assert "in 2 of 2 resampled demands up to 7 are refused" in found.answer


def test_a_purchase_says_how_often_it_suffices(plan: Plan, calm: Plan) -> None:
    """Beside what to buy stands in how many demands as likely it suffices."""
    assert calm.sufficient == 2
    assert "suffices in 2 of 2 resampled demands" in answer(calm, "What to buy?").detail
    fewer = tuple(replace(each, is_enough=False) for each in calm.replications)
    found = answer(replace(calm, replications=fewer), "What to buy?")
    assert not found.is_good
    assert "suffices in 0 of 2 resampled demands" in found.detail
    assert f"suffices in {plan.sufficient} of 3 resampled demands" in plan.to_html()


def test_spare_hosts_to_buy_are_called_so(plan: Plan) -> None:
    """Hosts that are to carry the tag for high availability can be told from others."""
    place = plan.survival[0].place
    both = (Addition(place, 1), Addition(place, 2, is_spare=True))
    bought = replace(plan.recommendation[0], hosts=3, additions=both, too_large=0)
    changed = replace(plan, advice=replace(plan.advice, recommendations=(bought,)))
    assert (
        f"3 × {bought.kind.name} (2 spare, with ha.tag)" in answer(changed, "What to buy?").answer
    )
    assert f"1 in {place.name}, 2 spare in {place.name}" in changed.to_html()
    assert rows_of(changed)["recommendation"][0]["where"].endswith(f"2 spare in {place.name}")


def of_cloud(plan: Plan, *times: float | None, measured: int, until_s: float | None) -> Plan:
    """Return the plan as if the CPU of the whole cloud ran out at `times`, and nothing else."""
    runs = [
        RunsOut(math.inf, measured=False, until_s=until_s or math.inf)
        if time is None
        else RunsOut(time, measured=number < measured)
        for number, time in enumerate(times)
    ]
    cpu = {(Shortage.CPU, Place(Scope.CLOUD, 0)): run for run in runs[:1]}
    made = exhaustion_of([dict.fromkeys(cpu, run) for run in runs])
    return replace(plan, exhaustion=made, replications=plan.replications[:1] * len(times))


def test_times_are_told_with_how_many_demands_have_one(plan: Plan) -> None:
    """The median, in how many resampled demands, how many of them seen: no word needs a key."""
    week = plan.traffic.end_s
    some = of_cloud(plan, week / 7, week / 5, 9 * week, None, None, measured=2, until_s=10 * week)
    found = answer(some, "When does it run out?")
    assert (
        found.answer == f"CPU first, after a median of {when_text(9 * week)}, at 5 % growth a month"
    )
    assert found.detail.startswith(
        f"in 3 of 5 resampled demands, 2 within the {when_text(week)} simulated and 1 later, "
        "by the trend; 95 %: at once to beyond "
    )
    assert not found.is_good


def test_never_is_only_said_of_none(plan: Plan) -> None:
    """Of one in five it is said that one in five ran out; of none how far was looked."""
    week = plan.traffic.end_s
    one = of_cloud(plan, week / 2, *[None] * 4, measured=1, until_s=week)
    found = answer(one, "When does it run out?")
    assert found.answer == "CPU first, in 1 of 5 resampled demands, at 5 % growth a month"
    assert "> " + when_text(week) in one.to_html().replace("&gt;", ">")
    none = of_cloud(plan, None, None, measured=0, until_s=week)
    found = answer(none, "When does it run out?")
    assert (found.answer, found.is_good) == (
        f"not within {when_text(week)}, at 5 % growth a month",
        True,
    )
    assert "never" not in none.to_text()


def test_every_interval_can_be_seen(plan: Plan) -> None:
    """What takes an hour is drawn beside what takes a century, in words of the axis's ticks."""
    week = plan.traffic.end_s
    wide = of_cloud(plan, week / 100, week / 7, 400 * week, measured=2, until_s=None)
    figure = runs_out_figure(wide)
    for words in (f"{when_text(week)} simulated", "extrapolated", "1 day", "10 years"):
        assert words in figure
    assert when_text(week / 7) in figure


def test_bad_news_says_what_to_do(plan: Plan) -> None:
    """A cloud that refuses names the hosts to buy and their cost."""
    (buy,) = [each for each in findings_of(plan) if each.question == "What to buy?"]
    best = plan.best
    assert f"{best.hosts:,} × {best.kind.name} for {best.cost_per_month:,.2f} USD a month" in (
        buy.answer
    )


def test_the_best_type_is_the_one_that_leaves_least_refused(plan: Plan) -> None:
    """A cheap type that cannot hold every request comes after a dear one that can."""
    cheap, dear = plan.recommendation[0], plan.recommendation[-1]
    advice = replace(
        plan.advice,
        recommendations=(
            replace(cheap, hosts=1, too_large=7),
            replace(dear, hosts=100, too_large=0),
        ),
    )
    changed = replace(plan, advice=advice)
    assert changed.best.kind == dear.kind
    assert "with 7 requests still too large" in changed.to_text()


def test_the_repr_teaches(plan: Plan) -> None:
    """It answers, and says what to try next."""
    assert repr(plan).startswith("Plan of 'small cloud' under 'churn'")
    assert "Try print(plan.to_text())" in repr(plan)
    assert "<table>" in plan._repr_html_()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (amount_text(512, "MHz"), "0.512 GHz"),
        (amount_text(167_104_000, "MHz"), "167,104 GHz"),
        (amount_text(1536, "MiB"), "1.5 GiB"),
        (amount_text(12_345, "addresses"), "12,345 addresses"),
        (share_text(0.999), "99.9 %"),
        (share_text(0.9999), "99.9 %"),
        (share_text(1.0), "100 %"),
        (share_text(0.0002), "0.02 %"),
        (share_text(0.0), "0 %"),
        (sets_text(1140, 1140), "all 1,140"),
        (sets_text(215, 17_296), "215 of 17,296"),
        (sets_text(208, 10**400), "208 of 10^400"),
        (when_text(3600.0), "1 h 00 min"),
        (when_text(90 * 86_400.0), "3.0 months"),
        (when_text(5 * 365.25 * 86_400.0), "5.0 years"),
        (money_text(1448.32, "EUR"), "1,448.32 EUR"),
        (money_text(None, "EUR"), "price not known"),
    ],
)
def test_numbers_are_written_for_people(text: str, expected: str) -> None:
    """Units grow with the number, and nearly full is not full."""
    assert text == expected
