"""Types of dispatch's API."""

from __future__ import annotations

from typing import Any

import graphene

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.graphql.enums import enum_of
from saleor_o2o.graphql.refusals import Refusal
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import OutOfScope

from ..choices import Basis, Reason, Stage, State
from ..models import DispatchEntry, DispatchTask
from ..noting import named
from ..selectors import Hand
from ..showing import Goods, Receiver, actions_of, fetched_from, goods_of, receiver_of

DispatchState = enum_of("DispatchState", State)
DispatchStage = enum_of("DispatchStage", Stage)
DispatchBasis = enum_of("DispatchBasis", Basis)
DispatchReason = enum_of("DispatchReason", Reason)
DispatchAction = graphene.Enum(
    "DispatchAction",
    [(name, name) for name in ("GRAB", "SEND", "PASS", "MOVE", "ASSIGN", "ACCEPT", "REFUSE")],
)
DispatchView = graphene.Enum(
    "DispatchView", [(name.upper(), name) for name in ("to_grab", "mine", "my_turn", "late", "open", "over")]
)


class DispatchErrorType(Refusal, graphene.ObjectType):
    """What went wrong, for people and for programs."""

    class Meta:
        name = "DispatchError"


def errors_of(error: DomainError) -> list[DispatchErrorType]:
    """A refusal in the API's form."""
    return [
        DispatchErrorType(
            field=error.field, message=error.message, hint=error.hint, code=str(error.code.value)
        )
    ]


def errors_field() -> Any:
    """The list every mutation answers with."""
    return graphene.List(graphene.NonNull(DispatchErrorType), required=True, description="错误；成功时为空")


def staff(info: Any) -> Any:
    """The caller, of the staff. Raises OutOfScope: nobody else learns that something exists."""
    user = info.context.user
    if not user.is_authenticated or not user.is_staff:
        raise OutOfScope
    return user


class DispatchUnitType(graphene.ObjectType):
    """A unit as a task names it."""

    code = graphene.String(required=True, description="机构代码")
    name = graphene.String(required=True, description="机构名称")

    class Meta:
        name = "DispatchUnit"

    @staticmethod
    def resolve_name(root: OrgUnit, _info: Any) -> str:
        return str(root.short_name or root.name)


class DispatchGoodsType(graphene.ObjectType):
    """A line of the part."""

    name = graphene.String(required=True, description="商品")
    sku = graphene.String(required=True, description="SKU")
    quantity = graphene.Int(required=True, description="数量（不含已退款未发的）")
    left = graphene.Int(required=True, description="待发数量")

    class Meta:
        name = "DispatchGoods"


class DispatchReceiverType(graphene.ObjectType):
    """Where to and to whom."""

    name = graphene.String(required=True, description="收货人")
    phone = graphene.String(required=True, description="电话")
    address = graphene.String(required=True, description="地址")
    map_url = graphene.String(description="地图导航；没有准确位置或无权查看时为空")
    whole = graphene.Boolean(required=True, description="是否完整；只有承办人在办理期间看到完整信息")

    class Meta:
        name = "DispatchReceiver"

    @staticmethod
    def resolve_map_url(root: Receiver, _info: Any) -> str | None:
        return root.map_url or None


class DispatchEntryType(graphene.ObjectType):
    """Something that happened to a task."""

    deed = graphene.String(required=True, description="事项（中文）")
    text = graphene.String(required=True, description="说明")
    reason = graphene.Field(DispatchReason, description="原因")
    actor = graphene.String(required=True, description="操作者；没有人时为系统")
    at = graphene.DateTime(required=True, description="时间")

    class Meta:
        name = "DispatchEntry"

    @staticmethod
    def resolve_deed(root: DispatchEntry, _info: Any) -> str:
        return str(root.get_deed_display())

    @staticmethod
    def resolve_reason(root: DispatchEntry, _info: Any) -> str | None:
        return root.reason or None


