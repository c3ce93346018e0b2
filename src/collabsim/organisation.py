"""An organisation as a Mesa agent: a named, live view of one row of the partnership's state.

Reading an attribute reads the row, and writing it writes the row, which the next month starts from. To give
organisations a mind of their own, subclass :class:`OrganisationAgent` with a ``step()`` and hand the class to
the model; Mesa's activation calls it before each month.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, overload

import mesa

from collabsim.errors import InputError
from collabsim.parameters import PARAMETERS, number
from collabsim.rules import trust

if TYPE_CHECKING:
    from collabsim.model import CollaborationModel

MOST_ROOM = PARAMETERS["capacity_high"].high


class Live:
    """A number of an organisation, read from its row of the state and written there.

    Parameters
    ----------
    field
        The field of :data:`~collabsim.state.ORGANISATION_DTYPE`.
    meaning
        One line, for the documentation.
    high
        Its upper bound; the lower is 0.
    fixed
        Why it cannot be written, or nothing where it can.
    moves_trust
        Whether trust has to be worked out anew once it is written.
    """

    def __init__(
        self, field: str, meaning: str, *, high: float = 1.0, fixed: str = "", moves_trust: bool = False
    ) -> None:
        self.field, self.high, self.fixed, self.moves_trust = field, high, fixed, moves_trust
        self.__doc__ = meaning

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, organisation: None, owner: type | None = None) -> Live: ...
    @overload
    def __get__(self, organisation: OrganisationAgent, owner: type | None = None) -> float: ...
    def __get__(self, organisation: OrganisationAgent | None, owner: type | None = None) -> Live | float:
        if organisation is None:
            return self
        return float(organisation.model.state.organisation[self.field][organisation.row])

    def __set__(self, organisation: OrganisationAgent, value: float) -> None:
        what = f"{self.name} of '{organisation.name}'"
        if self.fixed:
            raise InputError(f"{what} cannot be changed: {self.fixed}")
        checked = number(value, what, 0.0, self.high)
        organisation.model.state.organisation[self.field][organisation.row] = checked
        if self.moves_trust:
            organisation.model.trust_is_stale()


class OrganisationAgent(mesa.Agent):  # type: ignore[misc]
    """One organisation of a :class:`~collabsim.model.CollaborationModel`.

    It holds nothing itself: whatever it shows is in the model's state at that moment. Removing it with
    Mesa's ``remove()`` takes away the view, not the organisation.

    Parameters
    ----------
    model
        The model it belongs to.
    row
        Its row of the state, counting from 0.

    Raises
    ------
    InputError
        On writing what cannot be changed, or a number that is not within its bounds.
    """

    model: CollaborationModel

    view = Live("purpose_view", "What it thinks the shared purpose is, 0 to 1.")
    mandate = Live("mandate", "What its own mandate says the purpose is, 0 to 1.")
    expectation = Live("expectation", "The share of promises it expects partners to keep, 0 to 1.")
    accountability = Live("accountability", "The effort with which it delivers what it promised, 0 to 1.")
    courage = Live("courage", "The courage of its leaders, 0 to 1.")
    systems_view = Live("systems_view", "How far its leaders see the whole, 0 to 1.")
    resting_courage = Live("resting_courage", "The courage its leaders fall back to, 0 to 1.")
    resting_systems_view = Live("resting_systems_view", "The systems view they fall back to, 0 to 1.")
    disposition = Live("disposition", "The trust it extends to a stranger, 0 to 1.", moves_trust=True)
    capacity = Live("capacity", "Room for meetings a month, 0 to 1000.", high=MOST_ROOM)
    perspective_x = Live("perspective_x", "How it sees the world, first axis.",
                         fixed="the distance of every tie was worked out from it at the start")  # fmt: skip
    perspective_y = Live("perspective_y", "How it sees the world, second axis.",
                         fixed="the distance of every tie was worked out from it at the start")  # fmt: skip

    def __init__(self, model: CollaborationModel, row: int) -> None:
        super().__init__(model)
        self.row = row

    @property
    def name(self) -> str:
        """Its name in the partnership."""
        return str(self.model.scenario.partnership.names[self.row])

    @property
    def sector(self) -> str:
        """The name of its sector."""
        partnership = self.model.scenario.partnership
        return str(partnership.sectors[partnership.organisations["sector"][self.row]].name)

    @property
    def size(self) -> float:
        """Its staff."""
        return float(self.model.scenario.partnership.organisations["size"][self.row])

    def trust_in(self, other: OrganisationAgent | str) -> float:
        """Return the trust it has in another, on the evidence as it stands now.

        Parameters
        ----------
        other
            The other organisation, or its name.

        Returns
        -------
        float
            0 to 1. In one it does not know, its disposition: the trust it extends to a stranger, a little
            more in its own sector.

        Raises
        ------
        InputError
            If there is no such organisation, or it is itself.
        """
        row = self._row_of(other)
        for k, a, partner in self._ties():
            if partner == row:
                return float(self.model.fresh_trust()[a, k])
        sectors = self.model.state.organisation["sector"]
        same = int(sectors[self.row] == sectors[row])
        towards = trust.disposition_towards(self.disposition, same, self.model.parameter("own_sector"))
        return float(towards)

    def contact_with(self, other: OrganisationAgent | str) -> float:
        """Return how much it sees of another, 0 to 1; 0 where they do not know each other.

        Raises
        ------
        InputError
            If there is no such organisation, or it is itself.
        """
        row = self._row_of(other)
        contact = self.model.state.pair.contact
        return next((float(contact[k]) for k, _, partner in self._ties() if partner == row), 0.0)

    def partners(self) -> list[OrganisationAgent]:
        """Return the organisations it is in contact with (contact above 0), in the order of their rows."""
        contact = self.model.state.pair.contact
        rows = sorted(partner for k, _, partner in self._ties() if contact[k] > 0.0)
        return [self.model.organisation_at(row) for row in rows]

    def _row_of(self, other: Any) -> int:
        if isinstance(other, OrganisationAgent):
            if other.model is not self.model:
                raise InputError(f"'{other.name}' is an organisation of another model")
            row = other.row
        else:
            row = self.model.scenario.partnership.row(other)
        if row == self.row:
            raise InputError(f"'{self.name}' has no tie with itself; name another organisation")
        return row

    def _ties(self) -> Iterator[tuple[int, int, int]]:
        """Follow the list of its ties: the pair, its own side of it, and the partner's row."""
        state = self.model.state
        ends = (state.pair.higher, state.pair.lower)
        following = state.side.next_tie
        tie = int(state.organisation["first_tie"][self.row])
        while tie >= 0:
            k, a = divmod(tie, 2)
            yield k, a, int(ends[a][k])
            tie = int(following[a, k])

    def __repr__(self) -> str:
        """Say which it is."""
        return f"<{type(self).__name__} {self.name} ({self.sector})>"
