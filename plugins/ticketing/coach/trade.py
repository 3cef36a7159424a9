"""What the ticketing kernel asks of coach tickets."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from plugins.ticketing.kernel.choices import Anchor
from plugins.ticketing.kernel.engine import Facts, Part
from plugins.ticketing.kernel.models import Ticket, TicketOrder
from saleor_o2o.kernel.clock import now

from .choices import PickMode
from .models import Line
from .services.cancelling import is_cancelled
from .services.invoices import take_back
from .services.papers import refuse_collected, refuse_printed
from .services.receiving import keep_pick_up
from .services.telling import tell_issued


def lines_of(keys: Collection[str]) -> dict[str, str]:
    """The lines that `coach:<code>` name, by their ends. One statement."""
    codes = [key.removeprefix("coach:") for key in keys if key.startswith("coach:")]
    found = Line.objects.filter(code__in=codes).select_related("start", "terminal")
    return {f"coach:{one.code}": str(one) for one in found}


class CoachRules:
    """Coach tickets as a trade of the kernel's."""

    def facts(self, ticket: Ticket, *, carriers_fault: bool, quantity: int, changing: bool = False) -> Facts:
        """What the fee engine has to know of a ticket now.

        What lies printed on paper goes back only after the paper was handed in: our own at a counter, the station's at
        its window; there not where the carrier is to blame. Raises CoachError PAPER_PRINTED, COLLECTED.
        """
        refuse_printed(ticket)
        order = ticket.ticket_order
        involuntary = carriers_fault or is_cancelled(order)
        if not involuntary:
            refuse_collected(ticket)
        passenger = ticket.passenger
        return Facts(
            # the fare; what coupons took off is the refund's to share
            parts=(Part("1", ticket.face, ticket.price - ticket.service, ticket.full_fare),),
            moment=now(),
            anchors={Anchor.DEPARTURE.value: order.starts_at, Anchor.BOOKED.value: order.made_at},
            passenger=passenger.type if passenger is not None else "adult",
            involuntary=involuntary,
            service=ticket.service,
        )

    def issued(self, order: TicketOrder, tickets: Sequence[Ticket]) -> None:
        """The buyer is told how to get the tickets, and any counter finds them by that."""
        keep_pick_up(order)
        tell_issued(order, len(tickets))

    def gone(self, order: TicketOrder, tickets: Sequence[Ticket], quantities: Mapping[int, int]) -> None:
        """Invoices that said more than was kept are taken back."""
        take_back(order, tickets)

    def describe(self, order: TicketOrder) -> Sequence[tuple[str, str]]:
        """The trip in words."""
        return words_of(order)


def words_of(order: TicketOrder) -> list[tuple[str, str]]:
    """Label and words of a trip, for pages, papers and the API."""
    place = order.place
    leaves = datetime.fromisoformat(place["departs"]).astimezone(now().tzinfo)
    last = datetime.fromisoformat(place["last"]).astimezone(now().tzinfo)
    when = (
        _("%(first)s—%(last)s 任意一班") % {"first": f"{leaves:%H:%M}", "last": f"{last:%H:%M}"}
        if place["flow"]
        else f"{leaves:%H:%M}"
    )
    extra = _("（加班车）") if place.get("extra_bus") else ""
    told = [
        (_("乘车日期"), place["day"]), (_("班次"), place["number"] + extra), (_("发车时间"), when),
        (_("上车站"), place["start"]), (_("到站"), place["goal"]), (_("检票口"), place.get("gate", "")),
        (_("发车位"), place.get("bay", "")), (_("车型"), place.get("vehicle", "")),
        (_("车站地址"), place.get("address", "")),
        (_("取票方式"), _picks(place.get("pick", ()))),
    ]  # fmt: skip
    return [(label, words) for label, words in told if words]


def _picks(told: Sequence[str]) -> str:
    return "、".join(str(PickMode(one).label) for one in told if one in PickMode.values)
