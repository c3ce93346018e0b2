"""What each of the six practices adds: alone, within the whole, and as its fair share.

All 64 combinations of the practices, each in the same worlds.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pandas as pd

from collabsim.practices import PRACTICES
from collabsim.report import figures, tables
from collabsim.report.experiment import ask, main
from collabsim.study import effects
from collabsim.study.paired import mean_of
from collabsim.study.plan import Plan
from collabsim.study.sweep import sweep


def experiment(words: Sequence[str] | None = None) -> None:
    """Run it, write the results and print what was found."""
    asked = ask(__file__, "All 64 combinations of the six practices.", words)
    plan = Plan.factorial(PRACTICES, asked.scenario, worlds=asked.worlds, seed=asked.seed)
    results = asked.results(plan.record())
    with asked.progress(plan.runs) as progress:
        runs = sweep(plan, workers=asked.workers, progress=progress)
    results.frame("runs", runs)

    measures = {
        "alone": effects.alone,
        "within_whole": effects.within_whole,
        "shapley": effects.shapley,
        "main_effect": effects.main_effects,
    }
    parts = [measure(runs).assign(measure=name) for name, measure in measures.items()]
    found = pd.concat(parts, ignore_index=True)
    found = found[["practice", "measure", "estimate", "low", "high", "worlds"]]
    none = mean_of(runs, dict.fromkeys(PRACTICES, 0.0))
    every = mean_of(runs, dict.fromkeys(PRACTICES, 1.0))
    together = effects.complementarity(runs)
    whole = pd.DataFrame(
        [
            {"what": what, **estimate._asdict()}
            for what, estimate in (("none", none), ("all", every), ("beyond_sum_of_alone", together))
        ]
    )
    results.table("effects", found)
    results.table("whole", whole)
    results.table("interactions", effects.pairwise_interactions(runs))
    results.table("combinations", effects.combination_means(runs))
    results.figure("effects", figures.practice_effects, "effects")
    results.figure("interactions", figures.interaction_map, "interactions")
    results.figure("combinations", figures.combinations, "combinations")
    results.finish()
    asked.say(tables.practice_table(found, none, every, together, asked.place))


if __name__ == "__main__":
    sys.exit(main(experiment))
