"""Floats: every change of a balance is one movement, written with the balance under the account's lock."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.channels.interfaces import Channel, ChannelStatus
from plugins.org_hierarchy.interfaces import OrgUnit, staff_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.events import publish
from saleor_o2o.kernel.money import format_yuan, to_fen
from saleor_o2o.kernel.numbering import next_number
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..error_codes import CounterErrorCode as Code
from ..errors import CounterError
from ..events import FloatLow
from ..locks import lock_account
from ..models import AdjustmentState, FloatAccount, FloatAdjustment, FloatMovement, MovementKind, Shift
from ..numbers import ADJUSTMENT, MOVEMENT
from ..permissions import ADJUST, CONFIGURE, REMIT, TOP_UP, require_at
from ..places import OF_THE_UNIT
from ..selectors.remittances import hands_in_by_slip

OPENED = audit.action("float.opened", _("开立备付金账户"))
CONFIGURED = audit.action("float.configured", _("变更备付金额度与状态"))
MOVED = audit.action("float.moved", _("备付金变动"))
ADJUSTMENT_ASKED = audit.action("float.adjustment_asked", _("申请调整备付金"))
ADJUSTMENT_DECIDED = audit.action("float.adjustment_decided", _("复核备付金调整"))

_CONFIGURABLE = ("credit_limit", "alarm_below", "is_frozen", "frozen_reason")


def post(
    account: FloatAccount,
    kind: MovementKind,
    amount: Decimal,
    *,
    biz_type: str,
    biz_id: str,
    operator: Any,
    order: Any = None,
    note: str = "",
    confirmed_by: Any = None,
    shift: Shift | None = None,
) -> FloatMovement:
    """Write one movement of a *locked* account and its balance. `amount` is signed, in yuan; `shift`, locked, is
    whose drawer the notes are in.

    The same business again with the same account and amount is answered with its movement. Raises CounterError:
    AMOUNT_INVALID, KEY_REUSED (the same business with other values), FLOAT_FROZEN and FLOAT_INSUFFICIENT for debits
    (a frozen float still takes money).
    """
    if to_fen(amount) == 0:
        raise CounterError(Code.AMOUNT_INVALID, _("金额不能为零"), "amount")
    known = FloatMovement.objects.filter(biz_type=biz_type, biz_id=biz_id).first()
    if known is not None:
        if (known.account_id, known.amount, known.kind) != (account.pk, amount, kind):
            raise CounterError(Code.KEY_REUSED, _("这笔业务已按另一金额登记过"), "amount")
        return known
    if amount < 0:
        _refuse_unless_covered(account, -amount)
    was_low = account.is_low
    account.balance += amount
    account.save(update_fields=["balance"])
    movement = FloatMovement.objects.create(
        number=next_number(MOVEMENT),
        account=account,
        kind=kind,
        amount=amount,
        balance_after=account.balance,
        biz_type=biz_type,
        biz_id=biz_id,
        order=order,
        operator=operator,
        confirmed_by=confirmed_by,
        shift=shift,
        note=note[:200],
    )
    if account.is_low and not was_low:
        publish(FloatLow(account_id=account.pk, available=account.available), key=f"float:{account.pk}")
    return movement


def _refuse_unless_covered(account: FloatAccount, wanted: Decimal) -> None:
    if account.is_frozen:
        raise CounterError(
            Code.FLOAT_FROZEN,
            _("备付金账户已冻结，不能收现金"),
            hint=_("可改用扫码收款，或联系区县财务解冻"),
        )
    if wanted > account.available:
        raise CounterError(
            Code.FLOAT_INSUFFICIENT,
            _("备付金不足：可用 %(available)s，本次需要 %(wanted)s，还差 %(missing)s")
            % {
                "available": format_yuan(account.available),
                "wanted": format_yuan(wanted),
                "missing": format_yuan(wanted - account.available),
            },
            field="amount",
            hint=_("可改用扫码收款（不占备付金），或联系区县财务充值"),
            details={"available": str(account.available), "missing": str(wanted - account.available)},
        )


@transaction.atomic
def open_account(
    user: Any,
    unit: OrgUnit,
    channel_code: str = "",
    *,
    credit_limit: Decimal = Decimal(0),
    alarm_below: Decimal = Decimal(0),
) -> FloatAccount:
    """Open the float of a unit, or of one channel of it. Raises NotAllowed, CounterError FLOAT_EXISTS, NOT_FOUND."""
    require_at(user, CONFIGURE, unit)
    _check_limits(credit_limit, alarm_below)
    if channel_code:
        _check_channel(unit, channel_code)
    same = FloatAccount.objects.filter(channel_code=channel_code)
    if (same if channel_code else same.filter(unit=unit)).exists():
        raise CounterError(Code.FLOAT_EXISTS, _("这个销售点已有备付金账户"), "unit")
    account = FloatAccount.objects.create(
        unit=unit, channel_code=channel_code, credit_limit=credit_limit, alarm_below=alarm_below
    )
    audit.record(OPENED, account, after=audit.snapshot(account), org_path=unit.path)
    return account


@transaction.atomic
def configure(user: Any, account_pk: int, **changes: Any) -> FloatAccount:
    """Change credit limit, alarm line or the frozen mark (with its reason). Locks: the account.

    Raises OutOfScope, NotAllowed, CounterError: AMOUNT_INVALID, REASON_REQUIRED (freezing says why), CREDIT_IN_USE (a
    credit line is not cut below what is used of it).
    """
    require(user, CONFIGURE, get_row(user, FloatAccount, pk=account_pk))
    account = lock_account(account_pk)
    before = audit.snapshot(account, _CONFIGURABLE)
    for name, value in changes.items():
        if name not in _CONFIGURABLE:
            raise TypeError(f"a float has no setting {name!r}")
        setattr(account, name, value)
    _check_limits(account.credit_limit, account.alarm_below)
    if account.is_frozen and not account.frozen_reason.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写冻结原因"), "frozen_reason")
    if not account.is_frozen:
        account.frozen_reason = ""
    if account.available < 0:
        raise CounterError(
            Code.CREDIT_IN_USE,
            _("授信已用 %(used)s，额度不能低于它") % {"used": format_yuan(-account.balance)},
            "credit_limit",
            hint=_("请先充值或缴款"),
        )
    account.save(update_fields=_CONFIGURABLE)
    after = audit.snapshot(account, _CONFIGURABLE)
    audit.record(CONFIGURED, account, before=before, after=after, org_path=account.unit.path)
    return account


def top_up(user: Any, account_pk: int, amount: Decimal, *, key: str, note: str = "") -> FloatMovement:
    """Put money into a float (充值). `key` names the request. Errors as `remit`."""
    return _put_in(user, account_pk, amount, key, note, MovementKind.TOP_UP, TOP_UP)


def remit(user: Any, account_pk: int, amount: Decimal, *, key: str, note: str = "") -> FloatMovement:
    """The place has handed in cash it took (缴款): its float is free again by that much. Locks: the account.

    Raises OutOfScope, NotAllowed, CounterError: AMOUNT_INVALID, KEY_REUSED, OWN_PLACE (nobody books money into the
    float that he himself sells on), REMIT_BY_SLIP (its cash comes in on slips, which would book it a second time).
    """
    return _put_in(user, account_pk, amount, key, note, MovementKind.REMIT, REMIT)


@transaction.atomic
def _put_in(
    user: Any, account_pk: int, amount: Decimal, key: str, note: str, kind: MovementKind, permission: str
) -> FloatMovement:
    found = get_row(user, FloatAccount, pk=account_pk)
    require(user, permission, found)
    if to_fen(amount) <= 0:
        raise CounterError(Code.AMOUNT_INVALID, _("金额须大于零，最多两位小数"), "amount")
    _refuse_own_place(user, found)
    account = lock_account(account_pk)
    if kind is MovementKind.REMIT and hands_in_by_slip(account):
        _refuse_beside_slips(account, key)
    movement = post(account, kind, amount, biz_type=kind.value, biz_id=key, operator=user, note=note)
    _audit_movement(movement)
    return movement


def _refuse_beside_slips(account: FloatAccount, key: str) -> None:
    """The same cash on a slip and by hand would be credited twice; a request that was done before is answered."""
    kind = MovementKind.REMIT
    if FloatMovement.objects.filter(account=account, biz_type=kind.value, biz_id=key).exists():
        return
    raise CounterError(
        Code.REMIT_BY_SLIP,
        _("这个销售点按班次缴款，不能手工登记缴款，以免同一笔现金入账两次"),
        hint=_("请在「缴款单」中制单、核对、入账"),
    )


@transaction.atomic
def ask_adjustment(user: Any, account_pk: int, amount: Decimal, reason: str) -> FloatAdjustment:
    """Ask for an adjustment; nothing moves until a second person confirms it. `amount` is signed, in yuan.

    Raises OutOfScope, NotAllowed, CounterError AMOUNT_INVALID, REASON_REQUIRED.
    """
    account = get_row(user, FloatAccount, pk=account_pk)
    require(user, ADJUST, account)
    if to_fen(amount) == 0:
        raise CounterError(Code.AMOUNT_INVALID, _("金额不能为零"), "amount")
    if not reason.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写调整原因"), "reason")
    asked = FloatAdjustment.objects.create(
        number=next_number(ADJUSTMENT),
        account=account,
        amount=amount,
        reason=reason.strip()[:200],
        requested_by=user,
    )
    audit.record(ADJUSTMENT_ASKED, asked, after=audit.snapshot(asked), org_path=account.unit.path)
    return asked


@transaction.atomic
def confirm_adjustment(user: Any, adjustment_pk: int, decision: str = "") -> FloatMovement:
    """A second person agrees: the movement is written. Locks: the adjustment, then the account.

    Raises OutOfScope, NotAllowed, IllegalMove (decided before), CounterError: SAME_PERSON, FLOAT_INSUFFICIENT,
    FLOAT_FROZEN.
    """
    asked = _decidable(user, adjustment_pk)
    move(asked, "confirm", user_id=user.pk, decision=decision[:200])
    account = lock_account(asked.account_id)
    movement = post(
        account,
        MovementKind.ADJUSTMENT,
        asked.amount,
        biz_type="adjustment",
        biz_id=asked.number,
        operator=asked.requested_by,
        confirmed_by=user,
        note=asked.reason,
    )
    audit.record(ADJUSTMENT_DECIDED, asked, after={"state": asked.state}, org_path=account.unit.path)
    return movement


@transaction.atomic
def refuse_adjustment(user: Any, adjustment_pk: int, decision: str) -> FloatAdjustment:
    """A second person does not agree and says why. Errors as `confirm_adjustment`, and REASON_REQUIRED."""
    asked = _decidable(user, adjustment_pk)
    if not decision.strip():
        raise CounterError(Code.REASON_REQUIRED, _("请填写驳回原因"), "decision")
    move(asked, "refuse", user_id=user.pk, decision=decision.strip()[:200])
    audit.record(ADJUSTMENT_DECIDED, asked, after={"state": asked.state}, org_path=asked.account.unit.path)
    return asked


def _decidable(user: Any, pk: int) -> FloatAdjustment:
    asked = get_row(user, FloatAdjustment, pk=pk)
    require(user, ADJUST, asked)
    if asked.requested_by_id == user.pk and asked.state == AdjustmentState.WAITING:
        raise CounterError(Code.SAME_PERSON, _("申请人不能复核自己的调整单，须由另一人复核"))
    return asked


def _refuse_own_place(user: Any, account: FloatAccount) -> None:
    staff = staff_of(user)
    if staff is not None and staff.unit_id == account.unit_id and not user.is_superuser:
        raise CounterError(
            Code.OWN_PLACE,
            _("不能给本机构自己的备付金账户登记充值或缴款"),
            hint=_("请由上级机构财务办理"),
        )


def _check_channel(unit: OrgUnit, code: str) -> None:
    channel = Channel.objects.filter(code=code, unit=unit).exclude(status=ChannelStatus.LEFT).first()
    if channel is None or channel.type in OF_THE_UNIT:
        raise CounterError(
            Code.NOT_FOUND,
            _("该机构没有这个微店或站点"),
            "channel_code",
            hint=_("请核对店铺码；机构自己的柜台请留空"),
        )


def _check_limits(credit_limit: Decimal, alarm_below: Decimal) -> None:
    for field, value in (("credit_limit", credit_limit), ("alarm_below", alarm_below)):
        if to_fen(value) < 0:
            raise CounterError(Code.AMOUNT_INVALID, _("额度不能为负数"), field)


def _audit_movement(movement: FloatMovement) -> None:
    audit.record(
        MOVED,
        movement.account,
        after={"number": movement.number, "kind": movement.kind, "amount": movement.amount},
        org_path=movement.account.unit.path,
    )
