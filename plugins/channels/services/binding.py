"""Binding a customer to a channel, and handing customers over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import current

from .. import audits
from ..errors import ChannelError, ChannelErrorCode
from ..events import CustomerBound
from ..models import BindingMode, BindingRule, Channel, CustomerBinding
from ..selectors import open_channel
from ..types import ChannelType

#: Counters, websites and machines serve everybody; customers belong to people.
BINDING_TYPES = (ChannelType.MICRO_SHOP, ChannelType.STATION, ChannelType.AGENT)
#: How long a visit without a login is good for binding whoever made it.
VISIT_KEPT = timedelta(days=7)
_VISIT = "o2o.channels.visit"


def rule_now() -> BindingRule:
    """The rule that counts today; without any, 首次绑定 with 30 days of protection."""
    found = BindingRule.objects.filter(effective_from__lte=today()).order_by("-effective_from").first()
    return found or BindingRule()


def lock_customer(customer: Any) -> None:
    """Lock a customer against a second binding at the same moment. Locks: his row. Raises LockTimeout."""
    from saleor.account.models import User

    lock_rows(User.objects.filter(pk=customer.pk).only("pk"))


def current_binding(customer: Any) -> CustomerBinding | None:
    """The binding that counts, with its channel and unit in the same statement."""
    rows = CustomerBinding.objects.select_related("channel__unit")
    return rows.filter(customer_id=customer.pk, ended_at__isnull=True).first()


def visit_token(channel: Channel) -> str:
    """A signed note that somebody without a login opened the channel's page now; he shows it after logging in."""
    return signing.dumps([channel.code, int(now().timestamp())], salt=_VISIT)


def bind_earlier_visit(customer: Any, token: str) -> tuple[Channel, CustomerBinding | None]:
    """Bind a customer who has logged in by a visit of before, by the rule in force, as of the visit's moment.

    The channel, and the binding that counts afterwards. Who was bound since stays where he is. Locks: the customer.
    Raises ChannelError: VISIT_OVER for a note that is not ours or older than `VISIT_KEPT`, SHOP_CLOSED; LockTimeout.
    """
    try:
        code, seconds = signing.loads(token, salt=_VISIT)
        visited = datetime.fromtimestamp(seconds, tz=UTC)
    except (signing.BadSignature, ValueError, TypeError):
        visited = None
    if visited is None or now() - visited > VISIT_KEPT:
        raise ChannelError(
            ChannelErrorCode.VISIT_OVER, _("到店记录已过期"), "visit", _("请重新打开店铺页面或扫码")
        )
    channel = open_channel(code)
    return channel, bind_on_visit(customer, channel, visited)


def bind_on_visit(customer: Any, channel: Channel, visited: datetime | None = None) -> CustomerBinding | None:
    """A customer opened a channel's page: bind by the rule, and return the binding that counts afterwards.

    `visited`: when that was, if it was before he logged in: a binding made since is not undone. Locks: the customer.
    Raises LockTimeout.
    """
    if channel.type not in BINDING_TYPES or not channel.is_open or customer.is_staff:
        return current_binding(customer)
    rule = rule_now()
    moment = now()
    with transaction.atomic():
        lock_customer(customer)
        held = current_binding(customer)
        if held is not None and visited is not None and held.bound_at > visited:
            return held
        if held is not None and held.channel_id == channel.pk:
            if rule.mode == BindingMode.FIRST and held.protected_until is not None:
                held.protected_until = _protection(rule, moment)
                held.save(update_fields=["protected_until"])
            return held
        if not _may_bind(rule, customer, held, moment):
            return held
        return _bind(customer, channel, rule.mode, _protection(rule, moment), held, _("光顾其他渠道"))


def transfer_customers(
    source: Channel, target: Channel, reason: str, *, customer_ids: list[int] | None = None
) -> int:
    """Hand the customers of one channel (all, or the given ones) over to another; returns how many.

    Locks: the customers in primary-key order. Raises ChannelError: REQUIRED without a reason, SAME_CHANNEL, SHOP_CLOSED
    when the target is not open, INVALID for a kind of channel that has no customers; LockTimeout.
    """
    if not reason.strip():
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写移交原因"), "reason")
    if source.pk == target.pk:
        raise ChannelError(ChannelErrorCode.SAME_CHANNEL, _("不能移交给自己"), "target")
    if target.type not in BINDING_TYPES:
        raise ChannelError(ChannelErrorCode.INVALID, _("该类型的渠道不绑定客户"), "target")
    if not target.is_open:
        raise ChannelError(ChannelErrorCode.SHOP_CLOSED, _("接收渠道未营业"), "target")
    from saleor.account.models import User

    moment = now()
    until = _protection(rule_now(), moment)
    with transaction.atomic():
        mine = CustomerBinding.objects.filter(channel=source, ended_at__isnull=True)
        if customer_ids is not None:
            mine = mine.filter(customer_id__in=customer_ids)
        lock_rows(User.objects.filter(pk__in=mine.values("customer_id")).only("pk"))
        rows = list(mine.order_by("pk"))
        mine.filter(pk__in=[row.pk for row in rows]).update(ended_at=moment, end_reason=reason.strip()[:200])
        CustomerBinding.objects.bulk_create(
            CustomerBinding(
                customer_id=row.customer_id, channel=target, basis="transfer", bound_at=moment,
                protected_until=until, actor=current().actor,
            )
            for row in rows
        )  # fmt: skip
        for row in rows:
            publish(
                CustomerBound(customer_id=row.customer_id, channel_id=target.pk, before=source.pk),
                key=f"customer:{row.customer_id}",
            )
        audit.record(
            audits.TRANSFERRED, source,
            after={"to": target.code, "customers": len(rows), "reason": reason.strip()},
            org_path=source.unit.path,
        )  # fmt: skip
    return len(rows)


def _may_bind(rule: BindingRule, customer: Any, held: CustomerBinding | None, moment: datetime) -> bool:
    if rule.mode == BindingMode.REGISTER:
        fresh = moment - customer.date_joined <= timedelta(hours=rule.registration_hours)
        return fresh and not CustomerBinding.objects.filter(customer_id=customer.pk).exists()
    if held is None:
        return True
    return held.protected_until is not None and held.protected_until <= moment


def _protection(rule: BindingRule, moment: datetime) -> datetime | None:
    """Until when others cannot take the customer; None: always."""
    if rule.mode == BindingMode.REGISTER or (rule.mode == BindingMode.FIRST and not rule.protection_days):
        return None
    return moment + timedelta(days=rule.protection_days)


def _bind(
    customer: Any,
    channel: Channel,
    basis: str,
    until: datetime | None,
    held: CustomerBinding | None,
    why: str,
) -> CustomerBinding:
    if held is not None:
        held.ended_at, held.end_reason = now(), why
        held.save(update_fields=["ended_at", "end_reason"])
    bound = CustomerBinding.objects.create(
        customer_id=customer.pk, channel=channel, basis=basis, protected_until=until, actor=current().actor
    )
    publish(
        CustomerBound(
            customer_id=customer.pk,
            channel_id=channel.pk,
            before=held.channel_id if held is not None else None,
        ),
        key=f"customer:{customer.pk}",
    )
    return bound
