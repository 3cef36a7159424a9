"""Queries of the map: public ones for shoppers, scoped ones for the staff."""

from __future__ import annotations

from typing import Any

import graphene
from django.conf import settings
from django.utils.translation import gettext as _

from plugins.org_hierarchy.interfaces import Datum, check_position
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.pace import asker_of, retry_after
from saleor_o2o.kernel.scope import rows_for

from ..errors import MapError, MapErrorCode
from ..finding import serving_of_address
from ..kinds import PlaceKind
from ..models import Community, PinCorrection, Place
from ..nearest import DEFAULT_RADIUS, nearest
from ..ports import TooOften
from ..services.communities import MOST, search
from ..serving import serve_at
from .types import (
    CommunityType,
    MapBusiness,
    MapDatum,
    MapPlaceKind,
    MapPlaceType,
    NearPlacesType,
    PinCorrectionType,
    ServingBranchType,
    error_of,
    serving_answer,
)

#: Rows that the staff's lists give at most.
LISTED = 100


class ServingAddressInput(graphene.InputObjectType):
    """An address as written."""

    district = graphene.String(required=True, description="区县，如：渝中区")
    street = graphene.String(description="街道、小区、门牌号")


class MapQueries(graphene.ObjectType):
    """What is near, who serves me, and what the map knows."""

    nearest_outlets = graphene.Field(
        NearPlacesType,
        required=True,
        lng=graphene.Argument(graphene.Float, required=True, description="经度（度）"),
        lat=graphene.Argument(graphene.Float, required=True, description="纬度（度）"),
        datum=graphene.Argument(MapDatum, description="坐标系；默认 GCJ-02"),
        scope=graphene.Argument(MapBusiness, description="只要能办这项业务的"),
        open_now=graphene.Argument(graphene.Boolean, description="只要正在营业的"),
        first=graphene.Argument(graphene.Int, description="个数，1–50，默认 10"),
        radius=graphene.Argument(graphene.Int, description="半径（米），默认 50000"),
        description="最近的网点。无需登录；不记录位置。",
    )
    nearest_places = graphene.Field(
        NearPlacesType,
        required=True,
        lng=graphene.Argument(graphene.Float, required=True),
        lat=graphene.Argument(graphene.Float, required=True),
        datum=graphene.Argument(MapDatum),
        kinds=graphene.Argument(graphene.List(graphene.NonNull(MapPlaceKind)), required=True),
        first=graphene.Argument(graphene.Int),
        description="最近的地点：车站、景区、智能柜等。",
    )
    serving_branch = graphene.Field(
        ServingBranchType,
        required=True,
        lng=graphene.Argument(graphene.Float),
        lat=graphene.Argument(graphene.Float),
        datum=graphene.Argument(MapDatum),
        address=graphene.Argument(ServingAddressInput, description="不知道位置时，给出地址"),
        description="哪个支局为这个位置或地址服务，以及为什么。",
    )
    communities = graphene.List(
        graphene.NonNull(CommunityType),
        required=True,
        search=graphene.Argument(graphene.String, required=True, description="名称、别名、拼音或首字母"),
        first=graphene.Argument(graphene.Int, description="个数，最多 20"),
        description="按名称查小区。",
    )
    map_places = graphene.List(
        graphene.NonNull(MapPlaceType),
        required=True,
        kind=graphene.Argument(MapPlaceKind),
        search=graphene.Argument(graphene.String),
        first=graphene.Argument(graphene.Int),
        description="员工：管辖范围内的地点。",
    )
    pin_corrections = graphene.List(
        graphene.NonNull(PinCorrectionType),
        required=True,
        place=graphene.Argument(graphene.ID),
        first=graphene.Argument(graphene.Int),
        description="员工：管辖范围内的位置纠正记录，新的在前。",
    )

    @staticmethod
    def resolve_nearest_outlets(
        _root: Any, info: Any, lng: float, lat: float, datum: str = "", scope: str = "", open_now: bool = False,
        first: int = 10, radius: int = DEFAULT_RADIUS,
    ) -> NearPlacesType:  # fmt: skip
        """Outlets near a position in any datum; what is wrong with the position is told, not raised."""
        try:
            _within_pace(info)
            place = check_position(lng, lat, datum or Datum.GCJ02)
            found = nearest(*place, scope=scope or "", open_now=bool(open_now), first=first, radius=radius)
        except DomainError as error:
            return NearPlacesType(places=[], errors=[error_of(error)])
        return NearPlacesType(places=found, errors=[])

    @staticmethod
    def resolve_nearest_places(
        _root: Any, info: Any, lng: float, lat: float, kinds: list[str], datum: str = "", first: int = 10
    ) -> NearPlacesType:
        """Places of some kinds near a position."""
        try:
            _within_pace(info)
            place = check_position(lng, lat, datum or Datum.GCJ02)
            found = nearest(*place, kinds=[PlaceKind(kind) for kind in dict.fromkeys(kinds)], first=first)
        except DomainError as error:
            return NearPlacesType(places=[], errors=[error_of(error)])
        return NearPlacesType(places=found, errors=[])

    @staticmethod
    def resolve_serving_branch(
        _root: Any, info: Any, lng: float | None = None, lat: float | None = None, datum: str = "",
        address: Any = None,
    ) -> ServingBranchType:  # fmt: skip
        """By position where one is given, else by address."""
        try:
            _within_pace(info)
            if lng is None and lat is None and address is not None:
                asker = asker_of(info.context)
                answer = serving_of_address(address.district, address.get("street") or "", asker)
                return serving_answer(answer.serving, answer.note)
            found = serve_at(*check_position(lng, lat, datum or Datum.GCJ02))
            if found is None:
                raise _nobody()
        except DomainError as error:
            return ServingBranchType(errors=[error_of(error)])
        return serving_answer(found)

    @staticmethod
    def resolve_communities(_root: Any, info: Any, search: str, first: int = MOST) -> list[Community]:
        """Public: names of communities are no secret."""
        _within_pace(info)
        return list(_search(search)[: _some(first, MOST)])

    @staticmethod
    def resolve_map_places(
        _root: Any, info: Any, kind: str = "", search: str = "", first: int = 20
    ) -> list[Place]:
        """Rows in reach only; nothing without the permission."""
        rows = rows_for(info.context.user, Place).select_related("unit").order_by("name", "pk")
        if kind:
            rows = rows.filter(kind=kind)
        if search:
            rows = rows.filter(name__contains=search.strip()[:100])
        return list(rows[: _some(first, LISTED)])

    @staticmethod
    def resolve_pin_corrections(
        _root: Any, info: Any, place: str = "", first: int = 20
    ) -> list[PinCorrection]:
        """Rows in reach only; nothing without the permission."""
        rows = rows_for(info.context.user, PinCorrection).select_related("place", "community")
        if place:
            rows = rows.filter(place_id=place) if place.isdecimal() and len(place) < 18 else rows.none()
        return list(rows[: _some(first, LISTED)])


def _within_pace(info: Any) -> None:
    """Raise TooOften, which says when to ask again, for an account or address that asks without end."""
    wait = retry_after("map", asker_of(info.context), settings.O2O_MAP_PACE["ASKED"])
    if wait:
        raise TooOften(wait)


def _search(text: str) -> Any:
    return search(Community.objects.all(), text)


def _some(first: int | None, most: int) -> int:
    return max(0, min(first if first is not None else most, most))


def _nobody() -> MapError:
    return MapError(
        MapErrorCode.NOT_SERVED,
        _("附近没有支局服务这个位置"),
        field="lng",
        hint=_("可以改为输入地址，由区县中心受理"),
    )
