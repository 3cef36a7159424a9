"""What a buyer says before buying: that he agrees, for which car, or for whom."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.members.interfaces import Member, clean_mobile, primary_mobile

from ..choices import MembershipState, PlanKind
from ..errors import MembershipError
from ..errors import MembershipErrorCode as Code
from ..locks import lock_shelf
from ..models import Membership, Plan, Wish
from .vehicles import bind_vehicle


@transaction.atomic
def wish(
    member: Member, plan_code: str, agreement: str, *, vehicle_id: int | None = None, mobile: str = ""
) -> Wish:
    """Write down what the next order of a plan is for; an earlier wish for it that led to no order is forgotten.

    Raises NOT_ON_SALE, REQUIRED (another agreement than the plan's), NOT_FOUND for a car of somebody else's, INVALID
    for a gift to oneself or of a car's plan, MOBILE_INVALID.
    """
    plan = Plan.objects.filter(code=plan_code).first()
    if plan is None or not plan.on_sale:
        raise MembershipError(Code.NOT_ON_SALE, _("这种会员现在不能购买"), "plan", _("请看看其他会员"))
    if agreement != plan.agreement:
        raise MembershipError(
            Code.REQUIRED, _("请先阅读并同意《会员服务协议》"), "agreement", _("协议已更新，请重新打开购买页")
        )
    vehicle = None
    if vehicle_id is not None:
        vehicle = own_vehicle(member, vehicle_id)
        if plan.kind != PlanKind.CAR:
            raise MembershipError(Code.INVALID, _("只有自邮一族会员需要选择车辆"), "vehicle_id")
    told = clean_mobile(mobile) if mobile.strip() else ""
    if told and plan.kind == PlanKind.CAR:
        raise MembershipError(
            Code.INVALID, _("自邮一族会员跟着车辆走，不能赠送"), "gift_mobile", _("请让车主本人购买")
        )
    if told and told == primary_mobile(member):
        raise MembershipError(Code.INVALID, _("这是您自己的手机号"), "gift_mobile", _("给自己买不用填写"))
    Wish.objects.filter(user_id=member.user_id, plan=plan, order=None).delete()
    return Wish.objects.create(
        user_id=member.user_id, plan=plan, vehicle=vehicle, mobile=told, agreement=agreement
    )


def own_vehicle(member: Member, vehicle_id: int) -> Any:
    """A car of the member's. Raises NOT_FOUND."""
    found = member.vehicles.filter(pk=vehicle_id).first()
    if found is None:
        raise MembershipError(Code.NOT_FOUND, _("没有这辆车"), "vehicle_id", _("请先在“我的车辆”里登记"))
    return found


@transaction.atomic
def set_vehicle(member: Member, membership_number: str, vehicle_id: int) -> Membership:
    """Bind a 自邮一族 membership to a car, or, once in thirty days, to another one. Locks: the member, his memberships.

    Raises NOT_FOUND, NOT_RUNNING, VEHICLE_TAKEN, VEHICLE_CHANGED.
    """
    found = next((one for one in lock_shelf(member.pk) if one.number == membership_number), None)
    if found is None or found.kind != PlanKind.CAR:
        raise MembershipError(Code.NOT_FOUND, _("没有这个自邮一族会员资格"), "number")
    if found.state != MembershipState.ACTIVE:
        raise MembershipError(Code.NOT_RUNNING, _("会员已到期或退出"), "number", _("请先续费"))
    return bind_vehicle(found, own_vehicle(member, vehicle_id))
