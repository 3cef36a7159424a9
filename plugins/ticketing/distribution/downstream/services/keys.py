"""Keys of the interface: shown once, made anew with some days in which both count."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ..access import EDIT
from ..locks import lock_reseller
from ..models import Reseller, ResellerKey

MADE = audit.action("resale.key_made", _("签发分销商接口密钥"))
#: How long the key before still counts.
OVERLAP = timedelta(hours=72)


def make_key(by: Any, pk: int, *, at_once: bool = False) -> ResellerKey:
    """A new key; the one before ends after the overlap, or now (`at_once`: it was lost). Earlier ones end now.

    Its `secret` is for whoever asked, this once. Raises OutOfScope, NotAllowed. Locks: the reseller.
    """
    found = get_row(by, Reseller, pk=pk)
    require(by, EDIT, found)
    with transaction.atomic():
        reseller = lock_reseller(found.pk)
        moment = now()
        alive = list(_alive(reseller))
        for place, one in enumerate(alive):
            overlap = place == 0 and not at_once and one.ends_at is None
            one.ends_at = moment + OVERLAP if overlap else moment
            one.save(update_fields=["ends_at"])
        made = ResellerKey.objects.create(
            reseller=reseller, key=f"RS{secrets.token_hex(9).upper()}", secret=secrets.token_hex(32)
        )
        audit.record(
            MADE, reseller, after={"key": made.key, "at_once": at_once}, actor=actor_label(by),
            org_path=found.unit.path,
        )  # fmt: skip
    return made


def _alive(reseller: Reseller) -> Any:
    return ResellerKey.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), reseller=reseller).order_by(
        "-pk"
    )


def current_key(reseller: Reseller) -> ResellerKey | None:
    """The one that signs what we say."""
    found: ResellerKey | None = _alive(reseller).first()
    return found


def key_named(name: str) -> ResellerKey | None:
    """A key that counts, by its name."""
    found = ResellerKey.objects.select_related("reseller__unit").filter(key=name).first()
    return found if found is not None and (found.ends_at is None or found.ends_at > now()) else None
