"""Queries of after-sale: a shopper's own; for the staff what is in scope."""

from __future__ import annotations

from typing import Any

import graphene
from django.apps import apps
from django.db.models import Prefetch, Q

from saleor_o2o.kernel.scope import rows_for
from saleor_o2o.ordering.interfaces import find_orders

from ..acts import rights_over
from ..models import AfterSale, Complaint, Picture
from ..permissions import APPLY
from ..selectors import PartOffer, offers_of
from .types import (
    AfterSaleOfferType,
    AfterSaleOrderType,
    AfterSaleState,
    AfterSaleType,
    ComplaintStateEnum,
    ComplaintType,
)

MOST = 50
_FIRST = graphene.Int(description="最多几条，1 到 50，默认 20", default_value=20)
_SKIP = graphene.Int(description="跳过几条", default_value=0)


def own_part(user: Any, number: str) -> Any:
    """The shopper's own sub-order with a number; None for any other."""
    if not user.is_authenticated:
        return None
    parts = apps.get_model("o2o_ordering", "SubOrder").objects
    return parts.filter(number=(number or "")[:36], order__user_id=user.pk).first()


def served_part(user: Any, number: str) -> Any:
    """The shopper's own sub-order with a number, or one of a customer whom the staff serves; None for any other."""
    own = own_part(user, number)
    if own is not None or not user.is_authenticated:
        return own
    parts = apps.get_model("o2o_ordering", "SubOrder")
    return rows_for(user, parts, APPLY).filter(number=(number or "")[:36]).first()


class AfterSaleQueries(graphene.ObjectType):
    """For shoppers: what can be asked for, what was; for the staff what was asked in their scope."""

    after_sale_offer = graphene.Field(
        AfterSaleOfferType,
        sub_order_number=graphene.Argument(graphene.String, required=True, description="子订单号"),
        description="我的（员工：所服务顾客的）一个子订单可以申请什么售后；其他则为空。",
    )
    after_sale_offers = graphene.List(
        graphene.NonNull(AfterSaleOfferType),
        required=True,
        order_token=graphene.Argument(graphene.String, required=True, description="订单令牌"),
        description="我的一个订单的各个子订单可以申请什么售后；不是我的则为空列表。",
    )
    my_after_sales = graphene.List(
        graphene.NonNull(AfterSaleType),
        required=True,
        first=_FIRST,
        skip=_SKIP,
        description="我的售后，新的在前。",
    )
    after_sales = graphene.List(
        graphene.NonNull(AfterSaleType),
        required=True,
        number=graphene.Argument(graphene.String, description="售后单号"),
        state=graphene.Argument(AfterSaleState, description="状态"),
        first=_FIRST,
        skip=_SKIP,
        description="员工：数据范围内的售后，新的在前。",
    )
    after_sale_orders = graphene.List(
        graphene.NonNull(AfterSaleOrderType),
        required=True,
        search=graphene.Argument(
            graphene.String, required=True, description="订单号、手机号或后四位、小票取货码、柜台单号"
        ),
        description="员工代客售后：数据范围内的订单，新的在前，最多 10 张。",
    )
    my_after_sale = graphene.Field(
        AfterSaleType,
        number=graphene.Argument(graphene.String, required=True, description="售后单号"),
        description="我的一张售后单；不是我的则为空。",
    )
    my_complaints = graphene.List(
        graphene.NonNull(ComplaintType),
        required=True,
        first=_FIRST,
        skip=_SKIP,
        description="我的投诉，新的在前。",
    )

    complaints = graphene.List(
        graphene.NonNull(ComplaintType),
        required=True,
        number=graphene.Argument(graphene.String, description="投诉单号、售后单号"),
        state=graphene.Argument(ComplaintStateEnum, description="状态"),
        first=_FIRST,
        skip=_SKIP,
        description="员工：数据范围内的投诉，新的在前。",
    )

    @staticmethod
    def resolve_after_sale_offer(_root: Any, info: Any, sub_order_number: str) -> PartOffer | None:
        part = served_part(info.context.user, sub_order_number)
        if part is None:
            return None
        return next(one for one in offers_of(part.order_id) if one.part.pk == part.pk)

    @staticmethod
    def resolve_after_sale_offers(_root: Any, info: Any, order_token: str) -> list[PartOffer]:
        user = info.context.user
        if not user.is_authenticated:
            return []
        orders = apps.get_model("order", "Order").objects
        key = orders.filter(token=order_token[:36], user_id=user.pk).values_list("pk", flat=True).first()
        return offers_of(key) if key is not None else []

    @staticmethod
    def resolve_my_after_sales(_root: Any, info: Any, first: int = 20, skip: int = 0) -> list[AfterSale]:
        """Eight statements, whatever is found; the content of a picture is read where it is asked for."""
        return _page(_sales(info.context.user), first, skip)

    @staticmethod
    def resolve_after_sales(
        _root: Any, info: Any, number: str = "", state: str = "", first: int = 20, skip: int = 0
    ) -> list[AfterSale]:
        """As many statements as one's own."""
        rows = _with_all(rows_for(info.context.user, AfterSale))
        if number:
            rows = rows.filter(number=number[:32])
        return _page(rows.filter(state=state) if state else rows, first, skip)

    @staticmethod
    def resolve_after_sale_orders(_root: Any, info: Any, search: str) -> list[Any]:
        """Two statements, and those of what is asked of each."""
        return find_orders(info.context.user, search, APPLY, most=10)

    @staticmethod
    def resolve_my_after_sale(_root: Any, info: Any, number: str) -> AfterSale | None:
        rows: list[AfterSale] = _page(_sales(info.context.user).filter(number=number[:32]), 1, 0)
        return rows[0] if rows else None

    @staticmethod
    def resolve_my_complaints(_root: Any, info: Any, first: int = 20, skip: int = 0) -> list[Complaint]:
        return _page(
            _complaints(Complaint.objects.filter(customer_id=info.context.user.pk or 0)), first, skip
        )

    @staticmethod
    def resolve_complaints(
        _root: Any, info: Any, number: str = "", state: str = "", first: int = 20, skip: int = 0
    ) -> list[Complaint]:
        """Six statements, whatever is found."""
        rows = _complaints(rows_for(info.context.user, Complaint))
        if number:
            word = number.strip()[:32]
            rows = rows.filter(Q(number__iexact=word) | Q(after_sale__number__iexact=word))
        found: list[Complaint] = _page(rows.filter(state=state) if state else rows, first, skip)
        rights = rights_over(info.context.user, found)
        for one in found:
            one.o2o_rights = rights[one.pk]  # type: ignore[attr-defined]
        return found


def _complaints(rows: Any) -> Any:
    rows = rows.select_related("sub_order", "after_sale")
    return rows.prefetch_related("statements", _pictures("pictures"))


def _sales(user: Any) -> Any:
    return _with_all(AfterSale.objects.filter(customer_id=user.pk or 0))


def _with_all(rows: Any) -> Any:
    return rows.select_related("sub_order").prefetch_related(
        "lines__part_line__order_line",
        "lines__wanted",
        "complaints__statements",
        "complaints__sub_order",
        "complaints__after_sale",
        _pictures("pictures"),
        _pictures("complaints__pictures"),
    )


def _pictures(path: str) -> Prefetch[Any]:
    return Prefetch(path, queryset=Picture.objects.defer("content"))


def _page(rows: Any, first: int, skip: int) -> Any:
    start = max(0, min(skip, 10_000))
    return list(rows.order_by("-pk")[start : start + max(1, min(first, MOST))])
