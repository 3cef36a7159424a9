"""The channels' permissions, and how their rows hang on the tree. Installed once, when the app is ready."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Reach, declare, register_secret, scoped, tie_customers
from saleor_o2o.kernel.errors import Text


def install() -> None:
    """Declare the resource and register the rule of every model."""
    from . import models

    declare(
        "channel", _("渠道"),
        {
            "view": _("查看"), "create": _("新建"), "edit": _("修改与启停"), "visit": _("走访与培训登记"),
            "approve": _("审批开店"), "export": _("导出"), "transfer": _("客户移交"),
            "contact": _("查看店主电话"), "unmask": _("导出完整手机号和证件号"),
            "rule": _("选品池、模板、课程与绑定规则"),
        },
    )  # fmt: skip
    owner = "liaison__user_id"
    scoped(models.Channel, "channel", unit="unit", owner=owner)
    for hanging in (
        models.Application, models.Photo, models.Visit, models.Exam, models.Shop, models.Target, models.ChannelDay,
        models.CustomerBinding,
    ):  # fmt: skip
        scoped(hanging, "channel", unit="channel__unit", owner=f"channel__{owner}")
    scoped(models.ShopGoods, "channel", unit="shop__channel__unit", owner=f"shop__channel__{owner}")
    for kept in (models.Device, models.MaterialStock, models.MaterialMovement):
        scoped(kept, "channel", unit="unit", owner=f"channel__{owner}")
    scoped(models.NumberRange, "channel", unit="stock__unit", owner=f"stock__channel__{owner}")
    for rule in (
        models.PoolGoods, models.ShopTemplate, models.Course, models.BindingRule, models.Material,
    ):  # fmt: skip
        scoped(rule, "channel", city_wide=True)
    tie_customers("bound", _bound)
    register_secret(models.Channel, "channel.contact", _owner)


def _owner(channel: Any) -> list[tuple[Text, str]]:
    """What the liaison needs to arrange a visit; the identity number is not part of it."""
    return [(_("店主"), channel.owner_name or "—"), (_("手机号"), channel.owner_mobile or "—")]


def _bound(reach: Reach) -> Q:
    """Customers who belong to a channel in reach, with an order or without one."""
    from .models import CustomerBinding

    condition = reach.on_units("channel__unit")
    if reach.own is not None:
        condition |= Q(channel__liaison__user_id=reach.own)
    if not condition:
        return Q(pk__in=())
    bound = CustomerBinding.objects.filter(condition, customer_id=OuterRef("pk"), ended_at__isnull=True)
    return Q(Exists(bound))
