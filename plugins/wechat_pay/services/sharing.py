"""Profit sharing: `share(order, receivers, key)` writes a request under a number of ours; a task sends it, asks for it.

Who gets what is finance's business. Rules of WeChat Pay (分账): the account shares; a minute after the payment,
thirty days
at most; fifty requests of a trade, fifty receivers each; no more than a ratio of the order, less what was refunded.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.cashier.backoff import next_query
from saleor_o2o.cashier.models import AttemptState, PaymentAttempt, Refund, RefundState, SubTrade
from saleor_o2o.cashier.ports import ProviderRefused, ProviderUnknown
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import round_yuan, to_fen
from saleor_o2o.kernel.numbering import external_number
from saleor_o2o.kernel.request import current
from saleor_o2o.kernel.states import move
from saleor_o2o.kernel.sweeping import drive_each

from ..client import api_of, call
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..events import ShareFinished
from ..models import MerchantAccount, Receiver, ReceiverType, Share, ShareLine, ShareReturn, ShareState
from ..reading import ABSENT, moment_of

logger = logging.getLogger(__name__)

SHARED = audit.action("wechat_pay.share_requested", _("申请分账"))
UNTIL = timedelta(days=30)
MOST_REQUESTS = MOST_RECEIVERS = 50
#: Refusals after which the same request can still succeed.
_PASSING = frozenset({"NOT_ENOUGH", "FREQUENCY_LIMITED", "RATELIMIT_EXCEEDED", "RATE_LIMITED"})
_LIVE = (ShareState.REQUESTED, ShareState.PROCESSING, ShareState.FINISHED)


@dataclass(frozen=True)
class Trade:
    """A paid trade of an order that can be shared: a whole attempt, or one part of a combined one. Amount in yuan."""

    number: str
    provider_ref: str
    account: str
    amount: Decimal
    paid_at: datetime
    order_id: int


@dataclass(frozen=True)
class Wanted:
    """What a receiver shall get. ``amount`` in yuan."""

    receiver: Receiver
    amount: Decimal
    description: str


def trades_of(order: Order) -> list[Trade]:
    """The paid trades whose money the order has, oldest first. Two queries."""
    attempts = (
        PaymentAttempt.objects.filter(intent__order=order, state=AttemptState.PAID, intent__state="paid")
        .exclude(refunds__reason__in=("late_payment", "duplicate_payment"))
        .order_by("pk")
        .prefetch_related("sub_trades")
    )
    found: list[Trade] = []
    for attempt in attempts:
        if attempt.paid_at is None:
            continue
        parts: Sequence[PaymentAttempt | SubTrade] = list(attempt.sub_trades.all()) or [attempt]
        found += [
            Trade(part.number, part.provider_ref, part.account, part.amount, attempt.paid_at, order.pk)
            for part in parts
        ]
    return found


def unsplit(trade: Trade) -> Decimal:
    """What may still be shared by our own books, in yuan: WeChat's ratio of the order, less what is gone or going."""
    ratio = Decimal(settings.O2O_WECHAT_PAY["SHARE_RATIO"])
    most = round_yuan(trade.amount * ratio, rounding="ROUND_DOWN")
    back = _sum(
        Refund.objects.filter(
            Q(sub_trade__number=trade.number) | Q(sub_trade=None, attempt__number=trade.number)
        ).exclude(state=RefundState.FAILED)
    )
    if _freed(trade):
        return Decimal(0)
    return max(Decimal(0), min(most - shared(trade.number), trade.amount - back - shared(trade.number)))


def shared(trade_number: str) -> Decimal:
    """What others have or are getting of a trade, less what came back, in yuan."""
    given = _sum(
        ShareLine.objects.filter(share__trade_number=trade_number, share__state__in=_LIVE).exclude(
            result="CLOSED"
        )
    )
    back = _sum(ShareReturn.objects.filter(line__share__trade_number=trade_number, state=ShareState.FINISHED))
    return given - back


