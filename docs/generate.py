"""Write the tables of the documentation anew from the registries and the bibliography.

A table stands between two markers, ``<!-- generated: parameters -->`` and ``<!-- end -->``, in any page of
this folder or in the README::

    python docs/generate.py            # writes the tables anew
    python docs/generate.py --check    # says which are out of date, and then exits with 1
"""

from __future__ import annotations

import argparse
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from collabsim import draws, generate, outcomes, partnership_tables
from collabsim.alternatives import ALTERNATIVES
from collabsim.compiled import plain
from collabsim.costs import DAY_REASONS
from collabsim.outcomes import OUTCOMES, RUN_OUTCOMES, Outcome
from collabsim.parameters import LEVERS, PARAMETERS
from collabsim.practices import MOVERS, PRACTICES, SHOCKS, Mover
from collabsim.programmes import PROGRAMMES, SUPPORT
from collabsim.report import benchmark_tables
from collabsim.report.tables import practice_table
from collabsim.scenario_files import MONTHS
from collabsim.scenario_schema import FILE as SCHEMA_FILE
from collabsim.scenario_schema import scenario_schema
from collabsim.schedule import SCHEDULE
from collabsim.sectors import SECTORS
from collabsim.study.ablation import MECHANISMS
from collabsim.study.paired import Estimate

FOLDER = Path(__file__).parent

BLOCK = re.compile(r"<!-- generated: (?P<name>[^>]*?) -->\n(?P<table>.*?)<!-- end -->", re.DOTALL)
OPENING = re.compile(r"<!-- generated:")

BIBLIOGRAPHY = FOLDER / "references.bib"
ENTRY = re.compile(r"^@(?P<kind>\w+)\{(?P<key>\w+),\n(?P<fields>.*?)^\}$", re.DOTALL | re.MULTILINE)
FIELD = re.compile(r"^  (?P<name>\w+)\s*= \{(?P<value>.*)\},$", re.MULTILINE)

WHOSE = {
    "own": "the organisation's own",
    "pair": "mean of the pair's two sides",
    "judge": "that of who judges",
    "failer": "that of who failed",
    "met": "mean over partners met",
}
DIRECTION = {1: "higher", -1: "lower"}
BETTER = {1: "more", -1: "less", 0: "neither"}


class Fault(Exception):
    """A page that cannot be regenerated, in words."""


def number(value: float) -> str:
    """Write a number as people do: no superfluous digits, infinity as a sign."""
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:g}".replace("-", "−")


