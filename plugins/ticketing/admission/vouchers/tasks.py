"""Work of vouchers in the background."""

from __future__ import annotations

from celery import shared_task

from .services.expiring import expire_due


@shared_task(name="plugins.ticketing.admission.vouchers.tasks.expire_vouchers")
def expire_vouchers() -> int:
    """Expire tickets whose time was over two days ago."""
    return expire_due()
