"""The broker is down: a notification is stored and answered all the same, and the inbox's job does the work."""

from __future__ import annotations

from saleor_o2o.cashier.models import Notification, NotificationState
from saleor_o2o.cashier.tasks import process_notifications
from saleor_o2o.kernel.models import EventRecord
from tests.broker import broker_down
from tests.stock.world import World

from .books import books, paid, time_passes, unpaid
from .conftest import WechatPay
from .shopper import buy, start


def test_a_payment_is_booked_by_the_job(world: World, wechat: WechatPay) -> None:
    # given
    order = buy(world)
    start(order)
    wechat.pay(order)
    heard = wechat.hear()

    # when: it comes while nobody can be told to work on it, and comes again
    with broker_down():
        first, again = wechat.deliver(heard), wechat.deliver(heard)

    # then: answered, kept, and nothing is booked yet
    row = Notification.objects.get()
    assert (first, again) == (204, 204)
    assert (row.state, row.times_seen, row.attempts) == (NotificationState.RECEIVED, 2, 0)
    assert books(order) == unpaid(1, "open")

    # when: beat's job runs by and by
    process_notifications()
    before = Notification.objects.get().state
    time_passes()
    process_notifications()
    process_notifications()

    # then: not before the task of the first delivery had its time; then once
    assert before == NotificationState.RECEIVED
    assert Notification.objects.get().state == NotificationState.PROCESSED
    assert books(order) == paid("49.90", 1)
    assert EventRecord.objects.filter(name="cashier.payment_confirmed").count() == 1
