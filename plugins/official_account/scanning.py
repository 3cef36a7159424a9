"""Finding the code that a scene belongs to."""

from __future__ import annotations

from django.db.models import Q

from saleor_o2o.kernel.clock import now

from .models import Account, SceneCode, SceneState


def code_of(account: Account, scene: str) -> SceneCode | None:
    """The code in use with this scene, with its channel; none for one that has ended, run out or was never ours."""
    good = Q(expires_at__isnull=True) | Q(expires_at__gt=now())
    rows = SceneCode.objects.select_related("channel").filter(good, state=SceneState.ACTIVE)
    return rows.filter(account=account, scene=scene).first()
