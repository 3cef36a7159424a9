"""Versions of rules: one person submits, another one publishes, and only then anything counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.audit import action, record
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move

from ..access import EDIT, PUBLISH, may_for_city
from ..choices import RuleState
from ..engine import Rule
from ..engine.soundness import problems_of
from ..errors import TicketError, UnsoundRule
from ..errors import TicketErrorCode as Code
from ..models import SCOPE, FeeRule
from ..selecting import rule_of
from .days import refuse_far

SUBMITTED = action("ticketing.fee_rule.submitted", _("提交退改规则"))
PUBLISHED = action("ticketing.fee_rule.published", _("发布退改规则"))
REFUSED = action("ticketing.fee_rule.refused", _("驳回退改规则"))
WITHDRAWN = action("ticketing.fee_rule.withdrawn", _("撤回退改规则"))


def check(rule: Rule, valid_from: date, valid_to: date | None = None) -> None:
    """Look at a rule as if it were submitted now. Raises UnsoundRule with everything that is wrong, TicketError
    INVALID_INPUT for a day that nobody means."""
    refuse_far(valid_from, "valid_from")
    refuse_far(valid_to, "valid_to")
    found = problems_of(rule)
    if valid_from <= today():
        found.append(
            TicketError(
                Code.TOO_LATE, _("生效日期最早为明天"), "valid_from", _("今天卖出的票已按现行规则告知旅客")
            )
        )
    if valid_to is not None and valid_to < valid_from:
        found.append(TicketError(Code.INVALID_INPUT, _("失效日期早于生效日期"), "valid_to"))
    if found:
        raise UnsoundRule(found)


@transaction.atomic
def submit(
    user: Any,
    rule: Rule,
    scope: Mapping[str, str],
    valid_from: date,
    reason: str,
    *,
    valid_to: date | None = None,
    priority: int = 0,
) -> FeeRule:
    """Submit a version of a rule. Raises TicketError NOT_ALLOWED, INVALID_INPUT, UnsoundRule."""
    _require(user, EDIT)
    name = " ".join(rule.name.split())[:60]
    if not name:
        raise TicketError(Code.INVALID_INPUT, _("请填写名称"), "name")
    reason = reason_of(reason)
    check(rule, valid_from, valid_to)
    row = FeeRule.objects.create(
        name=name, trade=rule.trade, kind=rule.kind, priority=priority, valid_from=valid_from, valid_to=valid_to,
        says=replace(rule, name=name, id=0, version=0).to_json(), reason=reason, made_by=user,
        **{key: " ".join(scope.get(key, "").split())[:60] for key in SCOPE},
    )  # fmt: skip
    record(SUBMITTED, row, after=_told(row))
    return row


@transaction.atomic
def submit_end(user: Any, row: FeeRule, last_day: date, reason: str) -> FeeRule:
    """Ask that a rule ends after a day; a wider one counts from then on, if there is one.

    Raises TicketError NOT_ALLOWED, INVALID_INPUT, TOO_LATE.
    """
    _require(user, EDIT)
    reason = reason_of(reason)
    refuse_far(last_day, "last_day")
    _check_end(row, last_day)
    order = FeeRule.objects.create(
        name=row.name, trade=row.trade, kind=row.kind, priority=row.priority, valid_from=last_day + timedelta(days=1),
        says=row.says, ends=row, reason=reason, made_by=user, **{key: getattr(row, key) for key in SCOPE},
    )  # fmt: skip
    record(SUBMITTED, order, after={**_told(order), "ends": row.pk})
    return order


@transaction.atomic
def publish(user: Any, row: FeeRule, note: str = "") -> FeeRule:
    """Let a version count from its first day; never by the person who submitted it. The one before it ends.

    Everything is checked again. Locks: the rules of the trade and kind in key order. Raises TicketError SAME_PERSON,
    NOT_ALLOWED, OVERLAP, TOO_LATE; UnsoundRule; IllegalMove when it was decided before; LockTimeout.
    """
    _require(user, PUBLISH)
    row = _locked(row)
    if row.made_by_id == user.pk:
        raise TicketError(
            Code.SAME_PERSON, _("不能复核自己提交的规则"), hint=_("请由另一位有复核权限的人员处理")
        )
    put_in_force(user, row, note, first=today() + timedelta(days=1))
    return row


def put_in_force(user: Any, row: FeeRule, note: str, *, first: date) -> None:
    """What publishing does, under the caller's locks; `first`: the earliest day that may change."""
    if row.ends_id is not None:
        ended = FeeRule.objects.get(pk=row.ends_id)
        last_day = row.valid_from - timedelta(days=1)
        _check_end(ended, last_day)
        _publish(user, row, note)
        FeeRule.objects.filter(pk=ended.pk).update(valid_to=last_day)
        record(PUBLISHED, row, after={**_told(row), "ends": ended.pk})
        return
    if row.valid_from < first:
        raise TicketError(
            Code.TOO_LATE, _("生效日期已过，不能发布"), "valid_from", _("请驳回后按新的日期重新提交")
        )
    problems = problems_of(rule_of(row))
    if problems:
        raise UnsoundRule(problems)
    # the version before gives way first: two of one scope at a time are refused by the database
    _end_before(row)
    _publish(user, row, note)
    record(PUBLISHED, row, after=_told(row))