class DispatchTaskType(graphene.ObjectType):
    """A part of an order that somebody has to deliver."""

    number = graphene.String(required=True, description="派单号")
    sub_order_number = graphene.String(required=True, description="子订单号")
    state = graphene.Field(DispatchState, required=True, description="状态")
    state_text = graphene.String(required=True, description="状态（中文）")
    stage = graphene.Field(DispatchStage, required=True, description="轮到哪一级处理")
    stage_text = graphene.String(required=True, description="处理级别（中文）")
    unit = graphene.Field(DispatchUnitType, required=True, description="承办机构")
    offered_to = graphene.Field(DispatchUnitType, description="转派至，等待接受")
    basis = graphene.Field(DispatchBasis, required=True, description="派单依据")
    why = graphene.String(required=True, description="派单说明")
    holder_name = graphene.String(description="承办人")
    mine = graphene.Boolean(required=True, description="是否由我办理")
    due_at = graphene.DateTime(description="当前步骤的时限")
    late = graphene.Boolean(required=True, description="是否已超时")
    placed_at = graphene.DateTime(description="派达时间")
    held_since = graphene.DateTime(description="承办起")
    ended_at = graphene.DateTime(description="结束时间")
    receiver = graphene.Field(DispatchReceiverType, required=True, description="送往")
    fetched_from = graphene.String(required=True, description="取货：销售方、仓库")
    goods = graphene.List(graphene.NonNull(DispatchGoodsType), required=True, description="货物")
    actions = graphene.List(graphene.NonNull(DispatchAction), required=True, description="我现在能做什么")

    class Meta:
        name = "DispatchTask"

    @staticmethod
    def resolve_sub_order_number(root: DispatchTask, _info: Any) -> str:
        return str(root.sub_order.number)

    @staticmethod
    def resolve_state_text(root: DispatchTask, _info: Any) -> str:
        return str(root.get_state_display())

    @staticmethod
    def resolve_stage_text(root: DispatchTask, _info: Any) -> str:
        return str(root.get_stage_display())

    @staticmethod
    def resolve_holder_name(root: DispatchTask, _info: Any) -> str | None:
        return named(root.holder) if root.holder_id is not None else None

    @staticmethod
    def resolve_mine(root: DispatchTask, info: Any) -> bool:
        return root.state == State.TAKEN and root.holder_id == info.context.user.pk

    @staticmethod
    def resolve_late(root: DispatchTask, _info: Any) -> bool:
        return root.is_late

    @staticmethod
    def resolve_receiver(root: DispatchTask, info: Any) -> Receiver:
        return receiver_of(info.context.user, root)

    @staticmethod
    def resolve_fetched_from(root: DispatchTask, _info: Any) -> str:
        return fetched_from(root)

    @staticmethod
    def resolve_goods(root: DispatchTask, _info: Any) -> list[Goods]:
        return goods_of(root)

    @staticmethod
    def resolve_actions(root: DispatchTask, info: Any) -> list[str]:
        return actions_of(info.context.user, root)


class DispatchTaskDetailType(graphene.ObjectType):
    """One task with what happened to it."""

    task = graphene.Field(DispatchTaskType, required=True, description="任务")
    history = graphene.List(
        graphene.NonNull(DispatchEntryType), required=True, description="办理记录，先发生的在前"
    )

    class Meta:
        name = "DispatchTaskDetail"


class DispatchQueueType(graphene.ObjectType):
    """A page of tasks."""

    items = graphene.List(graphene.NonNull(DispatchTaskType), required=True, description="任务")
    end_cursor = graphene.String(description="下一页的 after；没有下一页时为空")

    class Meta:
        name = "DispatchQueue"


class DispatchBoardRowType(graphene.ObjectType):
    """A unit on the board."""

    code = graphene.String(required=True, description="机构代码")
    name = graphene.String(required=True, description="机构")
    to_grab = graphene.Int(required=True, description="待抢单")
    manager = graphene.Int(required=True, description="待支局长")
    county = graphene.Int(required=True, description="待区县")
    area = graphene.Int(required=True, description="待片区")
    offered = graphene.Int(required=True, description="转派待接受")
    taken = graphene.Int(required=True, description="办理中")
    locating = graphene.Int(required=True, description="定位中")
    late = graphene.Int(required=True, description="已超时")
    done = graphene.Int(required=True, description="今日发出")

    class Meta:
        name = "DispatchBoardRow"


class DispatchPersonType(graphene.ObjectType):
    """Somebody a task can be given to."""

    employee_no = graphene.String(required=True, description="工号")
    name = graphene.String(required=True, description="姓名")
    open = graphene.Int(required=True, description="在办数")

    class Meta:
        name = "DispatchPerson"

    @staticmethod
    def resolve_employee_no(root: Hand, _info: Any) -> str:
        return str(root.staff.employee_no)

    @staticmethod
    def resolve_name(root: Hand, _info: Any) -> str:
        return str(root.staff.name)


class DispatchTargetType(graphene.ObjectType):
    """A unit that a task can go to."""

    unit = graphene.Field(DispatchUnitType, required=True, description="机构")
    direct = graphene.Boolean(required=True, description="直接改派；否则须对方接受")

    class Meta:
        name = "DispatchTarget"


class DispatchChoicesType(graphene.ObjectType):
    """To whom a task can go."""

    people = graphene.List(
        graphene.NonNull(DispatchPersonType), required=True, description="可指派的人员，在办少的在前"
    )
    units = graphene.List(graphene.NonNull(DispatchTargetType), required=True, description="可转派的机构")

    class Meta:
        name = "DispatchChoices"


class DispatchGivenType(graphene.ObjectType):
    """What became of one task of several."""

    number = graphene.String(required=True, description="派单号")
    problem = graphene.String(description="没有指派成功的原因")

    class Meta:
        name = "DispatchGiven"

    @staticmethod
    def resolve_problem(root: Any, _info: Any) -> str | None:
        return str(root.problem) or None
