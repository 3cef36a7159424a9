"""Terms of templates: whole before they are published, moves with their audit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import move

from ..choices import Kind
from ..error_codes import CouponErrorCode as Code
from ..errors import CouponError
from ..models import SCOPE_FIELDS, CouponTemplate

MOVED = audit.action("coupons.template_moved", _("优惠券模板发放、暂停或停止"))
CHANGED = audit.action("coupons.template_changed", _("修改优惠券模板"))


def problems_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """What is wrong with terms (by field, in words); `given` are a form's values, with lists for the scope."""
    found: dict[str, Any] = {}
    kind = given.get("kind")
    if kind == Kind.AMOUNT and not (given.get("amount") or 0) > 0:
        found["amount"] = _("满减券要填减免金额")
    if (
        kind == Kind.AMOUNT
        and (given.get("threshold") or 0)
        and (given.get("amount") or 0) > given["threshold"]
    ):
        found["amount"] = _("减免金额不能超过使用门槛")
    rate = given.get("rate")
    if kind == Kind.PERCENT and (rate is None or not 0 < rate < 1):
        found["rate"] = _("折扣要在 0 和 1 之间，8.8 折填 0.88")
    if kind == Kind.EXCHANGE and not given.get("pieces"):
        found["pieces"] = _("兑换券要填兑换件数")
    if kind == Kind.EXCHANGE and given.get("scope") == "all":
        found["scope"] = _("兑换券要指定兑换哪些商品")
    if given.get("most_off") is not None and given["most_off"] <= 0:
        found["most_off"] = _("填大于 0 的金额，不限则留空")
    named = SCOPE_FIELDS.get(given.get("scope") or "")
    if named and not given.get(named):
        found[named] = _("请选择适用范围")
    start, until, days = (given.get(name) for name in ("valid_from", "valid_until", "valid_days"))
    if bool(days) == (until is not None):
        found["valid_until"] = _("可用时间止和领取后几天有效，填一个")
    elif until is not None and (until <= now() or (start is not None and start >= until)):
        found["valid_until"] = _("可用时间止要晚于现在，也晚于可用时间起")
    shares = [given.get(name) or 0 for name in ("platform_share", "unit_share", "merchant_share")]
    if sum(shares) != 100:
        found["platform_share"] = _("三方承担合计要等于 100%")
    if given.get("quantity") is not None and given["quantity"] < (given.get("given") or 0):
        found["quantity"] = _("发放总量不能少于已经发出的张数")
    return found


def terms_given(template: CouponTemplate) -> dict[str, Any]:
    """A saved template's terms as `problems_of` looks at them."""
    names = [field.name for field in CouponTemplate._meta.concrete_fields]
    return {
        **{name: getattr(template, name) for name in names},
        **{name: list(getattr(template, name).all()) for name in ("categories", "products", "sellers")},
    }


def move_template(template: CouponTemplate, how: str) -> None:
    """Publish, pause or end (`how`: the transition's name). Locks: its row.

    Raises CouponError TERMS_INVALID for terms that are not whole, IllegalMove.
    """
    if how == "publish":
        problems = problems_of(terms_given(template))
        if problems:
            raise CouponError(Code.TERMS_INVALID, detail=str(next(iter(problems.values()))))
    before = template.state
    with transaction.atomic():
        move(template, how)
        audit.record(MOVED, template, before={"state": before}, after={"state": template.state})
