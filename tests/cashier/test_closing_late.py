"""A trade that opens while somebody closes it: whichever comes first at the provider, it does not stay open unseen."""

from __future__ import annotations

import pytest

from saleor_o2o.cashier.models import AttemptState, PaymentAttempt
from saleor_o2o.cashier.ports import Method, TradeRef, TradeState
from saleor_o2o.cashier.services import closing
from saleor_o2o.cashier.services.closing import close_attempt
from saleor_o2o.cashier.services.paying import mark_open, only_attempt, request_of

from .conftest import Till


def raced(till: Till, monkeypatch: pytest.MonkeyPatch) -> PaymentAttempt:
    """Another device closes a number that the provider does not know yet; then the first one's trade opens."""
    attempt = only_attempt(till.buy(), Method.WECHAT_NATIVE, "", None, "")
    close = till.provider.close

    def closed_first(asked: TradeRef) -> None:
        close(asked)
        if asked.number not in till.provider.trades:
            till.provider.start(request_of(attempt))
            mark_open(PaymentAttempt.objects.get(pk=attempt.pk))

    monkeypatch.setattr(till.provider, "close", closed_first)
    return PaymentAttempt.objects.get(pk=attempt.pk)


def test_a_trade_that_opens_after_it_was_closed_is_closed_again(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given
    attempt = raced(till, monkeypatch)

    # when
    closed = close_attempt(attempt)

    # then
    assert closed
    assert till.provider.trades[attempt.number].state is TradeState.CLOSED
    assert PaymentAttempt.objects.get(pk=attempt.pk).state == AttemptState.CLOSED


def test_without_another_look_it_would_stay_open_unseen(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    # given: the answer of the provider is believed whatever happened meanwhile
    def believed(row: PaymentAttempt) -> bool:
        closing._mark_closed(row)
        return True

    monkeypatch.setattr(closing, "_mark_closed_unless_opened", believed)
    attempt = raced(till, monkeypatch)

    # when
    close_attempt(attempt)

    # then
    assert till.provider.trades[attempt.number].state is TradeState.UNPAID
    assert PaymentAttempt.objects.get(pk=attempt.pk).state == AttemptState.CLOSED
