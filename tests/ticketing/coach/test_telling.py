"""Who follows an account is told of buses there; everybody else by text."""

from __future__ import annotations

from typing import Any

import pytest

from plugins.official_account.models import (
    Account,
    Fan,
    MessageTemplate,
    Occasion,
    Sending,
    openid_index,
)
from plugins.official_account.seeds import LINKS, TEMPLATES
from plugins.ticketing.coach.choices import ShiftState
from plugins.ticketing.coach.models import ShiftDay
from plugins.ticketing.coach.services.cancelling import resume_day
from plugins.ticketing.kernel.models import TicketOrder

from .conftest import World
from .test_papers import issue


def test_a_follower_is_told_by_the_account_that_a_bus_goes_after_all(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a buyer who follows, with a ticket of a bus that does not go
    texts: list[str] = []
    monkeypatch.setattr(
        "plugins.ticketing.kernel.telling.send_text", lambda _mobile, text, _words: texts.append(text)
    )
    made = world.hold()
    issue(made)
    TicketOrder.objects.filter(pk=made.pk).update(state="issued")
    order = TicketOrder.objects.get(pk=made.pk)
    account = Account.objects.create(
        code="city", name="重庆邮政", original_id="gh_city", appid="wx1234567890", unit=world.org["CQ"], state="active"
    )  # fmt: skip
    template, fields = TEMPLATES["coach_resumed"]
    MessageTemplate.objects.create(
        account=account, occasion=Occasion.COACH_RESUMED, template_id=template, fields=fields
    )
    Fan.objects.create(account=account, openid="oBack", openid_index=openid_index("oBack"), user=order.user)
    day = order.coach_trip.shift_day_id
    ShiftDay.objects.filter(pk=day).update(state=ShiftState.CANCELLED, stopped_by=["test-coach-a"])
    # when, twice
    assert [resume_day(day, "test-coach-a") for _ in range(2)] == [1, 0]
    # then by WeChat, with what the template has, and not by text
    sending = Sending.objects.get()
    values: Any = sending.values
    assert (sending.template.occasion, texts) == ("coach_resumed", [])
    assert {keyword: values[word] for keyword, word in fields.items()} == {
        "thing1": order.title,
        "character_string2": order.number,
    }
    assert LINKS["coach_resumed"] == "{home}/h5/ticket-orders/{number}"
