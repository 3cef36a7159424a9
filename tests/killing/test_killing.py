"""Web and worker die between any two steps of a purchase and a refund: twenty seeds (two hundred in the journey)."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker
from pytest_socket import enable_socket

from saleor_o2o.journeys.killing.board import Aim
from saleor_o2o.journeys.killing.books import faults
from saleor_o2o.journeys.killing.house import house, with_database
from saleor_o2o.journeys.killing.stories import (
    Story,
    card_alone,
    card_asked_by_the_bank,
    card_refunded,
    combined_refunded,
    phone_scanned,
    refunded_in_parts,
    scanned,
)
from saleor_o2o.journeys.killing.trial import Trials
from tests.wiping import wipe

pytestmark = pytest.mark.slow
#: The journey plays two hundred from 0 on at each check; these are others, few: a trial takes ten seconds.
SEEDS = range(1000, 1008)
CODE = "POST /wechat_pay/v3/pay/transactions/codepay"
SEND_REFUND = "before sending task saleor_o2o.cashier.tasks.send_refund"


@pytest.fixture(scope="module")
def trials(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Trials]:
    """A house of real processes on this run's database; commits are real and wiped afterwards."""
    enable_socket()
    with django_db_blocker.unblock():
        wipe()
        name = connection.settings_dict["NAME"]
        with house(with_database(os.environ["DATABASE_URL"], name)) as found:
            yield Trials(found)
        wipe()


@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_or_doubled(trials: Trials, seed: int) -> None:
    # when somebody buys, and a process dies on the way
    outcome = trials.run(seed)

    # then
    assert outcome.faults == [], str(outcome)


@pytest.mark.parametrize(
    ("jobs", "story", "aim", "persists", "fault"),
    [
        ("cashier.drive-refunds", refunded_in_parts, Aim("web", SEND_REFUND, 1), True, "停在“待发送”"),
        ("cashier.process-notifications", scanned, Aim("web", "committed o2o_cashier_notification", 1), True,
         "通知没有处理完"),
        ("cashier.expire-payments", scanned, Aim("web", "answer /graphql/", 1), False,
         "停在“待支付”"),
        ("kernel.deliver-pending-events", card_alone, Aim("web", "committed o2o_cashier_paymentpart", 1), False,
         "没有送到"),
        ("cashier.drive-refunds", combined_refunded, Aim("web", SEND_REFUND, 2), True, "停在“待发送”"),
        ("stripe_pay.settle", card_refunded, Aim("web", "committed o2o_stripe_pay_stripemove", 1), True,
         "停在“待答复”"),
        # the phone has paid; either job alone finds it out
        ("cashier.query-silent-payments cashier.expire-payments", phone_scanned, Aim("web", f"answered {CODE}", 1),
         False, "停在“待支付”"),
    ],
)  # fmt: skip
def test_without_a_job_the_books_do_not_agree(
    trials: Trials, jobs: str, story: Story, aim: Aim, persists: bool, fault: str
) -> None:
    # when jobs that heal do not run
    lame = Trials(trials.house, without=set(jobs.split()), number=trials.number)
    outcome = lame.play(story, aim, persists=persists)
    trials.number = lame.number

    # then somebody died where we said, and the books show it
    assert outcome.deaths == [str(aim)]
    assert any(fault in one for one in outcome.faults), str(outcome)

    # and with all of them all is well
    trials.heal(outcome.buying)
    assert faults(outcome.buying) == []


def test_a_seed_is_one_trial(trials: Trials) -> None:
    # when
    first, second = trials.run(1001), trials.run(1001)

    # then
    assert (first.story, first.aim) == (second.story, second.aim)


def test_every_border_of_a_purchase_is_a_point(trials: Trials) -> None:
    # when
    points = {f"{one.role} {one.point}" for one in trials.rehearse(refunded_in_parts)}

    # then
    assert {
        "web before commit of o2o_org_hierarchy_orderattribution",
        "web committed o2o_org_hierarchy_orderattribution",
        "web before POST /wechat_pay/v3/pay/transactions/native",
        "web answered POST /wechat_pay/v3/pay/transactions/native",
        "web committed o2o_cashier_notification",
        "web answer /hooks/wechat_pay/notify/main",
        "web sent task saleor_o2o.cashier.tasks.process_notification",
        "worker before task saleor_o2o.cashier.tasks.process_notification",
        "worker before commit of o2o_cashier_paymentattempt",
        "worker done task saleor_o2o.cashier.tasks.process_notification",
        f"web {SEND_REFUND}",
        "worker before POST /wechat_pay/v3/refund/domestic/refunds",
        "worker answered POST /wechat_pay/v3/refund/domestic/refunds",
        "worker committed o2o_cashier_refund",
    } <= points


def test_every_border_of_a_phone_and_of_a_card_is_a_point(trials: Trials) -> None:
    # when
    phone = {f"{one.role} {one.point}" for one in trials.rehearse(phone_scanned)}
    card = {f"{one.role} {one.point}" for one in trials.rehearse(card_asked_by_the_bank)}

    # then
    assert {
        "web committed o2o_counter_sales_countersale",
        "web committed o2o_cashier_paymentattempt",
        f"web before {CODE}",
        f"web answered {CODE}",
    } <= phone
    assert {
        "web committed o2o_stripe_pay_stripecharge",
        "web before POST /stripe/v1/payment_intents",
        "web answered POST /stripe/v1/payment_intents",
        "web answered POST /stripe/v1/payment_intents/…/confirm",
        "web committed o2o_cashier_notification",
        "worker before task saleor_o2o.cashier.tasks.process_notification",
    } <= card
