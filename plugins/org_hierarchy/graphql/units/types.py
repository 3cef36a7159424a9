"""Types of the tree's API."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene
from graphene.types.generic import GenericScalar
from saleor.graphql.core.scalars import Decimal

from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ...blockers import BlockedError
from ...levels import BusinessScope, Datum, Level, UnitStatus
from ...models import OrgUnit, PlannedMove, UnitVersion
from ...paths import keys_of
from ...selectors import Figures, order_figures
from ...services.rights import may_at

OrgUnitLevel = graphene.Enum("OrgUnitLevel", [(item.name, item.value) for item in Level])
OrgUnitStatus = graphene.Enum("OrgUnitStatus", [(item.name, item.value) for item in UnitStatus])
OrgBusinessScope = graphene.Enum("OrgBusinessScope", [(item.name, item.value) for item in BusinessScope])
OrgDatum = graphene.Enum("OrgDatum", [(item.name, item.value) for item in Datum])
OrgMoveState = graphene.Enum("OrgMoveState", [(item.name, item.value) for item in PlannedMove.State])

#: Children, versions or planned moves of one unit in an answer.
MOST = 100


class OrgBlockerType(graphene.ObjectType):
    """One thing that keeps a unit from closing."""

    text = graphene.String(required=True, description="说明")
    count = graphene.Int(required=True, description="数量")
    href = graphene.String(required=True, description="处理页面的地址；没有则为空串")

    class Meta:
        name = "OrgBlocker"

    @staticmethod
    def resolve_text(root: Any, _info: Any) -> str:
        """In the language of the request."""
        return str(root.text)


class OrgUnitErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    blockers = graphene.List(
        graphene.NonNull(OrgBlockerType), required=True, description="撤并之前要处理的事项；其他错误为空"
    )

    class Meta:
        name = "OrgUnitError"


class OrgUnitVersionType(graphene.ObjectType):
    """What a unit was for a time."""

    revision = graphene.Int(required=True, description="版本")
    valid_from = graphene.DateTime(required=True, description="自")
    valid_to = graphene.DateTime(description="至；当前版本为空")
    code = graphene.String(required=True, description="机构代码")
    name = graphene.String(required=True, description="机构名称")
    status = graphene.Field(OrgUnitStatus, required=True, description="状态")
    path = graphene.String(required=True, description="路径")
    changed = GenericScalar(required=True, description="变更前后的值")
    reason = graphene.String(required=True, description="变更原因")

    class Meta:
        name = "OrgUnitVersion"


class OrgPlannedMoveType(graphene.ObjectType):
    """A re-parenting, planned or done."""

    id = graphene.ID(required=True, description="编号")
    parent = graphene.Field(lambda: OrgUnitType, description="新上级机构；不在管辖范围内则为空")
    effective_on = graphene.Date(required=True, description="生效日期")
    state = graphene.Field(OrgMoveState, required=True, description="状态")
    reason = graphene.String(required=True, description="变更原因")
    problem = graphene.String(required=True, description="未能生效的原因")

    class Meta:
        name = "OrgPlannedMove"

    @staticmethod
    def resolve_parent(root: PlannedMove, info: Any) -> OrgUnit | None:
        """The unit, if the asker may see it."""
        return rows_for(info.context.user, OrgUnit).filter(pk=root.parent_id or 0).first()


class OrgFiguresType(graphene.ObjectType):
    """Orders of a period, by the path that each was made under."""

    orders = graphene.Int(required=True, description="订单数，不含草稿和已取消")
    total = graphene.Field(Decimal, required=True, description="订单金额（元）")

    class Meta:
        name = "OrgFigures"


class OrgUnitType(graphene.ObjectType):
    """A unit of the organisation."""

    id = graphene.ID(required=True, description="编号")
    code = graphene.String(required=True, description="机构代码")
    name = graphene.String(required=True, description="机构名称")
    short_name = graphene.String(required=True, description="简称")
    level = graphene.Field(OrgUnitLevel, required=True, description="级别")
    status = graphene.Field(OrgUnitStatus, required=True, description="状态")
    path = graphene.String(required=True, description="路径")
    revision = graphene.Int(required=True, description="版本；修改时原样带回")
    region_code = graphene.String(required=True, description="行政区划代码")
    duty_phone = graphene.String(required=True, description="值班电话")
    address = graphene.String(required=True, description="地址")
    postcode = graphene.String(required=True, description="邮编")
    lng = graphene.Float(description="经度（度，GCJ-02）")
    lat = graphene.Float(description="纬度（度，GCJ-02）")
    source_datum = graphene.Field(OrgDatum, required=True, description="原始坐标系")
    service_area = GenericScalar(description="服务范围（GeoJSON，GCJ-02）")
    delivery_radius = graphene.Int(description="投递半径（米）")
    business_hours = GenericScalar(required=True, description="营业时间，星期一为 1")
    business_scope = graphene.List(graphene.NonNull(OrgBusinessScope), required=True, description="业务范围")
    effective_from = graphene.Date(required=True, description="生效日期")
    effective_to = graphene.Date(description="撤并日期")
    parent = graphene.Field(lambda: OrgUnitType, description="上级机构；不在管辖范围内则为空")
    ancestors = graphene.List(
        graphene.NonNull(lambda: OrgUnitType), required=True, description="管辖范围内的各级上级，最高级在前"
    )
    children = graphene.List(
        graphene.NonNull(lambda: OrgUnitType),
        required=True,
        description="下级机构，按代码，最多 100 个；更多请用 orgUnits",
    )
    versions = graphene.List(
        graphene.NonNull(OrgUnitVersionType), required=True, description="版本记录，新的在前，最多 100 个"
    )
    figures = graphene.Field(
        OrgFiguresType,
        first_day=graphene.Argument(graphene.Date, required=True, description="第一天"),
        last_day=graphene.Argument(graphene.Date, required=True, description="最后一天"),
        description="本机构及下级的订单，按下单时的隶属统计；没有查看订单的权限则为空",
    )
    planned_moves = graphene.List(
        graphene.NonNull(OrgPlannedMoveType), required=True, description="隶属变更，新的在前，最多 100 个"
    )

    class Meta:
        name = "OrgUnit"

    @staticmethod
    def resolve_parent(root: OrgUnit, info: Any) -> OrgUnit | None:
        """The unit above, if the asker may see it."""
        return rows_for(info.context.user, OrgUnit).filter(pk=root.parent_id or 0).first()

    @staticmethod
    def resolve_ancestors(root: OrgUnit, info: Any) -> list[OrgUnit]:
        """The units above that the asker may see, in one statement."""
        above = keys_of(root.path)[:-1]
        return list(rows_for(info.context.user, OrgUnit).filter(pk__in=above).order_by("level"))

    @staticmethod
    def resolve_children(root: OrgUnit, info: Any) -> list[OrgUnit]:
        """The units directly below that the asker may see."""
        return list(rows_for(info.context.user, OrgUnit).filter(parent=root).order_by("code")[:MOST])

    @staticmethod
    def resolve_versions(root: OrgUnit, info: Any) -> list[UnitVersion]:
        """The unit's past."""
        return list(rows_for(info.context.user, UnitVersion).filter(unit=root).order_by("-revision")[:MOST])

    @staticmethod
    def resolve_figures(root: OrgUnit, info: Any, first_day: date, last_day: date) -> Figures | None:
        """Two statements; a re-parenting moves no figure of the time before it."""
        if not may_at(info.context.user, "order.view", root):
            return None
        return order_figures(root, first_day, last_day)

    @staticmethod
    def resolve_planned_moves(root: OrgUnit, info: Any) -> list[PlannedMove]:
        """The unit's re-parentings."""
        return list(rows_for(info.context.user, PlannedMove).filter(unit=root).order_by("-pk")[:MOST])


