"""A member's consent at a counter: so much of the balance for a sale, or so many points for a basket.

The clerk asks, a code goes to the member's own telephone and says for what, the member reads it out. What was agreed to
is good for this clerk, this sale, this amount and this member, once, for `PATIENCE`; then the tender of the balance or
the deduction of points uses it in the transaction that takes the money. Whoever dies in between finds it given.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from plugins.counter_sales.interfaces import SELL, sale_to_pay, selling_unit
from plugins.members.interfaces import (
    Device,
    Member,
    register_text,
    use_code,
)
from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import Text
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.money import InvalidAmount, format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import OutOfScope, get_row, require, rows_for
from saleor_o2o.kernel.states import move_locked

from ..errors import LoyaltyError
from ..errors import LoyaltyErrorCode as Code
from ..kinds import Book, ConsentKind, ConsentState
from ..models import Consent, Purse, RechargePackage
from ..numbers import CONSENT as NUMBER
from .codes import (
    PATIENCE,
    check_has_points,
    check_mobile,
    check_points,
    checked_for,
    find_member,
    send,
    send_first,
)
from .giving import require_active
from .recharging import frozen

ASKED = audit.action("loyalty.consent_asked", _("请会员确认"))
GIVEN = audit.action("loyalty.consent_given", _("会员已确认"))
PAID = "balance_paid"
OPEN = (ConsentState.ASKED, ConsentState.GIVEN)
_KEY_LENGTH = range(16, 65)


# here, not beside the tender: whoever sends messages imports this and never a tender
register_text(
    PAID,
    _("您在%(place)s用储值余额支付 %(amount)s 元，余 %(left)s 元。如非本人操作，请致电 11185。"),
    _("储值余额支付通知"),
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A consent that waits for its code. Not `sent`: too many were asked for; `again_after` seconds it can be sent."""

    consent: Consent
    again_after: int
    sent: bool


def ask_for_balance(by: Any, sale_pk: int | str, text: str, amount: Decimal, device: Device) -> Waiting:
    """Ask a member (named by `text`, whole; empty: the sale's customer) for `amount` yuan of the balance, for a sale.

    What was asked for the same sale before is void. Raises OutOfScope, NotAllowed, CounterError (the sale waits for no
    money), NOT_FOUND, MEMBER_NOT_ACTIVE, INVALID, NOT_OFFERED, BALANCE_FROZEN, BALANCE_SHORT, NO_MOBILE.
    """
    sale = sale_to_pay(by, sale_pk)
    member = find_member(text.strip() or sale.phone)
    check_yuan(amount)
    if amount > sale.due:
        raise LoyaltyError(
            Code.INVALID,
            _("这笔销售还差 %(due)s，不能多收") % {"due": format_yuan(sale.due)},
            "amount",
            _("先放弃已收部分，可重新分配金额"),
        )
    if RechargePackage.objects.filter(variant__order_lines__order_id=sale.order_id).exists():
        raise LoyaltyError(
            Code.NOT_OFFERED, _("充值不能用储值余额支付"), "amount", _("请用现金、微信或其他方式收款")
        )
    purse = Purse.objects.filter(member=member, book=Book.BALANCE).first()
    if purse is not None and purse.is_frozen:
        raise frozen(purse)
    check_enough(by, member, amount, purse.balance if purse is not None else Decimal(0))
    return _begin(by, member, ConsentKind.BALANCE, amount, sale.unit, device, order_id=sale.order_id)


def ask_for_points(by: Any, key: str, place: str, text: str, points: int, device: Device) -> Waiting:
    """Ask a member for points that lower a basket, which will be placed under `key` at a place.

    What was asked for the same basket before is void. Raises OutOfScope, NotAllowed, CounterError (the place is
    closed), NOT_FOUND, MEMBER_NOT_ACTIVE, INVALID, POINTS_SHORT, NO_MOBILE.
    """
    unit = selling_unit(by, place)
    member = find_member(text)
    check_points(points)
    if len(key) not in _KEY_LENGTH:
        raise LoyaltyError(Code.INVALID, _("请求号不正确，请刷新页面后重试"), "key")
    check_has_points(by, member, points)
    return _begin(by, member, ConsentKind.POINTS, Decimal(points), unit, device, basket=key)


