"""``admissionProducts``, ``admissionProduct``, ``admissionSession``, ``myAdmissionWaitings``."""

from __future__ import annotations

from datetime import date
from typing import Any

import graphene

from plugins.ticketing.kernel.services.reach import typed, typed_key

from ..errors import AdmissionError
from ..models import AdmissionProduct, Waiting
from ..selectors import MOST_PRODUCTS, SessionShown, products_shown, session_shown
from ..services.proofs import puzzle_for
from .draws import DrawQueries
from .enums import AdmissionKindEnum
from .errors import channel_of, key_of
from .holders import HolderQueries
from .product_types import AdmissionProductType
from .session_types import AdmissionSessionType
from .waiting_types import AdmissionProofType, AdmissionWaitingType


class AdmissionQueries(DrawQueries, HolderQueries, graphene.ObjectType):
    """What may be visited, when, for how much, and how much is left."""

    admission_products = graphene.List(
        graphene.NonNull(AdmissionProductType), required=True,
        kinds=graphene.List(graphene.NonNull(AdmissionKindEnum), description="种类；不填为全部"),
        search=graphene.String(description="名称、景区、场馆、区县", default_value=""),
        day=graphene.Date(description="哪一天可去"),
        first=graphene.Int(description=f"最多几种，上限 {MOST_PRODUCTS}", default_value=20),
        skip=graphene.Int(description="跳过几种", default_value=0),
        description="景区门票、演出赛事、展览、年卡",
    )  # fmt: skip
    admission_product = graphene.Field(
        AdmissionProductType,
        code=graphene.Argument(graphene.String, required=True, description="产品代码"),
        description="一种产品；没有或已下架为空",
    )
    admission_session = graphene.Field(
        AdmissionSessionType,
        id=graphene.Argument(graphene.ID, required=True),
        description="一个场次，含实时座位图；没有则为空",
    )
    admission_proof = graphene.Field(
        AdmissionProofType,
        product=graphene.Argument(graphene.String, required=True, description="产品代码"),
        session=graphene.Argument(graphene.ID, description="按场次占票的，填场次；取排队号和没有场次的不填"),
        description="购买前安全验证的题目，十分钟内用一次；不要求验证的产品为空",
    )
    my_admission_waitings = graphene.List(
        graphene.NonNull(AdmissionWaitingType), required=True,
        description="我的缺货登记和中签，新的在前；没有登录则为空"
    )  # fmt: skip

    @staticmethod
    def resolve_admission_products(
        _root: Any, _info: Any, search: str, first: int, skip: int, kinds: list[str] | None = None,
        day: date | None = None,
    ) -> list[AdmissionProduct]:  # fmt: skip
        begin = min(max(skip, 0), 10_000)
        rows = products_shown(kinds or (), typed(search, 100), day)
        return list(rows.order_by("name", "pk")[begin : begin + max(0, min(first, MOST_PRODUCTS))])

    @staticmethod
    def resolve_admission_product(_root: Any, _info: Any, code: str) -> AdmissionProduct | None:
        return products_shown().filter(code=typed(code, 40)).first()

    @staticmethod
    def resolve_admission_session(_root: Any, info: Any, id: str) -> SessionShown | None:
        try:
            return session_shown(key_of(id, "id"), channel_of(info))
        except AdmissionError:
            return None

    @staticmethod
    def resolve_admission_proof(
        _root: Any, _info: Any, product: str, session: str | None = None
    ) -> AdmissionProofType | None:
        row = products_shown().filter(code=typed(product, 40)).first()
        if row is None or not row.proof_needed:
            return None
        return AdmissionProofType(challenge=puzzle_for(row, typed_key(session)))

    @staticmethod
    def resolve_my_admission_waitings(_root: Any, info: Any) -> list[Waiting]:
        user = info.context.user
        if not user.is_authenticated:
            return []
        rows = Waiting.objects.filter(user=user).select_related("ticket_class__product", "session", "slot")
        return list(rows.order_by("-pk")[:50])
