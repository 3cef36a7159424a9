"""What may be paid with, for this order, here and now, and why not the others; and what people must look at."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from saleor.order.models import Order

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.errors import DomainError, Text
from saleor_o2o.kernel.money import format_yuan

from ..error_codes import CashierErrorCode as Code
from ..errors import CashierError
from ..models import (
    AttemptState,
    BlacklistEntry,
    BlacklistKind,
    Effect,
    IntentState,
    MethodRule,
    PartState,
    PaymentAttempt,
    PaymentIntent,
    PaymentPart,
    RiskRule,
)
from ..registry import provider_of
from ..tenders import Audience, Payer, tenders

#: What a provider's ways are called in front of people; others go by the provider's name.
TITLES: dict[str, Text] = {
    "WECHAT_NATIVE": _("微信扫码支付"),
    "WECHAT_JSAPI": _("微信支付"),
    "WECHAT_H5": _("微信支付（手机浏览器）"),
    "WECHAT_MINI": _("微信支付（小程序）"),
    "WECHAT_CODE": _("微信付款码"),
}
#: Everything about an order that a rule may ask for, if there is somebody who keeps it.
_FACTS = {
    "channel_type": "o2o_attribution__channel_type",
    "channel_code": "o2o_attribution__channel_code",
    "path": "o2o_attribution__org_path",
    "line": "o2o_profile__line",
    "phone": "shipping_address__phone",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What an order is, as far as rules ask. `path`: keys of the units above it, the root's first."""

    order_id: int
    user_id: int | None
    email: str
    phone: str = ""
    channels: frozenset[str] = frozenset()
    line: str = ""
    path: tuple[int, ...] = ()


@cache
def _known_facts() -> dict[str, str]:
    known = {}
    for name, lookup in _FACTS.items():
        model: Any = Order
        try:
            for step in lookup.split("__"):
                found = model._meta.get_field(step)
                model = found.related_model
        except (FieldDoesNotExist, AttributeError):
            continue
        known[name] = lookup
    return known


def facts_of(order: Order) -> Facts:
    """Read them; one statement. What no app keeps is empty."""
    known = _known_facts()
    rows = Order.objects.filter(pk=order.pk).order_by().values_list("user_id", "user_email", *known.values())
    user_id, email, *rest = rows[0]
    found = dict(zip(known, rest, strict=True))
    channels = {found.get("channel_type"), found.get("channel_code")} - {None, ""}
    return Facts(
        order_id=order.pk,
        user_id=user_id,
        email=email or "",
        phone=str(found.get("phone") or ""),
        channels=frozenset(map(str, channels)),
        line=str(found.get("line") or ""),
        path=tuple(int(key) for key in (found.get("path") or "").split("/") if key),
    )


def normal(kind: str, value: str) -> str:
    """A value of the blacklist as it is compared."""
    value = value.strip().lower() if kind == BlacklistKind.EMAIL else value.strip()
    if kind == BlacklistKind.PHONE:
        digits = "".join(sign for sign in value if sign.isdigit())
        return digits[2:] if len(digits) == 13 and digits.startswith("86") else digits
    return value


def index_of(kind: str, value: str) -> str:
    """Where a value of the blacklist is found."""
    return blind_index(normal(kind, value), f"cashier.blacklist.{kind}")


def _in_force(model: Any, moment: datetime) -> Any:
    until = Q(valid_to__isnull=True) | Q(valid_to__gt=moment)
    return model.objects.filter(until, valid_from__lte=moment)


def _exactness(rule: MethodRule | RiskRule, facts: Facts) -> tuple[Any, ...] | None:
    """How closely a rule fits; None where it does not. Unit before line before channel, the deeper, then the newer."""
    if rule.channel and rule.channel not in facts.channels:
        return None
    if rule.line and rule.line != facts.line:
        return None
    if rule.unit_key is not None and rule.unit_key not in facts.path:
        return None
    depth = -1 if rule.unit_key is None else facts.path.index(rule.unit_key)
    return depth, bool(rule.line), bool(rule.channel), rule.valid_from, rule.pk


@dataclass(slots=True)
class Terms:
    """The rules that count for one order and payer, read once. `refusal` and `hold`: words, where risk says so."""

    facts: Facts
    rules: dict[str, MethodRule]
    refusal: Text = ""
    hold: str = ""
    _spent: dict[str, Decimal] = field(default_factory=dict)

    def why_not(self, method: str, amount: Decimal | None) -> Text:
        """Why a method is not offered, for an amount in yuan (None: for any); empty when it is."""
        if self.refusal:
            return self.refusal
        rule = self.rules.get(method)
        if rule is None:
            return ""
        if not rule.is_offered:
            return rule.words or _("这类订单不支持这种支付方式")
        if amount is None:
            return ""
        if rule.min_amount is not None and amount < rule.min_amount:
            return _("单笔至少 %(amount)s") % {"amount": format_yuan(rule.min_amount)}
        if rule.max_amount is not None and amount > rule.max_amount:
            return _("单笔最多 %(amount)s") % {"amount": format_yuan(rule.max_amount)}
        if rule.daily_amount is not None:
            left = max(rule.daily_amount - self._spent_today(method), Decimal(0))
            if amount > left:
                return _("今日用这种方式最多还能付 %(amount)s") % {"amount": format_yuan(left)}
        return ""

    def require(self, method: str, amount: Decimal, field: str) -> None:
        """Raise CashierError METHOD_NOT_OFFERED or RISK_REFUSED, in the rule's words, unless it is offered."""
        why = self.why_not(method, amount)
        if why:
            code = Code.RISK_REFUSED if self.refusal else Code.METHOD_NOT_OFFERED
            raise CashierError(code, field=field, message=why)

    def _spent_today(self, method: str) -> Decimal:
        if method not in self._spent:
            mine, since = _of_payer(self.facts, "intent__order__"), _day_begins()
            paid = PaymentAttempt.objects.filter(
                mine, method=method, state=AttemptState.PAID, paid_at__gte=since
            )
            parts = PaymentPart.objects.filter(mine, kind=method, created_at__gte=since)
            parts = parts.exclude(state=PartState.RELEASED).exclude(intent__order_id=self.facts.order_id)
            self._spent[method] = sum(
                (rows.aggregate(total=Sum("amount"))["total"] or Decimal(0) for rows in (paid, parts)),
                Decimal(0),
            )
        return self._spent[method]