def share(
    order: Order,
    receivers: Sequence[Wanted],
    key: str,
    *,
    trade_number: str = "",
    unfreeze: bool = False,
    description: str = "订单分账",
) -> Share:
    """Give shares of an order's payment away; the request is written, sent after the commit, and repeated till known.

    The same ``key`` is the same request. ``trade_number``: which trade, where the order has several. ``unfreeze``:
    what is
    left goes to ourselves, and no more can be shared. Locks: the trade's shares (its account first). Raises
    WechatPayError: SHARE_NOT_ALLOWED, SHARE_TOO_EARLY, SHARE_TOO_LATE, SHARE_TOO_MANY, SHARE_TOO_LARGE,
    RECEIVER_UNKNOWN.
    """
    known = Share.objects.filter(key=key).first()
    if known is not None:
        return known
    trade = _trade(order, trade_number)
    with transaction.atomic():
        account = _lock(trade)
        known = Share.objects.filter(key=key).first()
        if known is not None:
            return known
        _check(trade, account, receivers)
        made = _write(trade, account, key, unfreeze, description)
        ShareLine.objects.bulk_create(
            ShareLine(share=made, receiver=one.receiver, amount=one.amount, description=one.description[:80])
            for one in receivers
        )
        audit.record(
            SHARED,
            made,
            after={"order": order.pk, "amount": str(sum((one.amount for one in receivers), Decimal(0)))},
        )
    return made


def unfreeze(order: Order, key: str, *, trade_number: str = "", description: str = "解冻剩余资金") -> Share:
    """Free what is left of an order's payment for ourselves. As :func:`share`, without receivers."""
    known = Share.objects.filter(key=key).first()
    if known is not None:
        return known
    trade = _trade(order, trade_number)
    with transaction.atomic():
        account = _lock(trade)
        known = Share.objects.filter(key=key).first()
        if known is not None:
            return known
        _check_time(trade, account)
        if _freed(trade):
            raise WechatPayError(Code.SHARE_NOT_ALLOWED)
        return _write(trade, account, key, True, description)


def drive_share(share_pk: int) -> Share:
    """Send a request that waits, or ask for one that is under way, and act on the answer. Locks nothing during the
    call."""
    row = Share.objects.select_related("account").get(pk=share_pk)
    if row.state in (ShareState.FINISHED, ShareState.FAILED):
        return row
    if row.next_try_at is not None and row.next_try_at > now():
        return row
    Share.objects.filter(pk=share_pk).update(
        try_count=row.try_count + 1, next_try_at=next_query(row.try_count)
    )
    try:
        answer = _send(row) if row.state == ShareState.REQUESTED else _query(row)
    except ProviderUnknown as silence:
        Share.objects.filter(pk=share_pk).update(last_error=silence.code[:64])
        return Share.objects.get(pk=share_pk)
    except ProviderRefused as refusal:
        return _refused(row, refusal)
    return _apply(share_pk, answer)


def drive_due_shares(limit: int = 100) -> int:
    """Drive every request whose time has come; returns how many."""
    due = Share.objects.filter(
        state__in=(ShareState.REQUESTED, ShareState.PROCESSING), next_try_at__lte=now()
    )
    return drive_each(due.order_by("next_try_at").values_list("pk", flat=True)[:limit], drive_share)


def note_shared(plain: dict[str, Any]) -> None:
    """A notification about a share: ask WeChat for the request at once; the notification itself is not believed."""
    number = str(plain.get("out_order_no", ""))[:32]
    Share.objects.filter(number=number, state__in=(ShareState.REQUESTED, ShareState.PROCESSING)).update(
        next_try_at=now()
    )


def _trade(order: Order, number: str) -> Trade:
    trades = [trade for trade in trades_of(order) if number in ("", trade.number)]
    if len(trades) != 1 or not trades[0].provider_ref:
        raise WechatPayError(Code.SHARE_NOT_ALLOWED)
    return trades[0]


def _lock(trade: Trade) -> MerchantAccount:
    """One trade's requests are written one after another: under the lock of its attempt's row."""
    from saleor_o2o.cashier.interfaces import lock_intent_of

    lock_intent_of(trade.order_id)
    account = MerchantAccount.objects.filter(code=trade.account).first()
    if account is None:
        raise WechatPayError(Code.SHARE_NOT_ALLOWED)
    return account


