"""Which bus of ours a network's bus is: by line and minute, and by the network's own word for it where that is known.

A bus that was put off leaves a row behind of which people have tickets. Another bus that goes at its former minute has
another word at the network, and must not become that row: whoever is told of one would be told of the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time

from ..models import CoachTrip, ShiftOffer, Station
from .moving import LIVE

#: What tells the buses of a station on a day apart: terminal, minute, flow, which one of that minute.
Place = tuple[int, time, bool, int]
#: A bus as its network calls it: the adapter, and the word.
Bus = tuple[str, str]
#: So much of a network's word is kept with an offer.
_WORD = 40


@dataclass(frozen=True, slots=True)
class Standing:
    """`listed`: where buses were by their networks' last answers; `held`: of which people have tickets, by place."""

    listed: Mapping[Bus, Place]
    held: Mapping[Place, set[Bus]]

    def was(self, adapter: str, word: str) -> Place | None:
        """Where a network's bus was at its last answer."""
        return self.listed.get((adapter, word[:_WORD]))

    def is_anothers(self, place: Place, adapter: str, word: str) -> bool:
        """Whether people have tickets of another bus at this place than a network's that comes there from elsewhere.

        By its own words, where its own tickets are there. Else it is what other networks call otherwise, unless that
        one has left: it is not listed there any more, or this network has listed it there until now.
        """
        held = self.held.get(place)
        if not held:
            return False
        own = {one for network, one in held if network == adapter}
        if own:
            return word[:_WORD] not in own
        before = any(at == place and bus[0] == adapter for bus, at in self.listed.items())
        return before or not any(self.listed.get(bus) == place for bus in held)


def standing(station: Station, day: date) -> Standing:
    """What is known of a station's buses of a day. Two statements."""
    offers = ShiftOffer.objects.filter(shift_day__day=day, shift_day__shift__line__start=station)
    told = offers.order_by().values_list(
        "supplier__adapter", "their_shift", "shift_day__shift__line__terminal", "shift_day__shift__departs",
        "shift_day__shift__flow", "shift_day__shift__copy",
    )  # fmt: skip
    trips = CoachTrip.objects.filter(
        shift_day__day=day, shift_day__shift__line__start=station, ticket_order__state__in=LIVE
    )
    sold = trips.order_by().values_list(
        "ticket_order__supplier__adapter", "ticket_order__product__shift", "ticket_order__product__bus",
        "shift_day__shift__line__terminal", "shift_day__shift__departs", "shift_day__shift__flow",
        "shift_day__shift__copy",
    )  # fmt: skip
    held: dict[Place, set[Bus]] = {}
    for adapter, shift, bus, terminal, clock, flow, copy in sold.distinct():
        held.setdefault((terminal, clock, flow, copy), set()).add((adapter, str(shift or bus or "")[:_WORD]))
    listed = {
        (adapter, word): (terminal, clock, flow, copy)
        for adapter, word, terminal, clock, flow, copy in told.distinct()
    }
    return Standing(listed, held)
