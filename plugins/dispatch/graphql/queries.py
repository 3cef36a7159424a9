"""Queries of dispatch: the staff's, in reach."""

from __future__ import annotations

from typing import Any

import graphene
from django.db.models import Q

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel.scope import OutOfScope, rows_for

from ..choices import OPEN, OVER, State
from ..models import DispatchTask
from ..permissions import GRAB
from ..selectors import board, hands_of, is_late_now, targets_of, told
from ..showing import actions_of, shown
from ..todo import turn_of
from .gates import again, key_of
from .types import (
    DispatchBoardRowType,
    DispatchChoicesType,
    DispatchQueueType,
    DispatchTaskDetailType,
    DispatchView,
    staff,
)

MOST = 50
_NUMBER = graphene.Argument(graphene.String, required=True, description="派单号")


class DispatchQueries(graphene.ObjectType):
    """What the staff asks about tasks."""

    dispatch_queue = graphene.Field(
        DispatchQueueType,
        required=True,
        view=graphene.Argument(
            DispatchView,
            required=True,
            description="待我抢的、我在办的、轮到我的、超时的、未结束的、已结束的",
        ),
        unit=graphene.Argument(graphene.String, description="机构代码（含下级）"),
        first=graphene.Argument(graphene.Int, default_value=20, description="最多几条，1 到 50"),
        after=graphene.Argument(graphene.String, description="上一页的 endCursor"),
        description="数据范围内的派单任务，先派达的在前（已结束的：后派达的在前）；看不到的等于没有。",
    )
    dispatch_task = graphene.Field(
        DispatchTaskDetailType, number=_NUMBER, description="一个派单任务和办理记录；看不到的等于没有。"
    )
    dispatch_board = graphene.List(
        graphene.NonNull(DispatchBoardRowType),
        required=True,
        description="派单看板：各机构未完成的任务，超时多的在前。",
    )
    dispatch_choices = graphene.Field(
        DispatchChoicesType,
        number=_NUMBER,
        description="一个任务可以指派给谁、转派到哪里；看不到的等于没有。",
    )

    @staticmethod
    def resolve_dispatch_queue(
        _root: Any, info: Any, view: str, first: int = 20, unit: str = "", after: str = ""
    ) -> DispatchQueueType:
        """A page of tasks; the number of statements does not grow with it."""
        user = _staff(info)
        if user is None:
            return DispatchQueueType(items=[], end_cursor=None)
        rows = _of_view(user, view)
        if unit:
            path = (
                OrgUnit.objects.filter(code=unit.strip().upper()[:40]).values_list("path", flat=True).first()
            )
            rows = rows.filter(unit__path__startswith=path) if path else rows.none()
        newest_first = view == "over"
        last = int(after) if after.isascii() and after.isdigit() and len(after) <= 18 else None
        if last is not None:
            rows = rows.filter(pk__lt=last) if newest_first else rows.filter(pk__gt=last)
        size = max(1, min(first, MOST))
        found = list(shown(rows).order_by("-pk" if newest_first else "pk")[: size + 1])
        cursor = str(found[size - 1].pk) if len(found) > size else None
        return DispatchQueueType(items=found[:size], end_cursor=cursor)

    @staticmethod
    def resolve_dispatch_task(_root: Any, info: Any, number: str) -> DispatchTaskDetailType | None:
        """The task, or null: out of sight is not there."""
        row = _task(info, number)
        if row is None:
            return None
        return DispatchTaskDetailType(task=row, history=told(row))

    @staticmethod
    def resolve_dispatch_board(_root: Any, info: Any) -> Any:
        """Units in reach with their counts, in one statement."""
        user = _staff(info)
        return board(rows_for(user, DispatchTask)) if user is not None else []

    @staticmethod
    def resolve_dispatch_choices(_root: Any, info: Any, number: str) -> DispatchChoicesType | None:
        """People and units; of what the caller may not give away, none."""
        row = _task(info, number)
        if row is None:
            return None
        actions = actions_of(info.context.user, row)
        gives = "ASSIGN" in actions or "PASS" in actions
        return DispatchChoicesType(
            people=hands_of(row.unit) if gives else [],
            units=targets_of(info.context.user, row) if "MOVE" in actions else [],
        )


def _staff(info: Any) -> Any:
    try:
        return staff(info)
    except OutOfScope:
        return None


def _task(info: Any, number: str) -> DispatchTask | None:
    try:
        user = staff(info)
        return again(user, key_of(user, number))
    except OutOfScope:
        return None


def _of_view(user: Any, view: str) -> Any:
    rows = rows_for(user, DispatchTask)
    match view:
        case "to_grab":
            reach = rows_for(user, OrgUnit, GRAB).values("pk")
            here = Q(state=State.WAITING, unit__in=reach) | Q(state=State.OFFERED, offered_to__in=reach)
            return rows.filter(here)
        case "mine":
            return rows.filter(holder=user, state=State.TAKEN)
        case "my_turn":
            mine = turn_of(user)
            return rows.filter(mine, state__in=OPEN) if mine is not None else rows.none()
        case "late":
            return rows.filter(is_late_now())
        case "over":
            return rows.filter(state__in=OVER)
    return rows.filter(state__in=OPEN)