def _check_time(trade: Trade, account: MerchantAccount) -> None:
    if not account.shares:
        raise WechatPayError(Code.SHARE_NOT_ALLOWED)
    age = now() - trade.paid_at
    if age < timedelta(seconds=settings.O2O_WECHAT_PAY["SHARE_AFTER_SECONDS"]):
        raise WechatPayError(Code.SHARE_TOO_EARLY)
    if age > UNTIL:
        raise WechatPayError(Code.SHARE_TOO_LATE)
    if Share.objects.filter(trade_number=trade.number, state__in=_LIVE).count() >= MOST_REQUESTS:
        raise WechatPayError(Code.SHARE_TOO_MANY)


def _check(trade: Trade, account: MerchantAccount, receivers: Sequence[Wanted]) -> None:
    _check_time(trade, account)
    if not 0 < len(receivers) <= MOST_RECEIVERS:
        raise WechatPayError(Code.SHARE_TOO_MANY)
    for one in receivers:
        if one.receiver.account_id != account.pk or not one.receiver.is_known:
            raise WechatPayError(Code.RECEIVER_UNKNOWN)
        if to_fen(one.amount) <= 0:
            raise WechatPayError(Code.SHARE_TOO_LARGE, "amount")
    if sum((one.amount for one in receivers), Decimal(0)) > unsplit(trade):
        raise WechatPayError(Code.SHARE_TOO_LARGE, "amount")


def _write(trade: Trade, account: MerchantAccount, key: str, unfreezes: bool, words: str) -> Share:
    made = Share.objects.create(
        number=external_number("FZ"),
        key=key,
        account=account,
        order_id=trade.order_id,
        trade_number=trade.number,
        provider_trade=trade.provider_ref,
        trade_amount=trade.amount,
        unfreezes=unfreezes,
        description=words[:80],
        requested_by=current().actor,
        next_try_at=now(),
    )
    from ..tasks import drive_share as task

    transaction.on_commit(lambda: task.delay(made.pk), robust=True)
    return made


def _send(row: Share) -> dict[str, Any]:
    api = api_of(row.account.code)
    lines = list(row.lines.select_related("receiver").order_by("pk"))
    if not lines:
        return call(lambda: api.pay.profitsharing_unfreeze(row.provider_trade, row.number, row.description))
    receivers = [
        {
            "type": line.receiver.type,
            "account": line.receiver.receiver,
            "amount": to_fen(line.amount),
            "description": line.description,
        }
        for line in lines
    ]
    return call(lambda: api.pay.profitsharing_order(row.provider_trade, row.number, receivers, row.unfreezes))


def _query(row: Share) -> dict[str, Any]:
    api = api_of(row.account.code)
    return call(lambda: api.pay.profitsharing_order_query(row.provider_trade, row.number))


def _refused(row: Share, refusal: ProviderRefused) -> Share:
    """A definite no to sending may hide an earlier sending whose answer was lost: ask before it counts."""
    logger.warning("share %s: %s", row.number, refusal.code)
    if refusal.code in _PASSING or row.state != ShareState.REQUESTED:
        Share.objects.filter(pk=row.pk).update(last_error=refusal.code[:64])
        return Share.objects.get(pk=row.pk)
    try:
        return _apply(row.pk, _query(row))
    except ProviderUnknown as silence:
        Share.objects.filter(pk=row.pk).update(last_error=silence.code[:64])
        return Share.objects.get(pk=row.pk)
    except ProviderRefused as absent:
        if absent.code not in ABSENT:
            Share.objects.filter(pk=row.pk).update(last_error=absent.code[:64])
            return Share.objects.get(pk=row.pk)
    with transaction.atomic():
        locked = lock_rows(Share.objects.filter(pk=row.pk))[0]
        if locked.state == ShareState.REQUESTED:
            move(locked, "fail", code=refusal.code, reason=refusal.message[:80])
    return Share.objects.get(pk=row.pk)


