"""What Celery runs for the map. Every task may run twice and change nothing."""

from __future__ import annotations

from celery import shared_task

from . import lookup, sync
from .services import geocoding


@shared_task(name="plugins.service_map.tasks.follow_units", ignore_result=True)
def follow_units() -> int:
    """Repair: bring every place and area in step with its unit, and drop old answers of the provider."""
    lookup.forget_old()
    return sync.sync_all()


@shared_task(name="plugins.service_map.tasks.work_on_batch", ignore_result=True)
def work_on_batch(pk: int) -> None:
    """Look up the next rows of a batch of addresses, then send itself for the rest."""
    if geocoding.work_on(pk):
        work_on_batch.delay(pk)


@shared_task(name="plugins.service_map.tasks.work_on_batches", ignore_result=True)
def work_on_batches() -> int:
    """Go on with batches that wait, were paused, or lost their worker."""
    found = geocoding.waiting_batches()
    for pk in found:
        work_on_batch.delay(pk)
    return len(found)


@shared_task(name="plugins.service_map.tasks.reassign", ignore_result=True)
def reassign(unit_pk: int) -> int:
    """A branch's area changed: find the serving branch of the communities there anew."""
    from plugins.org_hierarchy.interfaces import OrgUnit

    from .services.communities import reassign_communities

    unit = OrgUnit.objects.filter(pk=unit_pk).first()
    return reassign_communities(unit) if unit is not None else 0
