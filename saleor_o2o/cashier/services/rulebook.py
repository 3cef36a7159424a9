"""Rules of methods and risk, and the blacklist: written by whoever may, with an audit line; past ones stay."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.masking import mask_phone
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row, policy_for, require

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..models import BlacklistEntry, BlacklistKind, Effect, MethodRule, RiskRule
from .offering import index_of, normal

CONFIGURE = "payment.configure"
BLACKLIST = "payment.blacklist"
RULE_MADE = audit.action("cashier.rule_made", _("新增支付规则"))
RULE_ENDED = audit.action("cashier.rule_ended", _("停止支付规则"))
LISTED = audit.action("cashier.blacklisted", _("加入支付黑名单"))
UNLISTED = audit.action("cashier.unblacklisted", _("移出支付黑名单"))

Rule = MethodRule | RiskRule


@transaction.atomic
def make_rule(user: Any, model: type[Rule], *, city: bool, **values: Any) -> Rule:
    """Write a rule. `city`: the user answers for the whole city, so that a rule may lack a unit.

    Raises NotAllowed, CashierError INVALID_AMOUNT (limits that contradict each other, or none at all),
    UNIT_REQUIRED (somebody of a county makes no rules for the city).
    """
    if not policy_for(model).may(user, CONFIGURE, model):
        raise NotAllowed
    if values.get("unit_key") is None and not city:
        raise CashierError(Code.UNIT_REQUIRED, field="unit_key")
    low, high = values.get("min_amount"), values.get("max_amount")
    if low is not None and high is not None and low > high:
        raise CashierError(
            Code.INVALID_AMOUNT, field="max_amount", message=_("最高金额不能低于最低金额"), hint=""
        )
    limits = [values.get(name) for name in ("min_amount", "daily_amount", "daily_count")]
    if model is RiskRule and all(limit is None for limit in limits):
        raise CashierError(
            Code.INVALID_AMOUNT, field="min_amount", message=_("请至少填写一项触发条件"), hint=""
        )
    _check_dates(values.get("valid_from"), values.get("valid_to"))
    made = model.objects.create(**{**values, "made_by": actor_label(user)})
    audit.record(RULE_MADE, made, after=audit.snapshot(made))
    return made


@transaction.atomic
def end_rule(user: Any, model: type[Rule], pk: int) -> Rule:
    """Stop a rule now; it stays as a record. Again: no change. Raises OutOfScope, NotAllowed."""
    require(user, CONFIGURE, get_row(user, model, pk=pk))
    rule: Any = lock_rows(model.objects.filter(pk=pk))[0]
    if rule.valid_to is None or rule.valid_to > now():
        # one that has not begun never will
        rule.valid_from, rule.valid_to = _ended(rule.valid_from)
        rule.save(update_fields=["valid_from", "valid_to"])
        audit.record(RULE_ENDED, rule, after={"valid_to": rule.valid_to})
    return cast(Rule, rule)


def _ended(valid_from: datetime) -> tuple[datetime, datetime]:
    moment = now()
    return min(valid_from, moment - timedelta(seconds=1)), moment


@transaction.atomic
def blacklist(
    user: Any,
    kind: str,
    value: str,
    *,
    effect: str = Effect.REFUSE,
    reason: str,
    until: datetime | None = None,
) -> BlacklistEntry:
    """Put a payer on the list. The value is encrypted, shown masked. Again: the same entry.

    Raises NotAllowed, CashierError REASON_REQUIRED, VALUE_INVALID.
    """
    if not policy_for(BlacklistEntry).may(user, BLACKLIST, BlacklistEntry):
        raise NotAllowed
    if not reason.strip():
        raise CashierError(Code.REASON_REQUIRED, field="reason")
    cleaned = normal(kind, value)
    if kind not in BlacklistKind.values or not 0 < len(cleaned) <= 128:
        raise CashierError(Code.VALUE_INVALID, field="value")
    _check_dates(now(), until)
    index = index_of(kind, cleaned)
    known = BlacklistEntry.objects.filter(kind=kind, value_index=index, valid_to__isnull=True).first()
    if known is not None:
        return known
    made = BlacklistEntry.objects.create(
        kind=kind,
        value=cleaned,
        value_index=index,
        label=masked(kind, cleaned),
        effect=effect,
        reason=reason.strip()[:200],
        valid_to=until,
        made_by=actor_label(user),
    )
    audit.record(
        LISTED, made, after={"kind": kind, "label": made.label, "reason": made.reason, "effect": effect}
    )
    return made


@transaction.atomic
def unlist(user: Any, pk: int) -> BlacklistEntry:
    """Take a payer off the list; the entry stays as a record. Raises OutOfScope, NotAllowed."""
    require(user, BLACKLIST, get_row(user, BlacklistEntry, pk=pk))
    entry = lock_rows(BlacklistEntry.objects.filter(pk=pk))[0]
    if entry.valid_to is None or entry.valid_to > now():
        entry.valid_to = now()
        entry.save(update_fields=["valid_to"])
        audit.record(UNLISTED, entry, after={"label": entry.label})
    return entry


def masked(kind: str, value: str) -> str:
    """What pages show of a value."""
    if kind == BlacklistKind.PHONE:
        return mask_phone(value)
    if kind == BlacklistKind.EMAIL:
        name, _at, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"[:64]
    if kind == BlacklistKind.OPENID:
        return f"{value[:4]}***{value[-4:]}" if len(value) > 8 else "***"
    return value[:64]


def _check_dates(valid_from: datetime | None, valid_to: datetime | None) -> None:
    if valid_to is not None and valid_to <= (valid_from or now()):
        raise CashierError(Code.VALUE_INVALID, field="valid_to", message=_("失效时间须晚于生效时间"), hint="")
