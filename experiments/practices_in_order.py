"""When practices start, and which comes first: whether it matters.

Starts: each practice runs for 12 months from month 0, 6, 12, 18 or 24, alone and beside the other five (which
run in the months of support). A fixed length keeps the dose the same, and the gain is averaged over 36 months
from the start, so that every start is watched for equally long.

Orders: the practices one after another, in the article's order and its reverse, and trust and courage in both
orders, compared over several windows. What ran last is freshest at the end, whatever the order. The order
apart from that is found in two ways: by averaging over all rotations of an order, in which each practice
takes each place once, so that only who follows whom is left; and, for two practices, by a last stage in which
both run.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace

import pandas as pd

from collabsim.practices import PRACTICES
from collabsim.programmes import PROGRAMMES, SUPPORT, Programme
from collabsim.report import figures, tables
from collabsim.report.experiment import Experiment, ask, main
from collabsim.scenario import Scenario
from collabsim.study.paired import interval
from collabsim.study.provenance import scenario_record
from collabsim.study.windows import Paths, paths

FROM_MONTHS = (0, 6, 12, 18, 24)
LENGTH = 12
AFTER = 36

ARTICLE, REVERSE = "article-order", "reverse-order"
TRUST, COURAGE = "trust-then-courage", "courage-then-trust"
CONTRASTS = {
    (ARTICLE, REVERSE): "Article's order less its reverse",
    (TRUST, COURAGE): "Trust first less courage first",
}


def rotations(order: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the order started from each of its members in turn."""
    return [(*order[k:], *order[:k]) for k in range(len(order))]


def starts(base: Scenario) -> dict[str, Scenario]:
    """Return scenarios in which each practice starts in each month, and those without it."""
    everything = base.with_settings("all-six")
    made = {"alone": base}
    for practice in PRACTICES:
        without = made[f"together without {practice}"] = everything.with_settings(None, None, **{practice: 0})
        for month in FROM_MONTHS:
            if month + LENGTH > base.months:
                continue
            window = {f"{practice}.from_month": month, f"{practice}.to_month": month + LENGTH}
            made[f"alone {practice} {month}"] = base.with_settings(None, None, **{practice: 1}, **window)
            made[f"together {practice} {month}"] = without.with_settings(
                None, None, **{practice: 1}, **window
            )
    return made


def orders(base: Scenario) -> dict[str, Scenario]:
    """Return the scenarios of the bundled orders, of all rotations, and with a common last stage."""
    made = {"none": base, **{name: base.with_settings(name) for name in
                             ("all-six", ARTICLE, REVERSE, TRUST, COURAGE)}}  # fmt: skip
    for name, order in ((ARTICLE, tuple(PRACTICES)), (REVERSE, tuple(PRACTICES)[::-1])):
        for place, turned in enumerate(rotations(order)):
            made[f"{name} {place}"] = staged(base, *((practice,) for practice in turned))
    for name in (TRUST, COURAGE):
        stages = PROGRAMMES[name].stages
        both = tuple(practice for stage in stages for practice in stage)
        made[f"{name} both"] = staged(base, *stages, both)
    return made


def staged(base: Scenario, *stages: tuple[str, ...]) -> Scenario:
    """Return the scenario with a programme of stages that share the months of support."""
    return base.with_settings(Programme("staged", "", stages).entries(base.support))


def windows(months: int) -> dict[str, tuple[int, int]]:
    """Return the windows that a run of so many months reaches into, by what they are called."""
    first, end = SUPPORT
    every = {
        "During the programme": (first, end),
        "Its last six months": (end - 6, end),
        "Year after it": (end, end + 12),
        "Last year of the run": (months - 12, months),
        "Whole run": (0, months),
    }
    return {
        f"{name}\n({low} to {min(high, months)})": (low, min(high, months))
        for name, (low, high) in every.items()
        if 0 <= low < months
    }


def started(asked: Experiment, seen: Paths) -> pd.DataFrame:
    """Return the gain from each practice by start, over the same time from it."""
    rows = []
    for practice in PRACTICES:
        for context, without in (("alone", "alone"), ("together", f"together without {practice}")):
            for month in FROM_MONTHS:
                name = f"{context} {practice} {month}"
                if name in seen.values:
                    gain = seen.difference(name, without, month, min(month + AFTER, asked.months))
                    row = {"practice": practice, "context": context, "from_month": month}
                    rows.append(row | gain._asdict())
    return pd.DataFrame(rows)


def compared(asked: Experiment, seen: Paths) -> pd.DataFrame:
    """Return what one order gains over the other by window, and apart from what ran last."""
    rows = []
    spans = windows(asked.months)
    for (one, other), title in CONTRASTS.items():
        for window, span in spans.items():
            rows.append({"contrast": title, "window": window} | seen.difference(one, other, *span)._asdict())
        for window, span in list(spans.items())[-2:]:
            name = window.partition("\n")[0]
            row = {"contrast": title, "window": f"{name},\napart from what ran last"}
            if one == ARTICLE:
                groups = [[f"{order} {k}" for k in range(len(PRACTICES))] for order in (one, other)]
                rows.append(row | seen.difference_of_means(groups[0], groups[1], *span)._asdict())
            else:
                rows.append(row | seen.difference(f"{one} both", f"{other} both", *span)._asdict())
    return pd.DataFrame(rows)