class OrgUnitEdge(graphene.ObjectType):
    """A unit in a page of units."""

    node = graphene.Field(OrgUnitType, required=True, description="机构")
    cursor = graphene.String(required=True, description="位置")


class OrgUnitConnection(graphene.ObjectType):
    """A page of units."""

    edges = graphene.List(graphene.NonNull(OrgUnitEdge), required=True, description="本页")
    page_info = graphene.Field(graphene.relay.PageInfo, required=True, description="前后还有没有")
    total_count = graphene.Int(required=True, description="总数")

    @staticmethod
    def resolve_total_count(root: Any, _info: Any) -> int:
        """Counted only when it is asked for."""
        return int(root.found.count())


class OrgUnitInput(graphene.InputObjectType):
    """What may be said about a unit; what is left out stays as it is."""

    code = graphene.String(description="机构代码；新建时留空则自动编号")
    name = graphene.String(description="机构名称")
    short_name = graphene.String(description="简称")
    region_code = graphene.String(description="行政区划代码")
    manager_no = graphene.String(description="负责人工号；空串表示没有")
    duty_phone = graphene.String(description="值班电话")
    address = graphene.String(description="地址")
    postcode = graphene.String(description="邮编")
    lng = graphene.Float(description="经度（度）")
    lat = graphene.Float(description="纬度（度）")
    datum = graphene.Field(OrgDatum, description="所填坐标的坐标系，默认 GCJ02")
    service_area = GenericScalar(description="服务范围（GeoJSON，GCJ-02）")
    delivery_radius = graphene.Int(description="投递半径（米）")
    business_hours = GenericScalar(description="营业时间：对象，或“周一至周五 08:30-17:30”这样的文字")
    business_scope = graphene.List(graphene.NonNull(OrgBusinessScope), description="业务范围")
    cost_centre = graphene.String(description="成本中心")
    commission_template = graphene.String(description="佣金方案")
    effective_from = graphene.Date(description="生效日期")


def error_of(error: DomainError) -> OrgUnitErrorType:
    """A refusal in the API's form."""
    return OrgUnitErrorType(
        field=_camel(error.field),
        message=error.message,
        hint=error.hint,
        code=str(error.code.value),
        blockers=error.blockers if isinstance(error, BlockedError) else [],
    )


def _camel(name: str | None) -> str | None:
    """The field as the input names it."""
    if not name:
        return None
    words = {"manager": "manager_no"}.get(name, name).split("_")
    return words[0] + "".join(word.title() for word in words[1:])
