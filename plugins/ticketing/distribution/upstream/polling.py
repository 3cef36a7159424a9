"""The fallback of notices: orders whose tickets may be used now are asked for, the longest unasked first."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import F, Q

from plugins.ticketing.admission.suppliers import distributor
from plugins.ticketing.kernel.choices import OrderState, TicketState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.ports import SupplierSilent
from saleor_o2o.kernel.clock import now

from ..models import UpstreamStanding
from .using import reconcile

logger = logging.getLogger(__name__)
#: Notices usually come; what was asked within this is not asked again.
EVERY = timedelta(minutes=5)
LATE = timedelta(days=2)


def poll(limit: int = 100) -> int:
    """Ask for orders that may be used now, and bring our tickets in step; how many. Stops when nobody answers."""
    moment = now()
    waiting = (
        TicketOrder.objects.filter(supplier__adapter=distributor.ADAPTER, state=OrderState.ISSUED)
        .exclude(their_number="")
        .filter(
            tickets__state__in=(TicketState.ISSUED, TicketState.PART_USED), tickets__valid_from__lte=moment,
            tickets__valid_until__gte=moment - LATE,
        )
        .filter(Q(upstream=None) | Q(upstream__asked_at__lt=moment - EVERY))
    )  # fmt: skip
    never_first = F("upstream__asked_at").asc(nulls_first=True)
    keys = waiting.order_by(never_first, "pk").values_list("pk", flat=True)
    done = 0
    for pk in dict.fromkeys(keys[: limit * 4]):
        if done >= limit:
            break
        order = TicketOrder.objects.get(pk=pk)
        asked_at = now()
        try:
            reconcile(order, distributor.ask_order(order.their_number), asked_at=asked_at)
        except SupplierSilent:
            break
        except (
            Exception
        ):  # whatever is wrong with it: the others are asked for, and it comes again in its turn
            logger.exception("asking for %s", order.number)
            UpstreamStanding.objects.update_or_create(ticket_order=order, defaults={"asked_at": asked_at})
            continue
        done += 1
    return done
