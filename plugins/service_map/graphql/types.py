"""Types of the map's API."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.org_hierarchy.interfaces import BusinessScope, Datum
from saleor_o2o.graphql.refusals import PacedRefusal
from saleor_o2o.kernel.errors import DomainError

from ..distances import in_words
from ..hours import OpenState
from ..kinds import PlaceKind
from ..models import Community, PinCorrection, Place
from ..nearest import Found, NearPlace, navigation_link
from ..serving import Basis, Serving

MapDatum = graphene.Enum("MapDatum", [(item.name, item.value) for item in Datum])
MapBusiness = graphene.Enum("MapBusiness", [(item.name, item.value) for item in BusinessScope])
MapPlaceKind = graphene.Enum("MapPlaceKind", [(item.name, item.value) for item in PlaceKind])
MapOpenState = graphene.Enum("MapOpenState", [(item.name, item.value) for item in OpenState])
MapServingBasis = graphene.Enum("MapServingBasis", [(item.name, item.value) for item in Basis])


class MapErrorType(PacedRefusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "MapError"


def error_of(error: DomainError) -> MapErrorType:
    """A kernel error in the API's form."""
    return MapErrorType(
        field=error.field, message=error.message, hint=error.hint, code=str(error.code.value),
        retry_after=getattr(error, "retry_after", None) or None,
    )  # fmt: skip


class MapPlaceType(graphene.ObjectType):
    """A place on the map."""

    id = graphene.ID(required=True)
    kind = graphene.Field(MapPlaceKind, required=True, description="类别")
    name = graphene.String(required=True, description="名称")
    address = graphene.String(required=True, description="地址")
    phone = graphene.String(required=True, description="电话")
    lng = graphene.Float(required=True, description="经度（度，GCJ-02）")
    lat = graphene.Float(required=True, description="纬度（度，GCJ-02）")
    scopes = graphene.List(graphene.NonNull(MapBusiness), required=True, description="业务范围")
    unit_code = graphene.String(required=True, description="管理机构代码")
    navigation_url = graphene.String(required=True, description="导航链接（高德）")

    class Meta:
        name = "MapPlace"

    @staticmethod
    def resolve_scopes(root: Place | NearPlace, _info: Any) -> list[str]:
        return root.business_scope

    @staticmethod
    def resolve_unit_code(root: Place | NearPlace, _info: Any) -> str:
        return root.unit_code if isinstance(root, NearPlace) else root.unit.code

    @staticmethod
    def resolve_navigation_url(root: Place | NearPlace, _info: Any) -> str:
        return navigation_link(root.lng, root.lat, root.name)


class NearPlaceType(graphene.ObjectType):
    """A place near the visitor."""

    place = graphene.Field(MapPlaceType, required=True)
    distance = graphene.Int(required=True, description="直线距离（米）")
    distance_text = graphene.String(required=True, description="距离，如 1.2 公里")
    open_state = graphene.Field(MapOpenState, required=True, description="现在是否营业")
    open_text = graphene.String(required=True, description="如：营业中，17:30 关门")
    changes_at = graphene.DateTime(description="营业中为关门时间，休息时为开门时间")

    class Meta:
        name = "NearPlace"

    @staticmethod
    def resolve_distance(root: Found, _info: Any) -> int:
        return round(root.metres)

    @staticmethod
    def resolve_distance_text(root: Found, _info: Any) -> str:
        return in_words(root.metres)

    @staticmethod
    def resolve_open_state(root: Found, _info: Any) -> str:
        return root.opening.state.value

    @staticmethod
    def resolve_open_text(root: Found, _info: Any) -> str:
        return root.opening.text

    @staticmethod
    def resolve_changes_at(root: Found, _info: Any) -> Any:
        return root.opening.changes_at


class NearPlacesType(graphene.ObjectType):
    """The answer to "what is near": places, nearest first, or errors."""

    places = graphene.List(graphene.NonNull(NearPlaceType), required=True)
    errors = graphene.List(graphene.NonNull(MapErrorType), required=True)

    class Meta:
        name = "NearPlaces"


class ServingBranchType(graphene.ObjectType):
    """The answer to "who serves me": the unit and why, or errors."""

    code = graphene.String(description="机构代码")
    name = graphene.String(description="机构名称")
    phone = graphene.String(description="电话")
    address = graphene.String(description="地址")
    basis = graphene.Field(MapServingBasis, description="依据")
    text = graphene.String(description="说明，如：在解放碑支局服务范围内")
    distance = graphene.Int(description="直线距离（米）")
    note = graphene.String(description="需要留意的事，如地图服务暂时不可用")
    errors = graphene.List(graphene.NonNull(MapErrorType), required=True)

    class Meta:
        name = "ServingBranch"


def serving_answer(found: Serving, note: str = "") -> ServingBranchType:
    """A serving unit in the API's form."""
    return ServingBranchType(
        code=found.unit.code, name=found.unit.name, phone=found.unit.duty_phone, address=found.unit.address,
        basis=found.basis.value, text=found.text, note=note or None, errors=[],
        distance=None if found.metres is None else round(found.metres),
    )  # fmt: skip


class CommunityType(graphene.ObjectType):
    """A community (小区) and who serves it."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="名称")
    aliases = graphene.List(graphene.NonNull(graphene.String), required=True, description="别名")
    address = graphene.String(required=True, description="地址")
    lng = graphene.Float(required=True, description="经度（度，GCJ-02）")
    lat = graphene.Float(required=True, description="纬度（度，GCJ-02）")
    unit_code = graphene.String(required=True, description="服务机构代码")
    unit_name = graphene.String(required=True, description="服务机构")

    class Meta:
        name = "Community"

    @staticmethod
    def resolve_unit_code(root: Community, _info: Any) -> str:
        return root.unit.code

    @staticmethod
    def resolve_unit_name(root: Community, _info: Any) -> str:
        return root.unit.name


class PinCorrectionType(graphene.ObjectType):
    """A pin that somebody moved."""

    id = graphene.ID(required=True)
    name = graphene.String(required=True, description="地点或小区")
    from_lng = graphene.Float(required=True)
    from_lat = graphene.Float(required=True)
    to_lng = graphene.Float(required=True)
    to_lat = graphene.Float(required=True)
    metres = graphene.Float(required=True, description="移动了多少米")
    reason = graphene.String(required=True, description="原因")
    actor = graphene.String(required=True, description="操作者")
    made_at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "PinCorrection"

    @staticmethod
    def resolve_name(root: PinCorrection, _info: Any) -> str:
        return str(root.place or root.community)
