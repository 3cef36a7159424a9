"""Replaying what was given up: superusers only, and only what was given up."""

import pytest
from django.urls import reverse

from saleor_o2o.cashier.models import Notification, NotificationState
from saleor_o2o.kernel.models import AuditEntry, EventDelivery

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


def test_a_finished_delivery_is_not_replayed(everything, visit):
    # given
    EventDelivery.objects.update(status=EventDelivery.Status.DONE)
    row = EventDelivery.objects.get()

    # when
    run(visit, "superuser", "admin:o2o_kernel_eventdelivery_changelist", row.pk)

    # then
    row.refresh_from_db()
    assert row.status == EventDelivery.Status.DONE