def last_practice(asked: Experiment, seen: Paths) -> pd.DataFrame:
    """Return the last year's gain by which practice ran last, averaged over the two orders."""
    span = (max(0, asked.months - 12), asked.months)
    rows = []
    for place, practice in enumerate(PRACTICES):
        forward = f"{ARTICLE} {(place + 1) % len(PRACTICES)}"
        backward = f"{REVERSE} {(len(PRACTICES) - place) % len(PRACTICES)}"
        gain = seen.difference_of_means([forward, backward], ["none"], *span)
        rows.append({"practice": practice} | gain._asdict())
    return pd.DataFrame(rows)


def by_month(asked: Experiment, seen: Paths) -> pd.DataFrame:
    """Return each programme's gain over none by month, for each contrast."""
    rows = []
    for (one, other), title in CONTRASTS.items():
        shown: Iterable[str] = ("all-six", one, other) if one == ARTICLE else (one, other)
        for name in shown:
            short = {"all-six": "All six\ntogether", ARTICLE: "Article's\norder", REVERSE: "Reverse\norder",
                     TRUST: "Trust,\nthen courage", COURAGE: "Courage,\nthen trust"}[name]  # fmt: skip
            gains = seen.values[name] - seen.values["none"]
            for month in range(asked.months):
                row = {"contrast": title, "programme": name, "title": short, "month": month}
                rows.append(row | interval(gains[:, month])._asdict())
    return pd.DataFrame(rows)


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the results and print what was found."""
    asked = ask(__file__, "When practices start, and in which order.", words)
    base = replace(asked.scenario, programme=())
    groups = {"starts": starts(base), "orders": orders(base)}
    plan = {
        "seed": asked.seed,
        "worlds": asked.worlds,
        "scenario": scenario_record(base),
        "programmes": {
            f"{group}: {name}": scenario_record(scenario).get("programme", [])
            for group, scenarios in groups.items()
            for name, scenario in scenarios.items()
        },
    }
    results = asked.results(plan)
    with asked.progress(asked.worlds * sum(map(len, groups.values()))) as progress:
        seen = {
            group: paths(scenarios, asked.worlds, seed=asked.seed, workers=asked.workers, progress=progress)
            for group, scenarios in groups.items()
        }
    starting = results.table("starts", started(asked, seen["starts"]))
    differences = results.table("order_differences", compared(asked, seen["orders"]))
    last = results.table("ran_last", last_practice(asked, seen["orders"]))
    results.table("order_monthly", by_month(asked, seen["orders"]))
    results.figure(
        "starts", figures.start_months, "starts", months=LENGTH, after=AFTER, support=list(base.support)
    )
    results.figure("orders", figures.orders, "order_monthly", "order_differences", support=list(SUPPORT))
    results.finish()
    asked.say(*report(asked, starting, differences, last), "", f"Results: {asked.place}")


def report(
    asked: Experiment, starting: pd.DataFrame, differences: pd.DataFrame, last: pd.DataFrame
) -> list[str]:
    """Say what starts, orders and recency do."""
    months = list(dict.fromkeys(starting["from_month"]))
    lines = [
        f"When a practice runs for {LENGTH} months beside the other five: mean gain over the {AFTER}",
        "months from its start, in points of collaborative advantage (1 point = 0.01),",
        f"over {asked.worlds} paired worlds with 95% intervals. Start in month:",
        "",
        f"{'':34s}" + "".join(f"{month:>12d}" for month in (months[0], months[len(months) // 2], months[-1])),
    ]
    for practice, record in PRACTICES.items():
        part = starting[(starting["practice"] == practice) & (starting["context"] == "together")]
        cells = ""
        for month in (months[0], months[len(months) // 2], months[-1]):
            one = part[part["from_month"] == month].iloc[0]
            cells += f"{tables.points(one['estimate'], one['low'], one['high']):>12s}"
        lines.append(f"{record.title[:34]:34s}{cells}")
    for contrast in dict.fromkeys(differences["contrast"]):
        lines += ["", f"{contrast}, in points:"]
        for row in differences[differences["contrast"] == contrast].to_dict("records"):
            window = str(row["window"]).replace("\n", " ")
            lines.append(f"  {window:50s}{tables.points(row['estimate'], row['low'], row['high']):>12s}")
    lines += ["", "Gain in the last year of the run by what ran last, in points:"]
    for row in last.to_dict("records"):
        title = PRACTICES[str(row["practice"])].title
        lines.append(f"  {title:50s}{tables.points(row['estimate'], row['low'], row['high']):>12s}")
    return lines


if __name__ == "__main__":
    sys.exit(main(experiment))
