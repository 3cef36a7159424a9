"""The columns of a file of units: what they are called, what they show, what they take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.export import Cell
from saleor_o2o.kernel.errors import Text

from ..levels import BusinessScope, Datum, Level, UnitStatus
from ..models import OrgUnit
from ..services.hours import show_hours


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names the field of the services; `note` says what the cell takes."""

    key: str
    title: Text
    show: Callable[[OrgUnit], Any]
    note: Text = ""
    required: bool = False


def scope_words(unit: OrgUnit) -> str:
    """零售、票务."""
    return "、".join(str(BusinessScope(one).label) for one in unit.business_scope)


COLUMNS = (
    Column("code", _("机构代码"), lambda unit: unit.code, _("必填；已有的代码表示修改，没有的表示新建"), True),
    Column("name", _("机构名称"), lambda unit: unit.name, _("新建时必填"), True),
    Column("short_name", _("简称"), lambda unit: unit.short_name),
    Column(
        "level", _("级别"), lambda unit: unit.get_level_display(), _("留空则为上级的下一级；不能修改"),
    ),
    Column(
        "parent", _("上级机构代码"), lambda unit: unit.parent.code if unit.parent else "",
        _("新建时必填，可以是本文件里的机构；不能用导入变更隶属"),
    ),
    Column("status", _("状态"), lambda unit: unit.get_status_display(), _("新建：筹建（默认）或启用；不能修改")),
    Column("region_code", _("行政区划代码"), lambda unit: unit.region_code, _("6、9 或 12 位数字")),
    Column(
        "manager", _("负责人工号"), lambda unit: unit.manager.employee_no if unit.manager else "", _("在职员工的工号")
    ),
    Column("duty_phone", _("值班电话"), lambda unit: unit.duty_phone),
    Column("address", _("地址"), lambda unit: unit.address),
    Column("postcode", _("邮编"), lambda unit: unit.postcode, _("6 位数字")),
    Column("lng", _("经度"), lambda unit: unit.lng, _("度，如 106.577；与纬度一起填")),
    Column("lat", _("纬度"), lambda unit: unit.lat, _("度，如 29.557")),
    Column(
        "datum", _("坐标系"), lambda unit: "" if unit.lng is None else Datum.GCJ02.value,
        _("gcj02（高德、腾讯，默认）、wgs84（GPS）或 bd09（百度）"),
    ),
    Column("delivery_radius", _("投递半径（米）"), lambda unit: unit.delivery_radius),
    Column(
        "business_hours", _("营业时间"), lambda unit: show_hours(unit.business_hours),
        _("如：周一至周五 08:30-12:00,14:00-17:30；周六 09:00-12:00；节假日 休息；2026-10-01 休息"),
    ),
    Column(
        "business_scope", _("业务范围"), scope_words,
        _("零售、票务、代收代缴、旅游、农产品、便民、揽投，用顿号隔开"),
    ),
    Column("cost_centre", _("成本中心"), lambda unit: unit.cost_centre),
    Column("commission_template", _("佣金方案"), lambda unit: unit.commission_template),
    Column("effective_from", _("生效日期"), lambda unit: unit.effective_from, _("如 2026-07-01；留空为今天")),
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
