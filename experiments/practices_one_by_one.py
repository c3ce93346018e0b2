"""How much of a practice is enough? Each at strength 0 to 1, alone and beside the other five."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pandas as pd

from collabsim.practices import PRACTICES
from collabsim.report import figures, tables
from collabsim.report.experiment import ask, main
from collabsim.study.paired import paired_difference
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the results and print what was found."""
    asked = ask(__file__, "Each practice at five strengths, alone and beside the others.", words)
    starts = {"alone": asked.scenario, "together": asked.scenario.with_settings("all-six")}
    plans = {
        (practice, context): Plan.factorial(
            {practice: STRENGTHS}, scenario, worlds=asked.worlds, seed=asked.seed
        )
        for practice in PRACTICES
        for context, scenario in starts.items()
    }
    results = asked.results([plan.record() for plan in plans.values()])
    rows = []
    with asked.progress(sum(plan.runs for plan in plans.values())) as progress:
        for (practice, context), plan in plans.items():
            runs = sweep(plan, workers=asked.workers, progress=progress)
            for strength in STRENGTHS:
                gain = paired_difference(runs, {practice: strength}, {practice: 0.0})
                row = {"practice": practice, "context": context, "strength": strength}
                rows.append(row | gain._asdict())
    doses = results.table("doses", pd.DataFrame(rows))
    results.figure("doses", figures.dose_response, "doses")
    results.finish()
    asked.say(*report(doses), "", f"Results: {asked.place}")


def report(doses: pd.DataFrame) -> list[str]:
    """Say for each practice what half of it adds and what all of it adds."""
    lines = [
        "What a practice adds at half and at full strength, in points of collaborative",
        f"advantage (1 point = 0.01), over {doses['worlds'].iloc[0]} paired worlds with 95% intervals:",
        "",
        f"{'':28s}{'alone':>26s}{'with the other five':>26s}",
        f"{'':28s}" + f"{'half':>13s}{'full':>13s}" * 2,
    ]
    for practice, record in PRACTICES.items():
        cells = ""
        for context in ("alone", "together"):
            for strength in (0.5, 1.0):
                one = doses[
                    (doses["practice"] == practice)
                    & (doses["context"] == context)
                    & (doses["strength"] == strength)
                ].iloc[0]
                cells += f"{tables.points(one['estimate'], one['low'], one['high']):>13s}"
        *before, last = tables.titled(record.title, 28)
        lines += [*before, last + cells]
    return [line.rstrip() for line in lines]


if __name__ == "__main__":
    sys.exit(main(experiment))
