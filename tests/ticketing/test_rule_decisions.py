"""What a slip of the hand does with rules: nothing that nobody pressed for, and no page that breaks."""

from __future__ import annotations

from datetime import timedelta

import pytest
from saleor.account.models import User

from plugins.ticketing.kernel.models import FeeRule
from plugins.ticketing.kernel.services.rules import publish, submit
from saleor_o2o.kernel.clock import today

from .fares import RULES
from .test_pages import at, browser, form, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def pending(maker: User) -> FeeRule:
    return submit(maker, RULES["公路客票退票（全国）"], {}, today() + timedelta(days=1), "照公告")


def test_the_enter_key_publishes_nothing(checker: User, pending: FeeRule) -> None:
    # given: the second person begins to type why not; a browser sends a line of text at the enter key with the first
    # button of the form, which publishes
    client = browser(checker)
    assert client.get(at("decide", pending.pk)).content.decode().count("<textarea") == 1
    # when sent without any button
    answer = client.post(at("decide", pending.pk), {"note": "比例不对"})
    # then nothing is decided, and what was typed is there
    assert (answer.status_code, FeeRule.objects.get().state) == (200, "pending")
    assert "比例不对" in text_of(answer)
    # when
    client.post(at("decide", pending.pk), {"refuse": "1", "note": "比例不对"})
    # then
    decided = FeeRule.objects.get()
    assert (decided.state, decided.note) == ("refused", "比例不对")


@pytest.mark.parametrize("day", ["9999-12-31", "2999-01-01", "0001-01-01"])
def test_a_last_day_that_there_is_not_is_told(maker: User, checker: User, pending: FeeRule, day: str) -> None:
    # given
    publish(checker, pending)
    # when
    answer = browser(maker).post(at("end", pending.pk), {"last_day": day, "reason": "停运", "do": "1"})
    # then
    assert (answer.status_code, FeeRule.objects.count()) == (200, 1)
    assert "请核对年份" in text_of(answer) or "最后一天不能早于今天" in text_of(answer)


@pytest.mark.parametrize(("field", "day"), [("valid_from", "9999-12-31"), ("valid_to", "9999-12-31")])
def test_a_rule_of_a_day_that_there_is_not_is_told(maker: User, field: str, day: str) -> None:
    # when
    answer = browser(maker).post(at("new"), form(**{field: day, "submit": "1"}))
    # then
    assert (answer.status_code, FeeRule.objects.count()) == (200, 0)
