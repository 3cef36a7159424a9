"""What may be permitted with members, and whose they are: the unit that owns the member, or one that served it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from saleor.account.models import Address

from plugins.org_hierarchy.interfaces import (
    OrderAttribution,
    Reach,
    declare,
    keys_of,
    register_secret,
    scoped,
    tie_customers,
)
from saleor_o2o.kernel.redaction import register_sensitive

VIEW = "member.view"
CREATE = "member.create"
EDIT = "member.edit"
FREEZE = "member.freeze"
UNMASK = "member.unmask"
IMPORT = "member.import"
MERGE = "member.merge"
CLOSE = "member.close"
EXPORT = "member.export"


def install() -> None:
    """Declare and register; called once when the app is ready."""
    from . import models

    declare(
        "member",
        _("会员"),
        {
            "view": _("查看"),
            "create": _("代客注册"),
            "edit": _("修改资料和归属、解锁、退出登录"),
            "freeze": _("冻结、恢复、黑名单"),
            "unmask": _("查看完整手机号和证件号"),
            "import": _("批量导入"),
            "merge": _("合并会员"),
            "close": _("凭书面申请代办注销"),
            "export": _("申请导出会员名单"),
        },
    )
    declare("sms", _("短信"), {"view": _("查看发送记录"), "configure": _("设置限次")})
    scoped(models.Member, "member", rows=members_in)
    for model in (
        models.MemberIdentity, models.MemberSession, models.QrLogin, models.MemberProfile, models.Passenger,
        models.PayerNumber, models.Vehicle, models.MemberClosing, models.RealNameCheck,
        models.MemberTag, models.InvoiceTitle, models.Favourite, models.Footprint, models.Restriction,
    ):  # fmt: skip
        scoped(model, "member", rows=of_members("member"))
    scoped(models.VehicleReminder, "member", rows=of_members("vehicle__member"))
    scoped(models.AddressPlace, "member", rows=_of_addresses)
    scoped(models.MemberMerge, "member", rows=of_members("kept"))
    scoped(models.Tag, "member", rows=_made_at_or_above)
    scoped(models.MemberVisit, "member", unit="unit")
    scoped(models.MemberImport, "member", unit="unit", owner="maker_id")
    for message in (models.SmsMessage, models.VerificationCode, models.SmsLimit):
        scoped(message, "sms")
    tie_customers("member_home", _customers_at_home)
    register_secret(models.Member, UNMASK, _secrets)
    register_sensitive("verification_code", "sms_code", "device_id")


def members_in(reach: Reach) -> Q:
    """Members that a reach owns (home unit), registered, or served: at a counter, or by an order attributed to it."""
    from .models import MemberVisit

    orders = OrderAttribution.objects.filter(order__user_id=OuterRef("user_id"))
    visits = MemberVisit.objects.filter(member_id=OuterRef("pk"))
    return (
        _or_own(reach, "home_unit", "registered_by_id")
        | reach.on_units("registered_unit")
        | Q(Exists(visits.filter(_or_own(reach, "unit", "last_by_id"))))
        | Q(Exists(orders.filter(_or_own(reach, "unit", "operator_id"))))
    )


def of_members(lookup: str) -> Callable[[Reach], Q]:
    """The condition on rows whose member (found by `lookup`) a reach takes in, as the members' own pages say."""

    def condition(reach: Reach) -> Q:
        from .models import Member

        if reach.everything:
            return Q()
        return Q(**{f"{lookup}__in": Member.objects.filter(members_in(reach)).order_by().values("pk")})

    return condition


def happened(member: str, unit: str) -> Callable[[Reach], Q]:
    """Rows of members in reach, and those of units in reach, whosever member it is."""
    own = of_members(member)

    def condition(reach: Reach) -> Q:
        return own(reach) | reach.on_units(unit)

    return condition


def _made_at_or_above(reach: Reach) -> Q:
    """What the units in reach made, and what was made above for them to use."""
    above = {key for path in reach.paths for key in keys_of(path)}
    return Q(unit__in=sorted(above)) | reach.on_units("unit")


def _of_addresses(reach: Reach) -> Q:
    from .models import Member

    users = Member.objects.filter(members_in(reach)).order_by().values("user_id")
    return Q(address__in=Address.objects.filter(user_addresses__in=users).values("pk"))


def _customers_at_home(reach: Reach) -> Q:
    """Users whose member a reach looks after: the customer pages show who the member pages show."""
    from .models import Member

    homes = Member.objects.filter(user_id=OuterRef("pk"))
    return Q(
        Exists(
            homes.filter(_or_own(reach, "home_unit", "registered_by_id") | reach.on_units("registered_unit"))
        )
    )


def _or_own(reach: Reach, unit: str, owner: str) -> Q:
    condition = reach.on_units(unit)
    return condition | Q(**{owner: reach.own}) if reach.own is not None else condition


def _secrets(member: Any) -> list[tuple[Any, str]]:
    live = member.identities.filter(released_at__isnull=True).order_by("pk")
    return [(one.get_kind_display(), one.value) for one in live]
