"""A message was tapped: noted once, for the campaign it is of."""

from __future__ import annotations

from saleor_o2o.kernel.clock import now

from ..models import CampaignMessage
from ..models.campaigns import HOME


def opened(token: str) -> str:
    """Note that a message was tapped, the first time; the page it leads to: the shop's first for an unknown token."""
    row = CampaignMessage.objects.filter(token=token).values_list("pk", "campaign__page").first()
    if row is None:
        return HOME
    CampaignMessage.objects.filter(pk=row[0], opened_at__isnull=True).update(opened_at=now())
    return str(row[1])
