"""``admissionDraws``, ``myAdmissionDraws``: tickets given by lot, and what one's own lot is."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.services.reach import typed
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.kernel.clock import now

from ..choices import DrawState, EntryState
from ..models import Draw, DrawEntry
from ..selectors import products_shown
from ..services.lots import sells_freely

AdmissionDrawStateEnum = enum_of("AdmissionDrawState", DrawState)
AdmissionDrawEntryStateEnum = enum_of("AdmissionDrawEntryState", EntryState)
#: Draws of a product, and of somebody, that are answered at most.
MOST = 50


class AdmissionDrawEntryType(graphene.ObjectType):
    """What somebody registered, and what the lot gave."""

    quantity = graphene.Int(required=True, description="登记的张数")
    state = graphene.Field(AdmissionDrawEntryStateEnum, required=True, description="结果")
    title = graphene.String(required=True, description="结果名称")
    place = graphene.Int(description="签位；抽签前为空")
    number = graphene.ID(required=True, description="登记号；与种子一起核对签位")

    class Meta:
        name = "AdmissionDrawEntry"

    @staticmethod
    def resolve_title(row: DrawEntry, _info: Any) -> str:
        return str(row.get_state_display())

    @staticmethod
    def resolve_number(row: DrawEntry, _info: Any) -> int:
        return row.pk


class AdmissionDrawType(graphene.ObjectType):
    """Tickets of a class for a session that are given by lot."""

    product = graphene.String(required=True, description="产品")
    product_code = graphene.String(required=True, description="产品代码")
    session_id = graphene.ID(required=True, description="场次")
    session_name = graphene.String(required=True, description="场次名；可为空文字")
    starts_at = graphene.DateTime(required=True, description="场次开始")
    class_code = graphene.String(required=True, description="票类代码")
    class_name = graphene.String(required=True, description="票名")
    units = graphene.Int(required=True, description="名额（张）")
    most_each = graphene.Int(required=True, description="每人最多（张）")
    opens_at = graphene.DateTime(required=True, description="登记开始")
    closes_at = graphene.DateTime(required=True, description="登记截止")
    pay_hours = graphene.Int(required=True, description="中签后几小时内下单")
    state = graphene.Field(AdmissionDrawStateEnum, required=True, description="状态")
    title = graphene.String(required=True, description="状态名称")
    drawn_at = graphene.DateTime(description="抽签时间；抽签前为空")
    open = graphene.Boolean(required=True, description="现在可以登记")
    sells_freely = graphene.Boolean(required=True, description="中签者的时限已过，余票可以直接购买")
    seed_digest = graphene.String(required=True, description="种子的摘要（SHA-256），登记时就公布")
    seed = graphene.String(description="种子；抽签后公布，任何人可以核对")
    mine = graphene.Field(AdmissionDrawEntryType, description="我的登记；没有登记或没有登录则为空")

    class Meta:
        name = "AdmissionDraw"

    @staticmethod
    def resolve_product(row: Draw, _info: Any) -> str:
        return row.ticket_class.product.name

    @staticmethod
    def resolve_product_code(row: Draw, _info: Any) -> str:
        return row.ticket_class.product.code

    @staticmethod
    def resolve_session_name(row: Draw, _info: Any) -> str:
        return row.session.name

    @staticmethod
    def resolve_starts_at(row: Draw, _info: Any) -> Any:
        return row.session.starts_at

    @staticmethod
    def resolve_class_code(row: Draw, _info: Any) -> str:
        return row.ticket_class.code

    @staticmethod
    def resolve_class_name(row: Draw, _info: Any) -> str:
        return row.ticket_class.name

    @staticmethod
    def resolve_title(row: Draw, _info: Any) -> str:
        if row.state == DrawState.OPEN and now() < row.opens_at:
            return str(_("尚未开始登记"))
        if row.state == DrawState.OPEN and now() >= row.closes_at:
            return str(_("登记已截止，等待抽签"))
        return str(row.get_state_display())

    @staticmethod
    def resolve_open(row: Draw, _info: Any) -> bool:
        return row.state == DrawState.OPEN and row.opens_at <= now() < row.closes_at

    @staticmethod
    def resolve_sells_freely(row: Draw, _info: Any) -> bool:
        return sells_freely(row, now())

    @staticmethod
    def resolve_seed(row: Draw, _info: Any) -> str | None:
        return row.seed if row.state == DrawState.DRAWN else None

    @staticmethod
    def resolve_mine(row: Any, _info: Any) -> DrawEntry | None:
        return row.of_asker[0] if row.of_asker else None


def _with_mine(rows: QuerySet[Draw], user: Any) -> QuerySet[Draw]:
    """With what is shown of each draw and the asker's own entry; two statements."""
    own = DrawEntry.objects.filter(user=user) if user.is_authenticated else DrawEntry.objects.none()
    return rows.select_related("ticket_class__product", "session").prefetch_related(
        Prefetch("entries", queryset=own, to_attr="of_asker")
    )


class DrawQueries(graphene.ObjectType):
    """Sales by lot."""

    admission_draws = graphene.List(
        graphene.NonNull(AdmissionDrawType), required=True,
        product=graphene.Argument(graphene.String, required=True, description="产品代码"),
        description="一种产品还没结束的场次里抽签发售的票；没有则为空列表",
    )  # fmt: skip
    my_admission_draws = graphene.List(
        graphene.NonNull(AdmissionDrawType), required=True,
        description="我登记过的抽签，新的在前；没有登录则为空列表",
    )  # fmt: skip

    @staticmethod
    def resolve_admission_draws(_root: Any, info: Any, product: str) -> list[Draw]:
        found = products_shown().filter(code=typed(product, 40)).first()
        if found is None:
            return []
        rows = Draw.objects.filter(session__product=found, session__ends_at__gt=now())
        shown = rows.exclude(state=DrawState.CANCELLED).exclude(session__state__in=("draft", "cancelled"))
        return list(
            _with_mine(shown, info.context.user).order_by("session__starts_at", "ticket_class__rank", "pk")[
                :MOST
            ]
        )

    @staticmethod
    def resolve_my_admission_draws(_root: Any, info: Any) -> list[Draw]:
        user = info.context.user
        if not user.is_authenticated:
            return []
        rows = Draw.objects.filter(entries__user=user)
        return list(_with_mine(rows, user).order_by("-entries__pk")[:MOST])
