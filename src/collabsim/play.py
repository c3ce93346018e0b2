"""One run, played month by month: what the Mesa model, the event log and the browser page look into.

The month is the one compiled month that ensembles run; nothing of it is written here.
"""

from __future__ import annotations

import numpy as np

from collabsim.driver import given_of
from collabsim.errors import CollabsimError
from collabsim.outcomes import OUTCOMES
from collabsim.scenario import Scenario, asks_table
from collabsim.schedule import SCHEDULE, Schedule
from collabsim.state import State, copied, copy_into, grown, new_month, new_state


class Run:
    """One scenario in one world, played month by month by the compiled month.

    Parameters
    ----------
    scenario
        What is run.
    where
        Seed, world and luck, checked.
    schedule
        The month.

    Attributes
    ----------
    state, work
        What is kept from month to month, and what a month works with. Replaced when room for ties runs out.
    monthly
        (months, monthly outcomes) what was measured after each month, NaN for those to come.
    joint, held
        (months,) joint deliveries, and meetings, of each month.
    """

    def __init__(self, scenario: Scenario, where: tuple[int, int, int], schedule: Schedule) -> None:
        setting = scenario.compile()
        partnership = setting.partnership
        n, known = len(partnership), len(partnership.ties)
        self.most = max(1, n * (n - 1) // 2)
        room = min(self.most, max(1, known + 2 * n))
        self.schedule, self.parameters = schedule, setting.parameters.view(np.recarray)
        self.state = new_state(n, room)
        self.work = new_month(n, room, asks_table(), setting.entries, setting.coverage)
        self.monthly = np.full((setting.months, len(OUTCOMES)), np.nan)
        self.joint, self.held = np.zeros(setting.months), np.zeros(setting.months)
        self._given = given_of(
            self.parameters,
            np.array([[0, len(setting.entries)]]),
            partnership.organisations,
            partnership.ties,
            partnership.survey_error,
        )
        schedule.driver.begin_world(self.state, self.work, self._given, (*where, 0))

    @property
    def month(self) -> int:
        """How many months have been played."""
        return int(self.state.clock[0].month)

    def play(self) -> None:
        """Play one month and measure it."""
        t = self.month
        # A month that runs out of room for ties stops half-way. Each organisation introduces at most one pair
        # a month, so the model's own rules are safe with room for n more; rules of others may join more.
        self._make_room(len(self.state.organisation))
        kept = None if self.schedule is SCHEDULE else self.snapshot()
        while not self.schedule.driver.one_month(self.state, self.work, self._given, self.monthly[t]):
            if kept is None or len(self.state.pair.lower) >= self.most:
                raise CollabsimError(f"there is no room for the ties that month {t} opens")
            self._go_back_to(kept)
            self._make_room(len(self.state.pair.lower))
        tally = self.work.tally[0]
        self.joint[t], self.held[t] = tally.joint_deliveries, tally.meetings

    def _make_room(self, more: int) -> None:
        room = min(self.most, int(self.state.clock[0].pairs) + more)
        if room > len(self.state.pair.lower):
            room = min(self.most, max(room, 2 * len(self.state.pair.lower)))
            self.state, self.work = grown(self.state, self.work, room)

    def _go_back_to(self, kept: State) -> None:
        copy_into(self.state, kept)

    def refresh_trust(self) -> None:
        """Work trust out from the evidence and dispositions as they are, by the schedule's own rule."""
        self.schedule.driver.refresh(self.state, self.work, self._given)

    def snapshot(self) -> State:
        """Copy the state."""
        state: State = copied(self.state)
        return state
