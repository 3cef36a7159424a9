"""A redemption taken back: by somebody else than who made it, soon after, with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import get_row, require

from ...models import Redemption, Scan
from ..access import REVERSE
from ..choices import Answer, Direction, UseKind
from ..errors import VoucherError
from ..errors import VoucherErrorCode as Code
from ..locks import lock_voucher
from ..moving import ALIVE
from ..places import Post
from .booking import unbook

REVERSED = audit.action("ticketing.redemption_reversed", _("撤销核销"))
#: How long after the scan.
WITHIN = timedelta(minutes=30)
SHORTEST = 4


def reverse(by: Any, pk: int, reason: str) -> int:
    """Who came in by this scan counts as not having come; returns how many. Locks: tickets, voucher.

    Raises OutOfScope, NotAllowed, REQUIRED, STATE, SAME_PERSON, TOO_LATE, ALREADY, LockTimeout.
    """
    scan = get_row(by, Scan.objects.select_related("unit", "gate__spot", "gate__venue", "device"), pk=pk)
    require(by, REVERSE, scan)
    told = reason.strip()[:200]
    if len(told) < SHORTEST:
        raise VoucherError(
            Code.REQUIRED, _("请写明事由（不少于 %(count)s 字）") % {"count": SHORTEST}, "reason"
        )
    if scan.answer != Answer.PASSED or scan.direction == Direction.OUT or scan.voucher_id is None:
        raise VoucherError(Code.STATE, _("只能撤销放行的入场记录"))
    if scan.operator_id == by.pk:
        raise VoucherError(Code.SAME_PERSON, _("不能撤销本人办理的核销"), hint=_("请由另一位主管撤销"))
    if scan.at < now() - WITHIN:
        raise VoucherError(
            Code.TOO_LATE, _("只能撤销 %(minutes)d 分钟内的核销") % {"minutes": WITHIN.seconds // 60},
            hint=_("请按退票、改签办理，或联系票务中心"),
        )  # fmt: skip
    with transaction.atomic():
        voucher, tickets = lock_voucher(scan.voucher_id)
        back = in_by(scan.pk)
        people = sum(back.values())
        if not people:
            raise VoucherError(Code.ALREADY, _("这次核销已经撤销"))
        if any(one.pk in back and one.state not in ALIVE for one in tickets):
            # the money that goes back was reckoned without who came in
            raise VoucherError(
                Code.STATE,
                _("票正在退改，或已退改，不能撤销核销"),
                hint=_("请等退改办完；已退的联系票务中心处理"),
            )
        post = Post(scan.unit, scan.gate, None, by)
        unbook(post, voucher, tickets, back, scan.pk, kind=UseKind.REVERSED, reason=told)
        audit.record(
            REVERSED, scan, after={"voucher": voucher.number, "people": people, "reason": told},
            actor=actor_label(by), org_path=scan.unit.path,
        )  # fmt: skip
    return people


def in_by(scan: int) -> dict[int, int]:
    """How many of which ticket are in by a scan, what was taken back not counted. Ask under the tickets' locks."""
    rows = (
        Redemption.objects.filter(scan=scan)
        .order_by("ticket")
        .values_list("ticket")
        .annotate(n=Sum("quantity"))
    )
    return {key: int(n) for key, n in rows if n > 0}
