"""How are figures shown? A table in Markdown, a plot as SVG, and the numbers themselves, all from one run."""

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from tests.bench.figures import Figure

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "examples" / "performance"
README = ROOT / "README.md"
BEGIN, END = "<!-- goals -->\n", "<!-- end of goals -->\n"

Record = Mapping[str, Any]

WIDTH, ROW, LEFT, BAR = 860, 26, 420, 300
REACHED, MISSED, UNMEASURED = "#2e7d32", "#c62828", "#9e9e9e"


def record(figures: Iterable[Figure], machine: str, conditions: str, date: str) -> Record:
    """What one run has found, as it is stored."""
    return {
        "machine": machine,
        "conditions": conditions,
        "date": date,
        "goals": [
            {
                "number": one.goal.number,
                "work": one.goal.work,
                "goal": str(one.goal),
                "ratio": None if one.ratio is None else round(one.ratio, 3),
                "rounds": [round(value, 3) for value in one.rounds],
                "share": None if one.ratio is None else round(_share(one), 3),
                "verdict": one.verdict,
            }
            for one in figures
        ],
    }


def _share(figure: Figure) -> float:
    """How much of the goal is reached: 1 is all of it, more is better."""
    assert figure.ratio
    return figure.ratio / figure.goal.value if figure.goal.at_least else figure.goal.value / figure.ratio


def table(found: Record) -> str:
    """In Markdown, with the machine that was measured on."""
    lines = ["| # | work | goal | measured | |", "|---:|---|---:|---:|---|"]
    for one in found["goals"]:
        ratio = "" if one["ratio"] is None else f"{one['ratio']:.3g}"
        lines.append(f"| {one['number']} | {one['work']} | {one['goal']} | {ratio} | {one['verdict']} |")
    told = f"Ratios, medians of interleaved rounds ({found['conditions']}), {found['date']}: {found['machine']}."
    return "\n".join([*lines, "", told, ""])


def plot(found: Record) -> str:
    """One bar for each goal, as long as its share of the goal; the line is the goal."""
    goals: Sequence[Record] = found["goals"]
    height = ROW * (len(goals) + 2)
    half = BAR / 2
    rows = "".join(_row(place, one, half) for place, one in enumerate(goals, 1))
    x = LEFT + half
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}"'
        ' font-family="sans-serif" font-size="13">\n'
        f'<rect width="{WIDTH}" height="{height}" fill="white"/>'
        f'<text x="{x}" y="16" text-anchor="middle">goal</text>{rows}'
        f'<line x1="{x}" y1="22" x2="{x}" y2="{height - ROW / 2}" stroke="black" stroke-dasharray="4 3"/></svg>\n'
    )


def _row(place: int, one: Record, half: float) -> str:
    y = ROW * place + ROW / 2
    share = one["share"]
    length = 0 if share is None else min(share, 2.0) * half
    colour = UNMEASURED if share is None else REACHED if share >= 1 else MISSED
    ratio = "not measured" if one["ratio"] is None else f"{one['ratio']:.3g} ({one['goal']})"
    return (
        f'<text x="{LEFT - 8}" y="{y + 5}" text-anchor="end">{one["number"]}. {escape(one["work"])}</text>'
        f'<rect x="{LEFT}" y="{y - 7}" width="{length:.1f}" height="14" fill="{colour}"/>'
        f'<text x="{LEFT + BAR + 8}" y="{y + 5}">{escape(ratio)}</text>'
    )


def write(found: Record) -> None:
    """The numbers, the table, the plot, and the table once more in the README."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "figures.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(page(found), encoding="utf-8")
    (FOLDER / "goals.svg").write_text(plot(found), encoding="utf-8")
    README.write_text(renewed(README.read_text(encoding="utf-8"), found), encoding="utf-8")


def page(found: Record) -> str:
    return f"{HEAD}\n{table(found)}\n![How much of each goal is reached](goals.svg)\n"


def renewed(readme: str, found: Record) -> str:
    """The README with these figures between its marks."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    assert begin, "the README has no place for figures"
    assert end, "the README's place for figures does not end"
    return f"{before}{BEGIN}{table(found)}{END}{after}"


HEAD = """# How fast is it?

Written by `python -m tests.bench`, which anyone may run: it starts the adapter, a bare server and a handler written by
hand in turns, each on one core with the load on another, and compares them. `--quick` takes two minutes and writes
nothing. Single figures of a shared machine mean nothing; ratios do, give or take 15 %.

"raw" is uvicorn with a function that reads the body and answers 200. "hand" is what a good engineer writes: Starlette
routes, the json of the standard library, one SQLite transaction for each request. The adapter commits before it
answers, with `synchronous = FULL`, and with metrics, limits, reload and logging on.
"""
