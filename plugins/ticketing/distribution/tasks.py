"""Work of distribution in the background."""

from __future__ import annotations

import logging

from celery import shared_task

from plugins.ticketing.admission.suppliers.distributor import ADAPTER
from plugins.ticketing.kernel.models import SupplierAccount
from plugins.ticketing.kernel.ports import SupplierRefused, SupplierSilent

from .upstream import polling
from .upstream.catalogue import take_over

logger = logging.getLogger(__name__)


@shared_task(name="plugins.ticketing.distribution.tasks.poll_upstream")
def poll_upstream() -> int:
    """Ask distributors how the orders stand whose tickets may be used now: notices may be lost."""
    return polling.poll()


@shared_task(name="plugins.ticketing.distribution.tasks.sync_upstream")
def sync_upstream() -> int:
    """Take over the catalogues of all distributors."""
    classes = 0
    for account in SupplierAccount.objects.filter(adapter=ADAPTER, active=True):
        try:
            classes += take_over(account).classes
        except (SupplierRefused, SupplierSilent) as error:
            logger.warning("catalogue of %s: %s", account.code, error)
    return classes