def code(name: str) -> str:
    """Set a name as code."""
    return f"`{name}`"


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Lay out a Markdown table.

    Parameters
    ----------
    header
        Names of the columns.
    rows
        Cells; bars in them are escaped.

    Returns
    -------
    str
        Lines, each ending in a line feed.
    """
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def steps() -> str:
    """Return the steps of the month, in order, with the first sentence of each."""
    rows = []
    for place, (name, step) in enumerate(SCHEDULE.steps, 1):
        said = " ".join((plain(step).__doc__ or "").split("\n\n")[0].split())
        numbered = re.match(r"(\d+)\. (.*)", said)
        group, sentence = numbered.groups() if numbered else ("", said)
        rows.append([str(place), code(name), group, sentence])
    return table(["order", "step", "number", "what happens"], rows)


def parameters() -> str:
    """Return every parameter that practices cannot move."""
    return table(
        ["parameter", "default", "bounds", "unit", "step", "meaning", "source"],
        (
            [
                code(each.name),
                number(each.default),
                f"{number(each.low)} to {number(each.high)}",
                each.unit,
                each.step,
                each.meaning,
                each.source,
            ]
            for each in PARAMETERS.values()
            if each.name not in LEVERS
        ),
    )


def levers() -> str:
    """Return every lever: its base, bounds, whose value counts and who moves it where."""
    rows = []
    for lever in LEVERS.values():
        moved = [f"{code(name)} to {number(mover.moves[lever.name])}" for name, mover in MOVERS.items()
                 if lever.name in mover.moves]  # fmt: skip
        rows.append(
            [
                code(lever.name),
                number(lever.default),
                f"{number(lever.low)} to {number(lever.high)}",
                lever.unit,
                lever.step,
                DIRECTION[lever.direction],
                WHOSE[lever.whose],
                "; ".join(moved),
                lever.meaning,
                lever.source,
            ]
        )
    return table(
        ["lever", "base", "bounds", "unit", "step", "further is", "whose counts", "moved by", "meaning",
         "source"],
        rows,
    )  # fmt: skip


def movers(registry: Iterable[Mover], days: bool) -> str:
    """Return what some practices or shocks are, what they move, and on what evidence."""
    header = ["name", "title", "what it is", "moves, at full strength", "evidence"]
    rows = []
    for mover in registry:
        moves = "; ".join(f"{code(name)} from {number(LEVERS[name].default)} to {number(full)}"
                          for name, full in mover.moves.items())  # fmt: skip
        row = [code(mover.name), mover.title, mover.sentence, moves, mover.evidence]
        rows.append([*row, number(mover.days)] if days else row)
    return table([*header, "facilitator-days"] if days else header, rows)


def practices() -> str:
    """Return the practices."""
    return movers(PRACTICES.values(), days=True)


def shocks() -> str:
    """Return the shocks."""
    return movers(SHOCKS.values(), days=False)


def measured(registry: Iterable[Outcome]) -> str:
    """Return some outcomes."""
    return table(
        ["outcome", "title", "unit", "range", "better", "over", "meaning"],
        (
            [
                code(each.name),
                each.title,
                each.unit,
                f"{number(each.low)} to {number(each.high)}",
                BETTER[each.better],
                each.over,
                each.meaning,
            ]
            for each in registry
        ),
    )


def monthly_outcomes() -> str:
    """Return what is measured every month."""
    return measured(OUTCOMES.values())


def run_outcomes() -> str:
    """Return what is measured once a run."""
    return measured(RUN_OUTCOMES.values())


def sectors() -> str:
    """Return the sectors that every partnership knows."""
    return table(
        ["sector", "title", "perspective, centre", "mandate, mean", "statutory"],
        (
            [
                code(each.name),
                each.title,
                f"{each.perspective[0]:.2f}, {each.perspective[1]:.2f}",
                f"{each.mandate:.2f}",
                "yes" if each.statutory else "no",
            ]
            for each in SECTORS.values()
        ),
    )


def network_sectors() -> str:
    """Return the sectors of generated networks, and how large their organisations are."""
    return table(
        ["sector", "share of organisations", "staff, least", "staff, most"],
        ([code(name), number(share), f"{low:,}", f"{high:,}"]
         for name, (share, low, high) in generate.SHARES.items()),
    )  # fmt: skip


def programmes() -> str:
    """Return the bundled programmes and when their practices run."""
    rows = []
    for each in PROGRAMMES.values():
        windows: dict[tuple[int, int], list[str]] = {}
        for entry in each.entries(SUPPORT):
            windows.setdefault((entry.from_month, entry.to_month), []).append(code(entry.mover))
        said = [f"[{first}, {last}): {', '.join(names)}" for (first, last), names in windows.items()]
        rows.append([code(each.name), each.title, "; ".join(said) or "nothing"])
    return table(["programme", "title", "practices by months [from, to)"], rows)


def constants() -> str:
    """Return numbers that are neither parameters nor levers."""
    rows = [
        ["months of a scenario that does not say", str(MONTHS)],
        ["months of support [from, to) for practices that do not say", f"[{SUPPORT[0]}, {SUPPORT[1]})"],
        ["last months over which a run's outcomes are averaged", str(outcomes.LAST_MONTHS)],
        ["months summed up for traction", str(outcomes.TRACTION_WINDOW)],
        ["share of joint deliveries that is traction", number(outcomes.TRACTION_SHARE)],
        ["contact from which two organisations count as connected", number(outcomes.CONNECTED_CONTACT)],
        ["staff of an organisation whose size is not given", number(partnership_tables.DEFAULT_SIZE)],
        ["share of a small world's ties that lead elsewhere", number(generate.REWIRED)],
        ["share of ties within a sector in a network of sectors", number(generate.WITHIN)],
        ["most months", f"{draws.MONTHS_LIMIT:,}"],
        ["highest seed, and highest world", f"{draws.SEED_LIMIT:,}"],
        ["highest luck", f"{draws.LUCK_LIMIT:,}"],
        ["`NOBODY`: the second word where there is no second organisation", f"{draws.NOBODY:#010x}"],
        ["`START`: the month of the draws that say who they are", f"{draws.START:#06x}"],
    ]
    return table(["what", "value"], rows)


def mechanisms() -> str:
    """Return what can be switched off, by which parameters."""
    rows = []
    for each in MECHANISMS.values():
        off = ", ".join(f"{code(name)} {number(value)}" for name, value in each.off.items())
        rows.append([code(each.name), each.title, each.step, off, each.why])
    return table(["name", "mechanism", "step", "off with", "what that does"], rows)


def alternatives() -> str:
    """Return the alternatives to rules of the model."""
    rows = [
        [code(each.name), each.title, each.instead, each.what, each.source] for each in ALTERNATIVES.values()
    ]
    return table(["name", "alternative", "in place of", "what it does", "source"], rows)


EXAMPLES = (
    ("the partnership at the start", (1, 0, draws.NOBODY, draws.NOBODY, draws.START, 0, 0)),
    ("organisation 3 at the start", (1, 0, 3, draws.NOBODY, draws.START, 0, 1)),
    ("organisation 3 in month 5", (1, 0, 3, draws.NOBODY, 5, 0, 0)),
    ("pair {3, 8} in month 5", (1, 0, 3, 8, 5, 0, 2)),
    ("the same with another luck", (1, 0, 3, 8, 5, 2, 2)),
)
"""Whose draws, and seed, world, lower, higher, month, luck and block."""


def draw_examples() -> str:
    """Return a few draws, for whoever writes the generator anew to check against."""
    rows = []
    for who, (seed, world, lower, higher, month, luck, block) in EXAMPLES:
        counter = (lower, higher, month + 65536 * luck, block)
        words = draws.philox(seed, world, *counter)
        rows.append(
            [
                who,
                f"{seed}, {world}",
                ", ".join(f"{word:#x}" for word in counter),
                ", ".join(f"{int(word):08x}" for word in words),
                ", ".join(f"{float(draws.uniform(word)):.6f}" for word in words),
            ]
        )
    return table(["whose draws", "key", "counter", "words (hexadecimal)", "uniform numbers"], rows)


def bibliography() -> dict[str, dict[str, str]]:
    """Read the bibliography: the fields of each entry by its key, LaTeX's signs put into plain text."""
    text = BIBLIOGRAPHY.read_text(encoding="utf-8")
    signs = ((r"\&", "&"), ("--", "–"), ("`Small-World'", "‘Small-World’"), ("{", ""), ("}", ""))
    found: dict[str, dict[str, str]] = {}
    for entry in ENTRY.finditer(text):
        fields = {field["name"]: field["value"] for field in FIELD.finditer(entry["fields"])}
        for name, value in fields.items():
            for sign, plainly in signs:
                value = value.replace(sign, plainly)
            fields[name] = value
        found[entry["key"]] = fields
    return found


