"""``pinCorrect``: a pin stands wrong, and somebody who knows the place moves it."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.org_hierarchy.interfaces import Datum
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import get_row

from ...models import Place
from ...services.pins import correct_pin
from ..types import MapDatum, MapErrorType, PinCorrectionType, error_of


class PinCorrect(graphene.Mutation):
    """Move the pin of a place in reach; an outlet's moves its unit with a new version."""

    correction = graphene.Field(PinCorrectionType, description="纠正记录")
    errors = graphene.List(graphene.NonNull(MapErrorType), required=True, description="错误；成功时为空")

    class Arguments:
        place = graphene.ID(required=True, description="地点")
        lng = graphene.Float(required=True, description="新经度（度）")
        lat = graphene.Float(required=True, description="新纬度（度）")
        datum = graphene.Argument(MapDatum, description="坐标系；默认 GCJ-02")
        reason = graphene.String(required=True, description="原因")

    class Meta:
        description = "员工：纠正地点的位置。"

    @classmethod
    def mutate(
        cls, _root: Any, info: Any, place: str, lng: float, lat: float, reason: str, datum: str = ""
    ) -> PinCorrect:
        """Errors come back in ``errors``; then nothing has changed."""
        user = info.context.user
        try:
            row = get_row(user, Place.objects.select_related("unit"), pk=place)
            made = correct_pin(row, lng, lat, datum=datum or Datum.GCJ02, reason=reason, by=user)
        except DomainError as error:
            return cls(errors=[error_of(error)])
        return cls(correction=made, errors=[])