def send_again(by: Any, pk: int | str, device: Device) -> int:
    """Send another code for a consent that waits. Raises OutOfScope, NotAllowed, CONSENT_OVER, TooOften."""
    found = own(by, pk)
    if found.state != ConsentState.ASKED or _is_late(found):
        raise over(found)
    return send(found, _what(found), device)


def give(by: Any, pk: int | str, code: str, device: Device) -> Consent:
    """The member has read the code out. Again for the same consent is the same consent.

    Locks: the consent, the code. Raises OutOfScope, NotAllowed, CONSENT_OVER, CODE_WRONG (also for a code that was sent
    for something else), LOCKED_OUT, MEMBER_NOT_ACTIVE, LockTimeout.
    """
    found = own(by, pk)
    if found.state in (ConsentState.GIVEN, ConsentState.USED):
        return found
    if found.state != ConsentState.ASKED or _is_late(found):
        raise over(found)
    checked = checked_for(found, code, device, _("这条验证码不是为这一笔发送的"))
    with transaction.atomic():
        consent = lock_rows(Consent.objects.filter(pk=found.pk))[0]
        if consent.state in (ConsentState.GIVEN, ConsentState.USED):
            return consent
        if consent.state != ConsentState.ASKED:
            raise over(consent)
        require_active(Member.objects.get(pk=consent.member_id))
        use_code(checked)
        move_locked(consent, "give", actor=actor_label(by))
        audit.record(GIVEN, consent, after=_told(consent), actor=actor_label(by), org_path=found.unit.path)
    return consent


def named(number: str, by: Any, kind: ConsentKind, amount: Decimal | None) -> Consent:
    """A given consent (or one that was used) by its number, without a lock, for whoever wants to use it.

    Raises CONSENT_NEEDED (there is none), CONSENT_DIFFERS (another clerk's, another amount), CONSENT_OVER.
    """
    found = Consent.objects.select_related("member").filter(number=number.strip(), kind=kind).first()
    if found is None or found.state == ConsentState.ASKED:
        raise needed()
    if found.state == ConsentState.USED:
        return found
    if found.operator_id != getattr(by, "pk", None):
        raise LoyaltyError(
            Code.CONSENT_DIFFERS, _("会员是向另一位营业员确认的"), "code", _("请重新发送验证码")
        )
    if amount is not None and amount != found.amount:
        raise LoyaltyError(
            Code.CONSENT_DIFFERS,
            _("会员确认的是 %(agreed)s，与这次的 %(amount)s 不一致")
            % {"agreed": format_yuan(found.amount), "amount": format_yuan(amount)},
            "amount",
            _("请按确认的金额收，或重新发送验证码"),
        )
    if found.state != ConsentState.GIVEN or _is_late(found):
        raise over(found)
    return found


def take(pk: int, order_id: int, part_number: str = "") -> None:
    """Use a consent in the transaction that takes what was agreed to, the member's purses locked before it.

    Locks: the consent. Raises CONSENT_OVER when it was used, or given up, meanwhile; CONSENT_DIFFERS for
    another sale's.
    """
    consent = lock_rows(Consent.objects.filter(pk=pk))[0]
    if consent.state != ConsentState.GIVEN or _is_late(consent):
        raise over(consent)
    if consent.order_id not in (None, order_id):
        raise LoyaltyError(Code.CONSENT_DIFFERS, _("会员确认的是另一笔销售"), "code", _("请重新发送验证码"))
    move_locked(
        consent, "use", actor=f"user:{consent.operator_id}", order_id=order_id, part_number=part_number
    )


def waiting_for(by: Any, order_id: int) -> Consent | None:
    """What this clerk has asked for a sale's order and not used yet, the newest: a page that was closed finds it."""
    rows = Consent.objects.filter(order_id=order_id, operator=by, state__in=OPEN).order_by("-pk")
    found = rows.select_related("member__user").first()
    return None if found is None or _is_late(found) else found


def give_up_of_order(order_id: int) -> int:
    """The sale is over: what was agreed to for it is good for nothing any more. Locks: its open consents."""
    return _give_up(Q(order_id=order_id))


