"""A bus of the pretended networks moves, does not go, and goes by its timetable after all; no notice of it arrives."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D

import pytest

from plugins.ticketing.coach.models import ShiftDay
from plugins.ticketing.coach.services import keeping
from plugins.ticketing.coach.services.cancelling import is_cancelled
from plugins.ticketing.kernel.choices import RefundState, TicketState
from plugins.ticketing.kernel.models import TicketOrder
from plugins.ticketing.kernel.services.refunding import preview_refund
from saleor_o2o.kernel.clock import SHANGHAI
from sandbox.client import SandboxClient
from tests.after_sale.conftest import Shop, shop, world  # noqa: F401 - fixtures

from ..orders.till import Till
from .sandboxes import A, B, coach_address, coach_folder, control
from .test_over_http import buses, take_over
from .test_refunds_over_http import bought, given_back

__all__ = ["coach_address", "coach_folder", "control"]


@pytest.mark.parametrize("network", [A, B])
def test_moved_then_cancelled_then_by_its_timetable(
    shop: Shop,  # noqa: F811 - the fixture
    control: SandboxClient,
    network: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # given: two buyers on a bus, and a third who buys after it was put off; the network works at once
    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text",
        lambda _mobile, text, words: told.append((text, words.get("trip", "")[-5:])),
    )
    monkeypatch.setattr(keeping, "AGAIN", timedelta(0))
    control.call("POST", f"/{network}/options", {"hours": "always", "issue_delay": 0, "refund_delay": 0})
    control.fault("*", "down", times=None, system=B if network == A else A)
    take_over()
    till = Till(shop, {}, {}, None, None)  # type: ignore[arg-type]
    bus = buses("龙头寺", "sn")[1]
    first, second = bought(till, bus, 321), bought(till, bus, 322)
    there = {"date": first.place["day"], "shift": first.product.get("bus") or first.product["shift"]}
    control.call("POST", f"/{network}/shifts/move", {**there, "minutes": 7})
    keeping.refresh_days()
    late = first.starts_at + timedelta(minutes=7)
    [moved] = [one for one in buses("龙头寺", "sn") if one.shift_day.departs == late and one.options]
    third = bought(till, moved, 323)
    clock = f"{first.starts_at.astimezone(SHANGHAI):%H:%M}"
    assert [one for one, _trip in told if one == "coach_moved"] == ["coach_moved"] * 2
    told.clear()

    # when it does not go, and one of them gives back
    control.call("POST", f"/{network}/shifts/cancel", there)
    for _again in range(2):
        keeping.refresh_days()
    assert [one for one, _trip in told] == ["coach_cancelled"] * 3
    free = given_back(shop, second)
    assert (free.items.get().fee, free.state) == (D("0.00"), RefundState.PAYING)
    told.clear()

    # when it goes by its timetable after all
    control.call("POST", f"/{network}/shifts/reopen", there)
    for _again in range(2):
        keeping.refresh_days()

    # then the two who still go are told when, and that it goes; whoever gave back is left alone
    assert sorted(one for one, _trip in told) == ["coach_moved"] * 2 + ["coach_resumed"] * 2
    assert {trip for one, trip in told if one == "coach_resumed"} == {clock}
    for order in (first, third):
        fresh = TicketOrder.objects.get(pk=order.pk)
        assert (fresh.starts_at, is_cancelled(fresh)) == (first.starts_at, False)
        [offer] = preview_refund(list(fresh.tickets.select_related("ticket_order")))
        assert offer.quote.fee > 0
    assert second.tickets.get().state == TicketState.REFUNDED
    assert set(ShiftDay.objects.filter(trips__isnull=False).values_list("state", flat=True)) == {"running"}
