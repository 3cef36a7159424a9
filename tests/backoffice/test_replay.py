"""Replaying what was given up, and only that: notifications by who may ask for payments, events by superusers."""

import pytest
from django.test import Client
from django.urls import reverse

from plugins.org_hierarchy.models import DataScope
from saleor_o2o.cashier.models import Notification, NotificationState
from saleor_o2o.kernel.models import AuditEntry, EventDelivery
from tests.orgs import person, small_org

ACTION = "replay_dead"


def run(visit, who, page, pk):
    return visit(who, reverse(page), {"action": ACTION, "_selected_action": [str(pk)]}, "post")


def test_superuser_replays_a_dead_notification(everything, visit):
    # given
    row = Notification.objects.get()

    # when
    response = run(visit, "superuser", "admin:o2o_cashier_notification_changelist", row.pk)

    # then the attempt is made and written down; this one is not genuine
    assert response.status_code == 302
    assert Notification.objects.get(pk=row.pk).state != NotificationState.DEAD
    assert AuditEntry.objects.filter(subject_id=str(row.pk), subject_type__icontains="notification").exists()


def test_a_button_on_the_page_replays_it(everything, visit):
    # given
    row = Notification.objects.get()
    page = reverse("admin:o2o_cashier_notification_change", args=[row.pk])
    button = reverse("admin:o2o_cashier_notification_replay", args=[row.pk])

    # when
    shown = visit("superuser", page).content.decode()
    asked = visit("superuser", button).content.decode()
    done = visit("superuser", button, {"do": "1"}, "post")
    after = visit("superuser", page).content.decode()

    # then: what it is about is told first; a button that leads nowhere is not shown
    assert button in shown and "微信支付" in asked and "不会重复入账" in asked
    assert (done.status_code, done.url) == (302, page)
    assert Notification.objects.get(pk=row.pk).state != NotificationState.DEAD
    assert button not in after


@pytest.mark.parametrize(
    ("rights", "scope", "status"),
    [
        (("payment.view", "payment.close"), DataScope.ALL, 302),
        (("payment.view",), DataScope.ALL, 403),
        (("payment.view", "payment.close"), DataScope.UNIT_AND_BELOW, 404),  # the inbox is the whole city's
    ],
)
def test_whoever_may_ask_for_payments_may_replay(everything, rights, scope, status):
    # given
    row = Notification.objects.get()
    at = "CQ" if scope == DataScope.ALL else "C11"
    who = person(small_org()[at], "finance", rights, scope=scope)
    browser = Client()
    browser.force_login(who, backend="django.contrib.auth.backends.ModelBackend")

    # when
    answer = browser.post(reverse("admin:o2o_cashier_notification_replay", args=[row.pk]), {"do": "1"})

    # then
    assert answer.status_code == status
    assert (Notification.objects.get(pk=row.pk).state == NotificationState.DEAD) == (status != 302)


def test_the_home_page_leads_to_what_is_stuck(everything, visit):
    # given
    address = reverse("admin:o2o_cashier_notification_changelist") + "?stuck=yes"
    Notification.objects.create(gateway="o2o.wechat_pay", external_id="n-2", body=b"x", kind="REFUND.SUCCESS")

    # when
    home = visit("superuser", reverse("admin:index")).content.decode()
    listed = visit("superuser", address).content.decode()

    # then: one that has just come in is no matter for people
    assert address in home
    assert "n-1" in listed and "n-2" not in listed


@pytest.mark.parametrize("who", ["orders", "none", "shopper", "anonymous"])
def test_others_replay_no_notification(everything, visit, who):
    # given
    row = Notification.objects.get()

    # when
    run(visit, who, "admin:o2o_cashier_notification_changelist", row.pk)

    # then
    assert Notification.objects.get(pk=row.pk).state == NotificationState.DEAD


def test_superuser_replays_a_dead_delivery(everything, visit):
    # given
    row = EventDelivery.objects.get()

    # when
    response = run(visit, "superuser", "admin:o2o_kernel_eventdelivery_changelist", row.pk)

    # then
    row.refresh_from_db()
    assert response.status_code == 302
    assert row.status == EventDelivery.Status.PENDING


def test_a_button_on_a_deliverys_page_replays_it(everything, visit):
    # given
    row = EventDelivery.objects.get()
    page = reverse("admin:o2o_kernel_eventdelivery_change", args=[row.pk])
    button = reverse("admin:o2o_kernel_eventdelivery_replay", args=[row.pk])

    # when
    shown = visit("superuser", page).content.decode()
    others = visit("orders", button, {"do": "1"}, "post")
    done = visit("superuser", button, {"do": "1"}, "post")

    # then
    row.refresh_from_db()
    assert button in shown and done.status_code == 302
    assert row.status == EventDelivery.Status.PENDING
    assert others.status_code in (403, 404)


def test_a_finished_delivery_is_not_replayed(everything, visit):
    # given
    EventDelivery.objects.update(status=EventDelivery.Status.DONE)
    row = EventDelivery.objects.get()

    # when
    run(visit, "superuser", "admin:o2o_kernel_eventdelivery_changelist", row.pk)

    # then
    row.refresh_from_db()
    assert row.status == EventDelivery.Status.DONE
