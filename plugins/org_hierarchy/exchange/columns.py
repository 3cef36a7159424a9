"""The columns of a file of units: what they are called, what they show, what they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.export import Cell
from saleor_o2o.backoffice.imports import SheetColumn

from ..levels import BusinessScope, Datum, Level, UnitStatus
from ..models import OrgUnit
from ..services.hours import show_hours


def _unsaid(_unit: OrgUnit) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Column(SheetColumn):
    """A column that shows something of a unit; `key` names the field of the services."""

    show: Callable[[OrgUnit], Any] = _unsaid


def scope_words(unit: OrgUnit) -> str:
    """零售、票务."""
    return "、".join(str(BusinessScope(one).label) for one in unit.business_scope)


COLUMNS = (
    Column(
        "code", _("机构代码"), _("必填；已有的代码表示修改，没有的表示新建"), True, show=lambda unit: unit.code
    ),
    Column("name", _("机构名称"), _("新建时必填"), True, show=lambda unit: unit.name),
    Column("short_name", _("简称"), show=lambda unit: unit.short_name),
    Column(
        "level", _("级别"), _("留空则为上级的下一级；不能修改"),
        choices=[str(level.label) for level in Level][1:], show=lambda unit: unit.get_level_display(),
    ),
    Column(
        "parent", _("上级机构代码"), _("新建时必填，可以是本文件里的机构；不能用导入变更隶属"),
        show=lambda unit: unit.parent.code if unit.parent else "",
    ),
    Column(
        "status", _("状态"), _("新建：筹建（默认）或启用；不能修改"), choices=("筹建", "启用"),
        show=lambda unit: unit.get_status_display(),
    ),
    Column("region_code", _("行政区划代码"), _("6、9 或 12 位数字"), show=lambda unit: unit.region_code),
    Column(
        "manager", _("负责人工号"), _("在职员工的工号"),
        show=lambda unit: unit.manager.employee_no if unit.manager else "",
    ),
    Column("duty_phone", _("值班电话"), show=lambda unit: unit.duty_phone),
    Column("address", _("地址"), show=lambda unit: unit.address),
    Column("postcode", _("邮编"), _("6 位数字"), show=lambda unit: unit.postcode),
    Column("lng", _("经度"), _("度，如 106.577；与纬度一起填"), show=lambda unit: unit.lng),
    Column("lat", _("纬度"), _("度，如 29.557"), show=lambda unit: unit.lat),
    Column(
        "datum", _("坐标系"), _("gcj02（高德、腾讯，默认）、wgs84（GPS）或 bd09（百度）"),
        show=lambda unit: "" if unit.lng is None else Datum.GCJ02.value,
    ),
    Column("delivery_radius", _("投递半径（米）"), show=lambda unit: unit.delivery_radius),
    Column(
        "business_hours", _("营业时间"),
        _("如：周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息"),
        show=lambda unit: show_hours(unit.business_hours),
    ),
    Column(
        "business_scope", _("业务范围"), _("零售、票务、代收代缴、旅游、农产品、便民、揽投，用顿号隔开"),
        show=scope_words,
    ),
    Column("cost_centre", _("成本中心"), show=lambda unit: unit.cost_centre),
    Column("commission_template", _("佣金方案"), show=lambda unit: unit.commission_template),
    Column(
        "effective_from", _("生效日期"), _("如 2026-07-01；留空为今天"), show=lambda unit: unit.effective_from
    ),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
#: What the list of units exports: a file that can be imported again.
EXPORT_COLUMNS = tuple(Cell(column.title, column.show) for column in COLUMNS)


def level_named(text: str) -> int | None:
    """The level of a word or number; None for no level."""
    names = {str(level.label): level.value for level in Level} | {
        str(level.value): level.value for level in Level
    }
    names |= {"支局": Level.BRANCH.value, "便民服务站": Level.OUTLET.value, "区县": 3, "片区": 2}
    return names.get(text)


def status_named(text: str) -> str | None:
    """The status of a word; None for no status."""
    return next((one.value for one in UnitStatus if text in (str(one.label), one.value)), None)


def datum_named(text: str) -> str:
    """The datum of a word, `GCJ-02` and its Chinese name included; the text itself for none."""
    plain = text.lower().replace("-", "").replace(" ", "")
    return next((one.value for one in Datum if plain == one.value or text == str(one.label)), text)


def scope_named(text: str) -> list[str]:
    """The business lines of a list of words; a word that is none stays as it is."""
    names = {str(one.label): one.value for one in BusinessScope}
    words = text.replace("，", "、").replace(",", "、").replace(" ", "、").replace("；", "、").split("、")
    return [names.get(word, word) for word in words if word]