def _day_begins() -> datetime:
    return timezone.localtime(now()).replace(hour=0, minute=0, second=0, microsecond=0)


def _of_payer(facts: Facts, prefix: str) -> Q:
    """Orders of the same payer: of the login, or of a guest's address."""
    if facts.user_id is not None:
        return Q(**{f"{prefix}user_id": facts.user_id})
    return Q(**{f"{prefix}user_id": None, f"{prefix}user_email": facts.email})


def terms_of(intent: PaymentIntent, order: Order, payer: Payer, payer_id: str = "") -> Terms:
    """Read what counts for this order and payer: four statements, more only where a rule counts what was paid today."""
    moment = now()
    facts = facts_of(order)
    best: dict[str, tuple[tuple[Any, ...], MethodRule]] = {}
    for rule in _in_force(MethodRule, moment):
        exact = _exactness(rule, facts)
        if exact is not None and (rule.method not in best or exact > best[rule.method][0]):
            best[rule.method] = exact, rule
    terms = Terms(facts, {method: rule for method, (_exact, rule) in best.items()})
    for effect, words in _worries(intent, facts, payer, payer_id, moment):
        if effect == Effect.REFUSE:
            terms.refusal = words
        elif not terms.hold:
            terms.hold = str(words)[:100]
    return terms


def _worries(
    intent: PaymentIntent, facts: Facts, payer: Payer, payer_id: str, moment: datetime
) -> Iterable[tuple[str, Text]]:
    given = {
        BlacklistKind.USER: str(facts.user_id or ""),
        BlacklistKind.EMAIL: facts.email,
        BlacklistKind.PHONE: facts.phone,
        BlacklistKind.OPENID: payer_id,
        BlacklistKind.IP: (payer.ip or "") if payer.audience is Audience.SHOPPER else "",
    }
    listed = Q(pk__in=[])
    for kind, value in given.items():
        if value:
            listed |= Q(kind=kind, value_index=index_of(kind, value))
    for (effect,) in _in_force(BlacklistEntry, moment).filter(listed).values_list("effect"):
        # not whose name is on a list, nor which: the payer may be somebody else
        yield effect, _("本次支付未能受理，请联系客服") if effect == Effect.REFUSE else _("黑名单")
    today: tuple[Decimal, int] | None = None
    for rule in _in_force(RiskRule, moment):
        if _exactness(rule, facts) is None:
            continue
        met = rule.min_amount is not None and intent.amount >= rule.min_amount
        if not met and (rule.daily_amount is not None or rule.daily_count is not None):
            today = today or _paid_today(facts)
            met = rule.daily_amount is not None and today[0] + intent.amount > rule.daily_amount
            met = met or (rule.daily_count is not None and today[1] + 1 > rule.daily_count)
        if met:
            refused = rule.words or _("超过支付限额，请联系客服或到网点办理")
            yield rule.effect, refused if rule.effect == Effect.REFUSE else rule.words or _("触发风控规则")


def _paid_today(facts: Facts) -> tuple[Decimal, int]:
    paid = PaymentIntent.objects.filter(
        _of_payer(facts, "order__"),
        state__in=(IntentState.PAID, IntentState.REVIEW),
        created_at__gte=_day_begins() - timedelta(days=1),
    ).exclude(order_id=facts.order_id)
    amounts = [
        amount
        for amount, at, made in paid.values_list("amount", "paid_at", "created_at")
        if (at or made) >= _day_begins()
    ]
    return sum(amounts, Decimal(0)), len(amounts)


@dataclass(frozen=True, slots=True)
class Offer:
    """A method as a page shows it. `why_not`: words, empty where it can be used. Amounts in yuan."""

    method: str
    title: str
    is_remote: bool
    why_not: str
    prompt: str = ""
    min_amount: Decimal | None = None
    max_amount: Decimal | None = None


def offers(intent: PaymentIntent, order: Order, payer: Payer) -> list[Offer]:
    """Every method of the intent's provider and of all tenders for this audience, and why some cannot be used now."""
    terms = terms_of(intent, order, payer)
    found = []
    with suppress(DomainError):  # its plugin is off: what is left is ours
        provider = provider_of(intent.gateway)
        for method in provider.methods:
            found.append(_offer(terms, method.value, TITLES.get(method.value, provider.title), True, intent))
    for kind, tender in sorted(tenders().items()):
        prompt = tender.prompt_for(payer) if payer.audience in tender.audience else None
        if prompt is not None:
            found.append(_offer(terms, kind, tender.title, False, intent, prompt))
    return found


def _offer(
    terms: Terms, method: str, title: Text, is_remote: bool, intent: PaymentIntent, prompt: Text = ""
) -> Offer:
    # a part may be smaller than what is due, so only what is sent to a provider has its amount already
    why = terms.why_not(method, intent.remote_due if is_remote and intent.remote_due else None)
    rule = terms.rules.get(method)
    return Offer(
        method,
        str(title),
        is_remote,
        str(why),
        str(prompt),
        rule.min_amount if rule else None,
        rule.max_amount if rule else None,
    )
