"""Quotes: what a refund or a change costs, with the moment held fast for five minutes; used once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows, require_transaction

from ..engine import Facts, Fee, Rule, price_of
from ..errors import TicketError
from ..errors import TicketErrorCode as Code
from ..models import FeeQuote

#: How long a quote holds.
VALID_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Taken:
    """A quote that is used now: refund or change by it, in this transaction."""

    quote: FeeQuote
    fee: Fee


@dataclass(frozen=True, slots=True)
class Again:
    """The old quote counts no more; here is a fresh one, and what is different. Nothing else may be written."""

    quote: FeeQuote
    words: str


def quote(subject: str, snapshot: Mapping[str, Any], facts: Facts) -> FeeQuote:
    """Say what it costs now, by the rule that the order keeps; writes one row.

    A quote made one second before a border holds for its five minutes. One that is not `allowed` says why and cannot
    be used. Raises TicketError SNAPSHOT_UNREADABLE, FACT_MISSING.
    """
    rule = Rule.from_json(snapshot)
    facts = replace(facts, moment=now())
    fee = price_of(rule, facts)
    return FeeQuote.objects.create(
        token=secrets.token_urlsafe(32), subject=subject, kind=rule.kind, says=dict(snapshot), facts=facts.to_json(),
        result=fee.to_json(), allowed=fee.allowed, fee=fee.fee, back=fee.back, to_pay=fee.to_pay,
        moment=facts.moment, valid_until=facts.moment + VALID_FOR,
    )  # fmt: skip


def take(token: str, subject: str, facts: Facts) -> Taken | Again:
    """Use a quote for what it was made for, once; inside the transaction that writes the refund or the change.

    `facts` are the ticket's now; their moment does not count. Of an expired quote, or one whose ticket is not the same
    any more, the answer is a fresh one. Locks: the quote, after the ticket that the caller holds. Raises TicketError
    QUOTE_UNKNOWN, QUOTE_USED, NOT_POSSIBLE; LockTimeout; TransactionManagementError outside a transaction.
    """
    require_transaction()
    rows = lock_rows(FeeQuote.objects.filter(token=token, subject=subject))
    if not rows:
        raise TicketError(Code.QUOTE_UNKNOWN, _("没有这份报价"), "token", _("请重新查看退改费用"))
    row = rows[0]
    if row.used_at is not None:
        raise TicketError(Code.QUOTE_USED, _("这份报价已经用过"), "token", _("请刷新后查看办理结果"))
    if not row.allowed:
        raise TicketError(Code.NOT_POSSIBLE, Fee.from_json(row.result).text or _("不能办理"))
    told = Facts.from_json(row.facts)
    # written and read once: a moment is the same in whatever zone the database gave it
    same = replace(Facts.from_json(facts.to_json()), moment=told.moment).to_json() == told.to_json()
    if not same or now() > row.valid_until:
        fresh = quote(subject, row.says, facts)
        return Again(fresh, difference(row, fresh, expired=same))
    row.used_at = now()
    row.save(update_fields=["used_at"])
    return Taken(row, Fee.from_json(row.result))


def difference(old: FeeQuote, new: FeeQuote, *, expired: bool) -> str:
    """What is different between two quotes, in a sentence."""
    why = _("报价已过 5 分钟") if expired else _("票的情况有变化")
    if not new.allowed:
        return _("%(why)s，现在不能办理：%(text)s") % {"why": why, "text": Fee.from_json(new.result).text}
    told = [
        _("%(what)s由 %(old)s 元变为 %(new)s 元") % {"what": what, "old": before, "new": after}
        for what, before, after in (
            (_("手续费"), old.fee, new.fee),
            (_("应退"), old.back, new.back),
            (_("应补"), old.to_pay, new.to_pay),
        )
        if before != after
    ]
    rest = "，".join(told) if told else _("金额没有变化")
    return _("%(why)s，%(rest)s，请确认后再提交") % {"why": why, "rest": rest}


@transaction.atomic
def forget_expired(older_than: timedelta = timedelta(days=7)) -> int:
    """Delete quotes that nobody used, some days after they expired; used ones stay with their refunds."""
    deleted, _rows = FeeQuote.objects.filter(
        used_at__isnull=True, valid_until__lt=now() - older_than
    ).delete()
    return deleted