def names(people: str) -> str:
    """Write names as ``Burt, R. S.`` would be, unabridged: of more than six the first and how many more."""
    each = people.split(" and ")
    if len(each) > 6:
        return f"{each[0]} and {len(each) - 1} others"
    return each[0] if len(each) == 1 else f"{'; '.join(each[:-1])} & {each[-1]}"


def reference(key: str, fields: dict[str, str]) -> str:
    """Write one source as an item of a list, with an anchor to link to."""
    who = f"{names(fields['author'])} " if "author" in fields else ""
    where = f"*{fields['journal']}*" if "journal" in fields else ""
    if "booktitle" in fields:
        editors = f"{names(fields['editor'])} (eds), " if " and " in fields.get("editor", "") else (
            f"{fields['editor']} (ed.), " if "editor" in fields else ""
        )  # fmt: skip
        where = f"In: {editors}*{fields['booktitle']}*"
    if "volume" in fields:
        where += f" {fields['volume']}" + (f"({fields['number']})" if "number" in fields else "")
    rest = [where, fields.get("publisher", ""), fields.get("pages", "")]
    said = f"{who}({fields['year']}). {fields['title']}. {', '.join(part for part in rest if part)}"
    said = said.rstrip(". ") + "."
    if "doi" in fields:
        said += f" [doi:{fields['doi']}](https://doi.org/{fields['doi']})."
    if "note" in fields:
        said += f" {fields['note']}."
    checked = fields.get("checked")
    if key == "admsci2019":
        how = "cited as it was given; the full text was not consulted"
    elif checked is None:
        how = "cited from general knowledge; the text was not consulted"
    elif checked == "all":
        how = "bibliographic details checked in a stored copy; the text was not consulted"
    else:
        how = f"of the bibliographic details {checked} checked in a stored copy, the rest from general " \
              "knowledge; the text was not consulted"  # fmt: skip
    return f'- <a id="{key}"></a>{said} Used for: {fields["used"]}. *{how[0].upper()}{how[1:]}.*\n'


