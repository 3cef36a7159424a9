"""Work of resale in the background. Each may run twice."""

from __future__ import annotations

from celery import shared_task

from saleor_o2o.kernel.sweeping import sum_each

from .services import changes, ordering, sending, standing


@shared_task(name="plugins.ticketing.distribution.downstream.tasks.drive_orders")
def drive_orders() -> int:
    """Drive orders that stand still since a crash or a busy moment."""
    return ordering.drive_waiting()


@shared_task(name="plugins.ticketing.distribution.downstream.tasks.tell_orders")
def tell_orders() -> int:
    """Write notices of orders that are not as they were told, and send what is due."""
    told = sum_each(
        standing.differing(), lambda pk: len(standing.tell_standing(pk)), "telling of a reseller's order"
    )
    send_notices()
    return told


@shared_task(name="plugins.ticketing.distribution.downstream.tasks.send_notices")
def send_notices() -> int:
    """Send the notices whose time has come."""
    return sending.send_due()


@shared_task(name="plugins.ticketing.distribution.downstream.tasks.tell_products")
def tell_products() -> int:
    """Tell resellers of products that changed."""
    return changes.tell_products()
