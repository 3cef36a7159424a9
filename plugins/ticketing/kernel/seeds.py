"""Rules shaped as those of real tickets, as templates: whoever runs the platform changes them to his contracts.

The figures are those of the platform's requirements for coaches and the railway, and common ones for shows, scenic
spots and airlines; none was checked against a carrier's present table. They are in force since the beginning of the
year without a second person: there was nobody to publish them. A scope that has a rule already is left alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.clock import today

from .choices import (
    INSURANCE,
    AfterChange,
    Anchor,
    Base,
    FeeKind,
    Rounding,
    RuleState,
    ServiceFee,
    Trade,
    Unit,
)
from .engine import Rule
from .models import SCOPE, FeeRule, InsuranceProduct, SupplierAccount
from .passengers import PassengerType
from .tiers_text import parse_charge, parse_span, parse_tiers, parse_windows

if TYPE_CHECKING:
    from saleor_o2o.seeding.context import SeedContext

K, T, A, P, A_C = FeeKind, Trade, Anchor, PassengerType, AfterChange
_FREE = Decimal(0)


@dataclass(frozen=True)
class Template:
    """A rule to begin with: name, trade, kind, tiers as typed, scope, and what else it says."""

    name: str
    trade: str
    kind: str
    tiers: str
    scope: dict[str, str] = field(default_factory=dict)
    says: dict[str, Any] = field(default_factory=dict)

    def rule(self) -> Rule:
        """The rule that it says."""
        return Rule(
            name=self.name, trade=self.trade, kind=self.kind, tiers=parse_tiers(self.tiers.replace("; ", "\n")),
            **self.says,
        )  # fmt: skip


#: Changing first makes nothing cheaper, and gets nobody out of days on which nothing is given back.
_COACH = {"after_change": A_C.HARSHER}
_COACH_CHANGE = {"most_times": 1, "back_down": True}
_SHOW = {"anchor": A.START, "base": Base.PAID}
_AIR = {
    "unit": Unit.COUPON, "rounding": Rounding.YUAN_HALF, "types": {P.INFANT.value: _FREE, P.DISABLED.value: _FREE},
}  # fmt: skip
_RAIL_CHANGED = {
    "rounding": Rounding.HALF, "floor_within": parse_span("8天"), "floor": parse_charge("5% 最低2"),
    "windows": parse_windows("春运 2027-01-23~2027-03-03 乘车 改签过: 20% 最低2"),
}  # fmt: skip

TEMPLATES = (
    Template("公路客票退票（全国）", T.COACH, K.REFUND, "前2小时: 10% 最低0.3; 到点: 20% 最低0.5; 以后: 不办",
        says=_COACH),
    Template(
        "公路客票退票（四川，1 小时为界）", T.COACH, K.REFUND, "前1小时: 10% 最低0.3; 到点: 20% 最低0.5; 以后: 不办",
        {"supplier": "SICHUAN"}, _COACH,
    ),
    Template(
        "公路客票退票（重庆，节假日不退）", T.COACH, K.REFUND, "前2小时: 10% 最低0.3; 到点: 20% 最低0.5; 以后: 不办",
        {"supplier": "CHONGQING"},
        {**_COACH, "rounding": Rounding.JIAO, "windows": parse_windows(
            "春节 2027-02-05~2027-02-12 乘车: 不办\n劳动节 2027-05-01~2027-05-05 乘车: 不办\n"
            "国庆节 2027-10-01~2027-10-07 乘车: 不办"
        )},
    ),
    Template(
        "公路客票退票（方便出行，1 小时内不办）", T.COACH, K.REFUND,
        "前24小时: 5% 最低0.5; 前2小时: 10% 最低0.5; 前1小时: 20% 最低1; 以后: 不办", {"supplier": "COACH-FB"},
        {**_COACH, "rounding": Rounding.HALF},
    ),
    Template("公路客票退票（加班车不退）", T.COACH, K.REFUND, "以后: 不办", {"product": "EXTRA"}),
    Template("公路客票改签", T.COACH, K.CHANGE, "前2小时: 免费; 以后: 不办", says=_COACH_CHANGE),
    Template("公路客票误班", T.COACH, K.NOSHOW, "到点: 免费; 后24小时: 20% 最低0.5; 以后: 不办",
        says={"most_times": 1, "back_down": True}),
    Template(
        "铁路退票", T.RAIL, K.REFUND,
        "前8天: 免费; 前48小时: 5% 最低2; 前24小时: 10% 最低2; 到点: 20% 最低2; 以后: 不办",
        says={**_RAIL_CHANGED, "service": ServiceFee.NEVER},
    ),
    Template(
        "铁路改签", T.RAIL, K.CHANGE,
        "前48小时: 免费; 到点 改到当日: 免费; 前24小时 改到次日: 5% 最低2; "
        "到点 改到次日: 15% 最低2; 以后 改到当日: 免费; 以后 改到次日: 40% 最低2",
        says={"base": Base.LOWER, "rounding": Rounding.HALF, "most_times": 1, "back_down": True},
    ),
    Template(
        "广深港跨境退票", T.RAIL, K.REFUND, "前8天: 5%; 前48小时: 30%; 到点: 50%; 以后: 不办", {"line": "GSG"},
        {"rounding": Rounding.YUAN_DOWN, "after_change": A_C.FORBIDDEN, "service": ServiceFee.NEVER},
    ),
    Template(
        "演出退票（48 小时免费，阶梯）", T.SHOW, K.REFUND, "前48小时: 免费; 前24小时: 20%; 前12小时: 40%; 以后: 不办",
        says={**_SHOW, "account_most": 1},
    ),
    Template(
        "演出退票（开售后 24 小时免费）", T.SHOW, K.REFUND, "后24小时: 免费; 后72小时: 30%; 以后: 不办",
        {"ticket_class": "HOT"}, {**_SHOW, "anchor": A.SALE_OPEN, "account_free": 1},
    ),
    Template(
        "景区门票（不可退）", T.SCENIC, K.REFUND, "以后: 不办", {"ticket_class": "NO-REFUND"}, {"anchor": A.START}
    ),
    Template("景区门票（游玩日前 1 天可退）", T.SCENIC, K.REFUND, "到点: 免费; 以后: 不办", says={"anchor": A.START}),
    Template(
        "景区门票（随时退，过期退）", T.SCENIC, K.REFUND, "以后: 免费", {"ticket_class": "ANYTIME"},
        {"anchor": A.VALID_END},
    ),
    Template(
        "景区门票改期（游玩日前 1 天，一次）", T.SCENIC, K.CHANGE, "到点: 免费; 以后: 不办",
        says={"anchor": A.START, "most_times": 1, "back_down": True},
    ),
    Template(
        "演出换场（48 小时前，一次）", T.SHOW, K.CHANGE, "前48小时: 免费; 以后: 不办",
        says={**_SHOW, "most_times": 1, "back_down": True},
    ),
    Template("机票退票（经济舱全价 Y）", T.AIR, K.REFUND, "前2小时: 5%; 以后: 10%", {"cabin": "Y"}, _AIR),
    Template(
        "机票退票（折扣舱）", T.AIR, K.REFUND, "前2小时: 30%; 以后: 40%",
        says={**_AIR, "unit": Unit.TICKET, "original_fare": True, "after_change": A_C.HARSHER},
    ),
    Template(
        "机票退票（低成本航空）", T.AIR, K.REFUND, "前4小时: 50%; 以后: 100%", {"supplier": "LCC"}, _AIR
    ),
    Template(
        "机票改期", T.AIR, K.CHANGE, "前2小时: 10%; 以后: 20%",
        says={"rounding": Rounding.YUAN_HALF, "free_times": 1, "types": {P.INFANT.value: _FREE}},
    ),
)  # fmt: skip


@transaction.atomic
def seed(context: SeedContext) -> None:
    """Write the templates that are missing; without a city centre there is nobody to keep them."""
    if not OrgUnit.objects.filter(parent__isnull=True).exists():
        context.say("退改规则：还没有机构，跳过")
        return
    context.count("退改规则", write_templates())
    context.count("票务保险", _insurances())


def write_templates(trade: str = "") -> int:
    """Write the templates of a trade (of all) that are missing; how many."""
    return sum(_written(template) for template in TEMPLATES if trade in ("", template.trade))


def _written(template: Template) -> bool:
    scope = {key: template.scope.get(key, "") for key in SCOPE}
    same = FeeRule.objects.filter(trade=template.trade, kind=template.kind, priority=0, **scope)
    if same.exists():
        return False
    FeeRule.objects.create(
        name=template.name, trade=template.trade, kind=template.kind, valid_from=date(today().year, 1, 1),
        says=replace(template.rule(), note="").to_json(), version=1, state=RuleState.PUBLISHED, reason="期初模板",
        **scope,
    )  # fmt: skip
    return True


def _insurances() -> int:
    """An insurer and what it sells beside coaches and shows; figures are examples. None where there is one already."""
    if InsuranceProduct.objects.exists():
        return 0
    insurer, _new = SupplierAccount.objects.get_or_create(
        code="INSURER",
        defaults={"name": "票务保险公司", "trade": INSURANCE, "adapter": "insurer", "priority": 90},
    )
    told = (
        ("coach-accident", "乘意险", T.COACH, "3.00", "2.40", "乘车期间意外身故、伤残 30 万元，医疗 3 万元"),
        ("show-refund", "演出退票险", T.SHOW, "10.00", "8.00", "因病不能到场，赔付不能退的票款的 80%"),
    )
    for code, name, trade, price, share, covers in told:
        InsuranceProduct.objects.create(
            code=code,
            name=name,
            trade=trade,
            insurer=insurer,
            price=Decimal(price),
            share=Decimal(share),
            covers=covers,
        )
    return len(told)
