"""Queries of the tree."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import graphene
from django.db.models import Q, QuerySet

from saleor_o2o.kernel.scope import OutOfScope, get_row, rows_for

from ...models import OrgUnit
from .types import OrgUnitConnection, OrgUnitEdge, OrgUnitLevel, OrgUnitStatus, OrgUnitType

MOST = 100


@dataclass(frozen=True)
class Page:
    """A page as the connection reads it; `found` is counted when somebody asks for the total."""

    edges: list[OrgUnitEdge]
    page_info: Any
    found: QuerySet[OrgUnit]


class UnitQueries(graphene.ObjectType):
    """What a member of the staff asks about the tree."""

    org_units = graphene.Field(
        OrgUnitConnection,
        parent=graphene.Argument(graphene.String, description="上级机构代码：只要它的直接下级"),
        level=graphene.Argument(OrgUnitLevel, description="级别"),
        status=graphene.Argument(OrgUnitStatus, description="状态"),
        search=graphene.Argument(graphene.String, description="代码开头，或名称的一部分"),
        first=graphene.Argument(graphene.Int, default_value=20, description="最多几个，上限 100"),
        after=graphene.Argument(graphene.String, description="上一页的 endCursor"),
        required=True,
        description="管辖范围内的机构，按代码；看不到的等于没有。",
    )
    org_unit = graphene.Field(
        OrgUnitType,
        id=graphene.Argument(graphene.ID, description="编号"),
        code=graphene.Argument(graphene.String, description="机构代码"),
        description="一个机构；看不到的等于没有。",
    )

    @staticmethod
    def resolve_org_units(_root: Any, info: Any, first: int, after: str = "", **asked: Any) -> Page:
        """A page of the units in reach, in one statement."""
        found = _filtered(rows_for(info.context.user, OrgUnit), **asked)
        size = max(0, min(first, MOST))
        rows = found.order_by("code")
        last = _code_of(after)
        if last:
            rows = rows.filter(code__gt=last)
        units = list(rows[: size + 1])
        edges = [OrgUnitEdge(node=unit, cursor=_cursor_of(unit.code)) for unit in units[:size]]
        page_info = graphene.relay.PageInfo(
            has_next_page=len(units) > size,
            has_previous_page=bool(last),
            start_cursor=edges[0].cursor if edges else None,
            end_cursor=edges[-1].cursor if edges else None,
        )
        return Page(edges, page_info, found)

    @staticmethod
    def resolve_org_unit(_root: Any, info: Any, id: str = "", code: str = "") -> OrgUnit | None:
        """The unit, or null: out of sight is not there."""
        if not id and not code:
            return None
        try:
            return get_row(info.context.user, OrgUnit, **({"pk": id} if id else {"code": code.upper()}))
        except OutOfScope:
            return None


def _filtered(
    rows: QuerySet[OrgUnit], parent: str = "", level: int | None = None, status: str = "", search: str = ""
) -> QuerySet[OrgUnit]:
    if parent:
        rows = rows.filter(parent__code=parent.upper())
    if level:
        rows = rows.filter(level=level)
    if status:
        rows = rows.filter(status=status)
    word = search.strip()
    if word:
        rows = rows.filter(
            Q(code__istartswith=word) | Q(name__icontains=word) | Q(short_name__icontains=word)
        )
    return rows


def _cursor_of(code: str) -> str:
    return base64.b64encode(code.encode()).decode()


def _code_of(cursor: str) -> str:
    """The code behind a cursor; a cursor that is none is the beginning."""
    try:
        return base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, ValueError):
        return ""
