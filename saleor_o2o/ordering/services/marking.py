"""Remarks and flags of the staff, one order or many at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.redaction import redact_text

from ..choices import Flag, TimelineKind
from ..error_codes import OrderingErrorCode as Code
from ..errors import OrderingError
from ..models import OrderProfile, OrderTimeline
from .timeline import entry_of, note_all

MARKED = audit.action("ordering.order_marked", _("标记或备注订单"))
#: Orders marked, printed or sent at once.
MOST = 200
LONGEST = 500


@transaction.atomic
def mark_orders(order_ids: Sequence[int], *, flag: str | None = None, remark: str | None = None) -> int:
    """Set the flag and the remark of orders; None leaves one as it is, empty takes it away. How many changed.

    The caller has taken the orders through the scope. Locks: the profiles. Raises OrderingError UNKNOWN_CHOICE,
    TEXT_TOO_LONG, TOO_MANY.
    """
    if flag and flag not in Flag.values:
        raise OrderingError(Code.UNKNOWN_CHOICE, "flag")
    if remark is not None and len(remark) > LONGEST:
        raise OrderingError(Code.TEXT_TOO_LONG, "remark")
    if len(order_ids) > MOST:
        raise OrderingError(Code.TOO_MANY)
    changed, entries = [], []
    for profile in lock_rows(OrderProfile.objects.filter(pk__in=order_ids)):
        before = {"flag": profile.flag, "remark": profile.remark}
        profile.flag = profile.flag if flag is None else flag
        profile.remark = profile.remark if remark is None else remark.strip()
        after = {"flag": profile.flag, "remark": profile.remark}
        if before == after:
            continue
        changed.append(profile)
        if before["flag"] != after["flag"]:
            text = f"标记：{profile.get_flag_display() or '取消标记'}"
            entries.append(_entry(profile, TimelineKind.FLAG, text, "flag", before, after))
        if before["remark"] != after["remark"]:
            text = f"备注：{redact_text(profile.remark) or '（清空）'}"
            entries.append(_entry(profile, TimelineKind.REMARK, text, "remark", before, after))
        audit.record(MARKED, profile.order, before=before, after=after)
    OrderProfile.objects.bulk_update(changed, ["flag", "remark"])
    note_all(entries)
    return len(changed)


def _entry(
    profile: OrderProfile,
    kind: TimelineKind,
    text: str,
    name: str,
    before: dict[str, str],
    after: dict[str, str],
) -> OrderTimeline:
    return entry_of(profile.pk, kind, text, before={name: before[name]}, after={name: after[name]})
