"""Are the figures that people read those that were measured?"""

import json
from xml.etree import ElementTree

import pytest

from tests.bench.figures import Figure, at_least, at_most
from tests.bench.report import BEGIN, END, FOLDER, README, page, plot, record, renewed, table

STORED = json.loads((FOLDER / "figures.json").read_text(encoding="utf-8"))
MORE, LESS = at_least(1, "more is better", 0.4, 0.5), at_most(2, "less is <better>", 2, 1.5)


def test_the_readme_has_the_stored_figures() -> None:
    readme = README.read_text(encoding="utf-8")
    assert BEGIN + table(STORED) + END in readme
    assert renewed(readme, STORED) == readme


def test_the_page_and_the_plot_are_of_the_stored_figures() -> None:
    assert (FOLDER / "README.md").read_text(encoding="utf-8") == page(STORED)
    assert (FOLDER / "goals.svg").read_text(encoding="utf-8") == plot(STORED)


def test_every_goal_is_there() -> None:
    assert {one["number"] for one in STORED["goals"]} == set(range(1, 13))


@pytest.mark.parametrize(
    ("figure", "verdict"),
    [
        (Figure(MORE, (0.39,)), "not reached"),
        (Figure(MORE, (0.1, 0.45, 0.6)), "reached"),
        (Figure(MORE, (0.5,)), "stretch"),
        (Figure(LESS, (2.1,)), "not reached"),
        (Figure(LESS, (2.0,)), "reached"),
        (Figure(LESS, (1.5,)), "stretch"),
        (Figure(LESS, note="wrk not installed"), "not measured: wrk not installed"),
    ],
)
def test_a_verdict_is_that_of_the_median(figure: Figure, verdict: str) -> None:
    assert figure.verdict == verdict


def test_a_plot_is_well_formed_also_where_nothing_was_measured() -> None:
    found = record([Figure(MORE, (9.0,)), Figure(LESS, note="no <wrk>")], "a machine", "1 of 1 s", "2026-01-01")
    assert len(ElementTree.fromstring(plot(found))) > 4
    assert "not measured: no <wrk>" in table(found)