def _publish(user: Any, row: FeeRule, note: str) -> None:
    move(row, "publish", user=user, note=note.strip()[:200], version=_next_version(row))


def _end_before(row: FeeRule) -> None:
    """End the version that this one follows; refuse where it would leave a hole or meet a planned one."""
    others = FeeRule.objects.filter(
        trade=row.trade, kind=row.kind, priority=row.priority, state=RuleState.PUBLISHED, ends__isnull=True,
        **{key: getattr(row, key) for key in SCOPE},
    ).exclude(pk=row.pk)  # fmt: skip
    for other in others.order_by("valid_from"):
        before = other.valid_to is not None and other.valid_to < row.valid_from
        after = row.valid_to is not None and other.valid_from > row.valid_to
        if before or after:
            continue
        if other.valid_from >= row.valid_from:
            raise TicketError(
                Code.OVERLAP,
                _("同一范围在 %(day)s 起已有发布的规则") % {"day": other.valid_from},
                "valid_from",
                _("请先停用它，或选在它之前失效"),
            )
        if row.valid_to is not None and (other.valid_to is None or other.valid_to > row.valid_to):
            raise TicketError(
                Code.OVERLAP,
                _("这条规则失效以后，原来的规则不会自动恢复"),
                "valid_to",
                _("临时规则请用更高的优先级，或不填失效日期"),
            )
        FeeRule.objects.filter(pk=other.pk).update(valid_to=row.valid_from - timedelta(days=1))


@transaction.atomic
def refuse(user: Any, row: FeeRule, note: str) -> FeeRule:
    """Decline, with a reason. Raises TicketError, IllegalMove."""
    _require(user, PUBLISH)
    if row.made_by_id == user.pk:
        raise TicketError(Code.SAME_PERSON, _("自己提交的规则请撤回"))
    move(row, "refuse", user=user, note=reason_of(note, "note"))
    record(REFUSED, row, after={**_told(row), "note": row.note})
    return row


@transaction.atomic
def withdraw(user: Any, row: FeeRule) -> FeeRule:
    """Take one's own back. Raises TicketError NOT_ALLOWED, IllegalMove."""
    if row.made_by_id != user.pk:
        raise TicketError(Code.NOT_ALLOWED, _("只能撤回自己提交的规则"))
    move(row, "withdraw", user=user, note="")
    record(WITHDRAWN, row, after=_told(row))
    return row


def _locked(row: FeeRule) -> FeeRule:
    """The row as it is now, with all rules that it could meet held."""
    return {one.pk: one for one in lock_rows(FeeRule.objects.filter(trade=row.trade, kind=row.kind))}[row.pk]


def _next_version(row: FeeRule) -> int:
    same = FeeRule.objects.filter(
        trade=row.trade, kind=row.kind, priority=row.priority, **{key: getattr(row, key) for key in SCOPE}
    )
    return int(same.aggregate(last=Max("version"))["last"] or 0) + 1


def _check_end(row: FeeRule, last_day: date) -> None:
    if row.standing not in ("current", "planned"):
        raise TicketError(Code.INVALID_INPUT, _("这条规则没有生效，不需要停用"))
    if last_day < today() or last_day < row.valid_from:
        raise TicketError(Code.TOO_LATE, _("最后一天不能早于今天，也不能早于生效日期"), "last_day")
    if row.valid_to is not None and last_day >= row.valid_to:
        raise TicketError(Code.INVALID_INPUT, _("规则本来就在这一天以前失效"), "last_day")


def _require(user: Any, permission: str) -> None:
    if not may_for_city(user, permission):
        raise TicketError(Code.NOT_ALLOWED, _("您没有调整全市退改规则的权限"))


def reason_of(text: str, field: str = "reason") -> str:
    """A reason as typed. Raises TicketError INVALID_INPUT for none, or more than 200 characters."""
    text = text.strip()
    if not text or len(text) > 200:
        raise TicketError(Code.INVALID_INPUT, _("请填写事由，不超过 200 字"), field)
    return text


def _told(row: FeeRule) -> dict[str, Any]:
    return {
        "name": row.name, "trade": row.trade, "kind": row.kind, "valid_from": row.valid_from,
        "valid_to": row.valid_to, "version": row.version, "reason": row.reason,
        "scope": {key: getattr(row, key) for key in SCOPE if getattr(row, key)},
    }  # fmt: skip
