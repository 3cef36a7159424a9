"""Shares that come back: asked for by people, or before a refund, in exact proportion to what is refunded."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from saleor_o2o.cashier.backoff import next_query
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import split_fen, to_fen, to_yuan
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.request import current
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..client import api_of, call
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..events import ShareReturned
from ..models import ReceiverType, Share, ShareLine, ShareReturn, ShareState
from ..reading import ABSENT, moment_of
from .sharing import shared

logger = logging.getLogger(__name__)

#: How long after sharing a merchant's share can come back (domain.md: 分账).
RETURNED_WITHIN = timedelta(days=180)
_OPEN = (ShareState.REQUESTED, ShareState.PROCESSING)
_PASSING = frozenset({"FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "RATE_LIMITED"})


def give_back(line: ShareLine, amount: Decimal, key: str, description: str = "分账回退") -> ShareReturn:
    """Ask a receiver's share back, or a part of it (yuan); the same ``key`` is the same return. Locks: the share.

    Raises WechatPayError RETURN_NOT_POSSIBLE (a person's share), RETURN_TOO_LARGE.
    """
    with transaction.atomic():
        lock_rows(Share.objects.filter(pk=line.share_id))
        known = ShareReturn.objects.filter(key=key).first()
        if known is not None:
            return known
        if line.receiver.type != ReceiverType.MERCHANT_ID:
            raise WechatPayError(Code.RETURN_NOT_POSSIBLE)
        if not _in_time(line):
            raise WechatPayError(Code.RETURN_NOT_POSSIBLE, None, _("分账超过 180 天，微信不再受理回退"))
        if to_fen(amount) <= 0 or amount > left_of(line):
            raise WechatPayError(Code.RETURN_TOO_LARGE, "amount")
        made = ShareReturn.objects.create(
            number=external_number("FH"),
            key=key,
            line=line,
            amount=amount,
            description=description[:80],
            requested_by=current().actor,
            next_try_at=now(),
        )
        from ..tasks import drive_return as task

        transaction.on_commit(lambda: task.delay(made.pk), robust=True)
    return made


def _in_time(line: ShareLine) -> bool:
    at = line.share.finished_at or line.share.created_at
    return now() - at <= RETURNED_WITHIN


def left_of(line: ShareLine) -> Decimal:
    """What a receiver still has of a share, in yuan: returns under way count as gone."""
    if line.result != "SUCCESS":
        return Decimal(0)
    back = line.returns.exclude(state=ShareState.FAILED).aggregate(total=Sum("amount"))["total"] or Decimal(0)
    return Decimal(line.amount) - Decimal(back)


def free_for_refund(trade_number: str, refund_number: str, amount_fen: int) -> None:
    """Before a refund is sent: have the receivers' part of it come back first.

    Each merchant who received returns in proportion to the refund; what persons received cannot come back. Raises
    ProviderUnknown SHARES_PENDING, SHARES_RETURNING or SHARE_RETURN_FAILED while it cannot be sent yet: the cashier's
    sweep comes again under the same number.
    """
    shares = list(Share.objects.filter(trade_number=trade_number).exclude(state=ShareState.FAILED))
    if not shares:
        return
    if any(one.state != ShareState.FINISHED for one in shares):
        raise ProviderUnknown("SHARES_PENDING")
    prefix = f"refund:{refund_number}:"
    returns = list(ShareReturn.objects.filter(key__startswith=prefix))
    if not returns:
        returns = _ask_back(trade_number, prefix, amount_fen, shares[0])
    if any(one.state == ShareState.FAILED for one in returns):
        raise ProviderUnknown("SHARE_RETURN_FAILED")
    if any(one.state != ShareState.FINISHED for one in returns):
        for one in returns:
            drive_return(one.pk)
        if ShareReturn.objects.filter(key__startswith=prefix).exclude(state=ShareState.FINISHED).exists():
            raise ProviderUnknown("SHARES_RETURNING")


def _ask_back(trade_number: str, prefix: str, amount_fen: int, share: Share) -> list[ShareReturn]:
    """Write the returns of a refund: its fraction of what everybody still has, to the fen."""
    lines = list(
        ShareLine.objects.filter(
            share__trade_number=trade_number, result="SUCCESS", receiver__type=ReceiverType.MERCHANT_ID
        )
        .select_related("receiver", "share")
        .order_by("pk")
    )
    lines = [line for line in lines if _in_time(line)]  # what is older stays with the receiver
    left = [to_fen(left_of(line)) for line in lines]
    given = to_fen(shared(trade_number))
    rest = to_fen(share.trade_amount) - _refunded_fen(trade_number, prefix)
    if not any(left) or rest <= 0:
        return []
    back = min(sum(left), -(-given * amount_fen // rest))  # rounded up: what is refunded is never short
    made = []
    for line, fen in zip(lines, split_fen(back, left), strict=True):
        if fen:
            made.append(give_back(line, to_yuan(fen), f"{prefix}{line.pk}", "订单退款，分账回退"))
    return made


def _refunded_fen(trade_number: str, prefix: str) -> int:
    """Fen of earlier refunds of the trade that are gone or going."""
    from django.db.models import Q

    from saleor_o2o.cashier.models import Refund, RefundState

    number = prefix.split(":")[1]
    rows = Refund.objects.filter(
        Q(sub_trade__number=trade_number) | Q(sub_trade=None, attempt__number=trade_number)
    )
    rows = rows.exclude(number=number).exclude(state__in=(RefundState.FAILED, RefundState.REQUESTED))
    return to_fen(rows.aggregate(total=Sum("amount"))["total"] or Decimal(0))


def drive_return(return_pk: int) -> ShareReturn:
    """Send a return that waits, or ask for one that is under way, and act on the answer."""
    row = ShareReturn.objects.select_related("line__share__account", "line__receiver").get(pk=return_pk)
    if row.state not in _OPEN or (row.next_try_at is not None and row.next_try_at > now()):
        return row
    ShareReturn.objects.filter(pk=row.pk).update(
        try_count=row.try_count + 1, next_try_at=next_query(row.try_count)
    )
    try:
        answer = _send(row) if row.state == ShareState.REQUESTED else _query(row)
    except ProviderUnknown as silence:
        ShareReturn.objects.filter(pk=row.pk).update(last_error=silence.code[:64])
        return ShareReturn.objects.get(pk=row.pk)
    except ProviderRefused as refusal:
        return _refused(row, refusal)
    return _apply(row.pk, answer)


def drive_due_returns(limit: int = 100) -> int:
    """Drive every return whose time has come; returns how many."""
    due = ShareReturn.objects.filter(state__in=_OPEN, next_try_at__lte=now())
    return drive_each(due.order_by("next_try_at").values_list("pk", flat=True)[:limit], drive_return)


def _send(row: ShareReturn) -> dict[str, Any]:
    share = row.line.share
    api = api_of(share.account.code)
    return call(
        lambda: api.pay.profitsharing_return(
            row.number,
            row.line.receiver.receiver,
            to_fen(row.amount),
            row.description,
            out_order_no=share.number,
        )
    )


def _query(row: ShareReturn) -> dict[str, Any]:
    share = row.line.share
    api = api_of(share.account.code)
    return call(lambda: api.pay.profitsharing_return_query(share.number, row.number))


def _refused(row: ShareReturn, refusal: ProviderRefused) -> ShareReturn:
    logger.warning("share return %s: %s", row.number, refusal.code)
    if refusal.code in _PASSING or row.state != ShareState.REQUESTED:
        ShareReturn.objects.filter(pk=row.pk).update(last_error=refusal.code[:64])
        return ShareReturn.objects.get(pk=row.pk)
    try:
        return _apply(row.pk, _query(row))
    except ProviderUnknown as silence:
        ShareReturn.objects.filter(pk=row.pk).update(last_error=silence.code[:64])
    except ProviderRefused as absent:
        if absent.code in ABSENT:
            return _end(row.pk, "fail", code=refusal.code)
        ShareReturn.objects.filter(pk=row.pk).update(last_error=absent.code[:64])
    return ShareReturn.objects.get(pk=row.pk)


def _apply(return_pk: int, answer: dict[str, Any]) -> ShareReturn:
    row = ShareReturn.objects.get(pk=return_pk)
    if answer.get("out_return_no") != row.number:
        return row
    reference, result = str(answer.get("return_id", ""))[:64], answer.get("result")
    if result == "SUCCESS":
        at = moment_of(answer.get("finish_time")) or now()
        return _end(return_pk, "finish", provider_ref=reference, finished_at=at)
    if result == "FAILED":
        return _end(return_pk, "fail", code=str(answer.get("fail_reason", "FAILED")))
    if row.state == ShareState.REQUESTED:
        return _end(return_pk, "accept", provider_ref=reference)
    return row


@transaction.atomic
def _end(return_pk: int, name: str, **values: Any) -> ShareReturn:
    row = lock_rows(ShareReturn.objects.filter(pk=return_pk))[0]
    if row.state not in _OPEN or (name == "accept" and row.state != ShareState.REQUESTED):
        return row
    move(row, name, **values)
    if name == "finish":
        order_id = row.line.share.order_id
        publish(
            ShareReturned(return_id=row.pk, order_id=order_id, amount=row.amount, key=row.key),
            key=f"order:{order_id}",
        )
    return row