def give_up_waiting() -> int:
    """Consents that nobody gave, or nobody used, in time are void; returns how many."""
    too_late = now() - PATIENCE
    late = Q(state=ConsentState.ASKED, asked_at__lt=too_late) | Q(
        state=ConsentState.GIVEN, given_at__lt=too_late
    )
    return _give_up(late)


def own(by: Any, pk: int | str) -> Consent:
    """A consent that this person asked for. Raises OutOfScope, NotAllowed."""
    if not getattr(by, "is_authenticated", False):
        raise OutOfScope
    found = get_row(by, Consent.objects.select_related("member__user", "unit"), pk=pk, operator=by)
    require(by, SELL, found)
    return found


def check_yuan(amount: Decimal) -> None:
    """Raise INVALID for what is no amount to be paid."""
    try:
        fine = to_fen(amount) > 0
    except InvalidAmount:
        fine = False
    if not fine:
        raise LoyaltyError(Code.INVALID, _("请填写大于零的金额，精确到分"), "amount")


def check_enough(by: Any, member: Member, amount: Decimal, left: Decimal) -> None:
    """Raise BALANCE_SHORT; how much somebody from elsewhere has is not told."""
    if amount <= left:
        return
    if rows_for(by, Member).filter(pk=member.pk).exists():
        text: Any = _("储值余额 %(balance)s 不足") % {"balance": format_yuan(left)}
    else:
        text = _("该会员的储值余额不足")
    raise LoyaltyError(Code.BALANCE_SHORT, text, "amount", _("可少用一些余额，其余用别的方式收"))


def needed() -> LoyaltyError:
    """The refusal of what wants the member's code first."""
    return LoyaltyError(
        Code.CONSENT_NEEDED, _("需要会员的短信验证码确认"), "code", _("请先发送验证码，由会员念出")
    )


def _begin(
    by: Any,
    member: Member,
    kind: ConsentKind,
    amount: Decimal,
    unit: OrgUnit,
    device: Device,
    *,
    order_id: int | None = None,
    basket: str = "",
) -> Waiting:
    check_mobile(member, _("该会员没有手机号，不能用验证码确认"))
    with transaction.atomic():
        before = Q(order_id=order_id) if order_id is not None else Q(basket=basket)
        _give_up(before & Q(kind=kind, operator=by))
        consent = Consent.objects.create(
            number=next_number(NUMBER), member=member, kind=kind, amount=amount, unit=unit, operator=by,
            order_id=order_id, basket=basket,
        )  # fmt: skip
        audit.record(ASKED, consent, after=_told(consent), actor=actor_label(by), org_path=unit.path)
    again_after, sent = send_first(consent, _what(consent), device)
    return Waiting(consent, again_after, sent)


def _what(consent: Consent) -> Text:
    if consent.kind == ConsentKind.BALANCE:
        return _("支付 %(amount)s（储值余额）") % {"amount": format_yuan(consent.amount)}
    return _("使用 %(points)d 积分抵扣货款") % {"points": consent.amount}


def _give_up(which: Q) -> int:
    keys = list(Consent.objects.filter(which, state__in=OPEN).values_list("pk", flat=True)[:500])
    if not keys:
        return 0
    done = 0
    with transaction.atomic():
        for consent in lock_rows(Consent.objects.filter(pk__in=keys)):
            if consent.state in OPEN:
                move_locked(consent, "give_up", actor="system", reason="")
                done += 1
    return done


def _is_late(consent: Consent) -> bool:
    since = consent.given_at or consent.asked_at
    return since < now() - PATIENCE


def _told(consent: Consent) -> dict[str, Any]:
    return {
        "number": consent.number, "kind": consent.kind, "amount": consent.amount, "order": consent.order_id,
    }  # fmt: skip


def over(consent: Consent) -> LoyaltyError:
    """The refusal of a consent that is good for nothing any more."""
    state = _("已超时") if consent.state in OPEN else consent.get_state_display()
    return LoyaltyError(
        Code.CONSENT_OVER,
        _("会员确认 %(number)s：%(state)s，不能再用") % {"number": consent.number, "state": state},
        "code",
        _("请重新发送验证码"),
    )