def references() -> str:
    """Return the bibliography as a list, sorted by key."""
    return "".join(reference(key, fields) for key, fields in sorted(bibliography().items()))


def make_run() -> str:
    """Return what 'make run' prints, from the results that it keeps."""
    folder = FOLDER.parent / "results" / "practices_factorial"
    effects, whole = pd.read_csv(folder / "effects.csv"), pd.read_csv(folder / "whole.csv")
    none, every, together = (
        Estimate(row["estimate"], row["low"], row["high"], row["worlds"])
        for row in whole.to_dict("records")
    )
    said = practice_table(effects, none, every, together, "results/practices_factorial")
    return f"```\n{said}\n```\n"


def days() -> str:
    """Return the facilitator-days of every practice, and why."""
    rows = ([code(name), number(PRACTICES[name].days), reason] for name, reason in DAY_REASONS.items())
    return table(["practice", "days per organisation and month", "why (an assumption)"], rows)


def benchmark(name: str) -> str:
    """Return a table of recorded benchmarks."""
    return table(*benchmark_tables.TABLES[name](FOLDER.parent / "results" / "benchmarks"))


TABLES: dict[str, Callable[[], str]] = {
    "make run": make_run,
    "steps": steps,
    "parameters": parameters,
    "levers": levers,
    "practices": practices,
    "days": days,
    "shocks": shocks,
    "monthly outcomes": monthly_outcomes,
    "run outcomes": run_outcomes,
    "sectors": sectors,
    "network sectors": network_sectors,
    "programmes": programmes,
    "constants": constants,
    "mechanisms": mechanisms,
    "alternatives": alternatives,
    "draw examples": draw_examples,
    "references": references,
    **{name: partial(benchmark, name) for name in benchmark_tables.TABLES},
}
"""What may stand between the markers, by name."""


def regenerated(text: str, where: str) -> str:
    """Return a page with all its tables written anew.

    Parameters
    ----------
    text
        The page.
    where
        What to call it in messages.

    Raises
    ------
    Fault
        If a marker names no table, or is not closed.
    """
    done = 0

    def write(found: re.Match[str]) -> str:
        nonlocal done
        done += 1
        name = found["name"].strip()
        if name not in TABLES:
            raise Fault(f"{where}: there is no table '{name}'; there are {', '.join(TABLES)}")
        return f"<!-- generated: {name} -->\n\n{TABLES[name]()}\n<!-- end -->"

    written = BLOCK.sub(write, text)
    if done != len(OPENING.findall(text)):
        raise Fault(f"{where}: a table is opened and not closed with '<!-- end -->'")
    return written


def pages(folder: Path) -> list[Path]:
    """Return the pages of a folder that hold generated tables, in order."""
    found = [folder.parent / "README.md", *sorted(folder.glob("*.md"))]
    return [page for page in found if OPENING.search(page.read_text(encoding="utf-8"))]


def schema() -> str:
    """Return the schema of a scenario file, as ``collabsim schema`` prints it."""
    return json.dumps(scenario_schema(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


WHOLE: dict[str, Callable[[], str]] = {SCHEMA_FILE: schema}
"""Files of this folder that are generated from end to end."""


def main(words: Sequence[str] | None = None) -> int:
    """Write the tables anew, or check them.

    Returns
    -------
    int
        0; 1 where a table is out of date, or a page is at fault.
    """
    parser = argparse.ArgumentParser(description="Write the tables of the documentation anew.")
    parser.add_argument("--check", action="store_true", help="only say which pages are out of date")
    asked = parser.parse_args(words)
    stale = []
    try:
        for page in [*pages(FOLDER), *(FOLDER / name for name in WHOLE if (FOLDER / name).exists())]:
            text = page.read_text(encoding="utf-8")
            anew = WHOLE[page.name]() if page.name in WHOLE else regenerated(text, page.name)
            if anew != text:
                stale.append(page.name)
                if not asked.check:
                    page.write_text(anew, encoding="utf-8", newline="\n")
    except Fault as fault:
        print(fault, file=sys.stderr)
        return 1
    if asked.check and stale:
        print(
            f"Out of date: {', '.join(stale)}. Run 'python docs/generate.py' and keep what it writes.",
            file=sys.stderr,
        )
        return 1
    if stale:
        print(f"Written anew: {', '.join(stale)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