@transaction.atomic
def _apply(share_pk: int, answer: dict[str, Any]) -> Share:
    row = lock_rows(Share.objects.filter(pk=share_pk))[0]
    if answer.get("out_order_no") != row.number or row.state in (ShareState.FINISHED, ShareState.FAILED):
        return row
    reference = str(answer.get("order_id", ""))[:64]
    if row.state == ShareState.REQUESTED:
        move(row, "accept", provider_ref=reference)
    lines = {
        (line.receiver.type, line.receiver.receiver): line for line in row.lines.select_related("receiver")
    }
    for told in answer.get("receivers") or []:
        line = lines.get((str(told.get("type")), str(told.get("account"))))
        if line is not None and told.get("amount") == to_fen(line.amount):
            line.result = str(told.get("result", "PENDING"))[:16]
            line.fail_reason = str(told.get("fail_reason", ""))[:40]
            line.provider_ref = str(told.get("detail_id", ""))[:64]
            line.save(update_fields=["result", "fail_reason", "provider_ref"])
    if answer.get("state") == "FINISHED":
        finished = [moment_of(one.get("finish_time")) for one in answer.get("receivers") or []]
        at = max((one for one in finished if one is not None), default=now())
        move(row, "finish", provider_ref=reference, finished_at=at)
        given = _sum(row.lines.filter(result="SUCCESS"))
        publish(
            ShareFinished(share_id=row.pk, order_id=row.order_id, amount=given, key=row.key),
            key=f"order:{row.order_id}",
        )
    return row


def add_receiver(account: MerchantAccount, kind: str, receiver: str, name: str, relation: str) -> Receiver:
    """Make a receiver known at WeChat; again is harmless. Calls the provider: no transaction may be open.

    Raises WechatPayError INVALID, PROVIDER_REFUSED, PROVIDER_UNREACHABLE; the row stays, to try again.
    """
    if not receiver.strip() or (kind == ReceiverType.MERCHANT_ID and not name.strip()):
        if not receiver.strip():
            raise WechatPayError(Code.INVALID, "receiver", _("请填写接收方账号"))
        raise WechatPayError(Code.INVALID, "name", _("接收方是商户时，须填写它在微信登记的全称"))
    row, created = Receiver.objects.get_or_create(
        account=account,
        type=kind,
        receiver=receiver.strip(),
        defaults={"name": name.strip(), "relation": relation},
    )
    if not created:
        row.name, row.relation = name.strip(), relation
        row.save(update_fields=["name", "relation"])

    def operation(api: Any) -> Any:
        return api.pay.profitsharing_add_receiver(row.type, row.receiver, row.relation, name=row.name or None)

    _tell_receiver(row, operation)
    Receiver.objects.filter(pk=row.pk).update(added_at=now(), last_error="")
    return Receiver.objects.get(pk=row.pk)


def remove_receiver(row: Receiver) -> Receiver:
    """Have WeChat forget a receiver. Calls the provider. Raises WechatPayError PROVIDER_REFUSED,
    PROVIDER_UNREACHABLE."""
    _tell_receiver(row, lambda api: api.pay.profitsharing_delete_receiver(row.type, row.receiver))
    Receiver.objects.filter(pk=row.pk).update(removed_at=now(), last_error="")
    return Receiver.objects.get(pk=row.pk)


def _tell_receiver(row: Receiver, operation: Any) -> None:
    try:
        api = api_of(row.account.code)
        if row.name:
            api.ready_to_encrypt()
        call(lambda: operation(api))
    except ProviderRefused as refusal:
        Receiver.objects.filter(pk=row.pk).update(last_error=f"{refusal.code} {refusal.message}"[:120])
        raise WechatPayError(Code.PROVIDER_REFUSED, "receiver", refusal.message or refusal.code) from refusal
    except ProviderUnknown as silence:
        Receiver.objects.filter(pk=row.pk).update(last_error=silence.code[:120])
        raise WechatPayError(Code.PROVIDER_UNREACHABLE) from silence


def ask_unsplit(trade: Trade) -> Decimal:
    """What WeChat says is still frozen, in yuan. Calls the provider. Raises ProviderRefused, ProviderUnknown."""
    api = api_of(trade.account)
    answer = call(lambda: api.pay.profitsharing_amount_query(trade.provider_ref))
    fen = answer.get("unsplit_amount")
    if not isinstance(fen, int):
        raise ProviderUnknown("INCOMPLETE_ANSWER")
    return Decimal(fen).scaleb(-2)


def _freed(trade: Trade) -> bool:
    return Share.objects.filter(trade_number=trade.number, unfreezes=True, state__in=_LIVE).exists()


def _sum(rows: Any) -> Decimal:
    return Decimal(rows.aggregate(total=Sum("amount"))["total"] or 0)
