"""Do the floats add up? Asked by a sweep over all movements, and by the health check for the newest of each."""

from __future__ import annotations

import logging
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit

from .models import FloatAccount, FloatMovement

logger = logging.getLogger(__name__)

OFF_BALANCE = audit.action("float.off_balance", _("备付金余额与流水不符"))
MARK = "OFF_BALANCE"


class FloatsOff(RuntimeError):
    """A float's balance is not what its newest movement says."""


def check_floats() -> int:
    """Mark and log every float whose balance is not the sum of its movements; returns how many. Two statements."""
    total = (
        FloatMovement.objects.filter(account=OuterRef("pk"))
        .order_by()
        .values("account")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    rows = FloatAccount.objects.annotate(total=Coalesce(Subquery(total), Decimal(0))).order_by("pk")
    off = list(rows.exclude(balance=F("total")))
    for account in off:
        logger.error("float %s does not add up", account.pk)
        if account.attention != MARK:
            FloatAccount.objects.filter(pk=account.pk).update(attention=MARK)
            audit.record(
                OFF_BALANCE,
                account,
                after={"balance": account.balance, "movements": account.total},
                org_path=account.unit.path,
            )
    FloatAccount.objects.filter(attention=MARK).exclude(pk__in=[one.pk for one in off]).update(attention="")
    return len(off)


def floats_add_up() -> None:
    """Raise FloatsOff unless every balance is the one after its newest movement. One statement over an index."""
    newest = FloatMovement.objects.filter(account=OuterRef("pk")).order_by("-pk").values("balance_after")[:1]
    rows = FloatAccount.objects.annotate(newest=Coalesce(Subquery(newest), Decimal(0)))
    if rows.exclude(balance=F("newest")).exists():
        raise FloatsOff
