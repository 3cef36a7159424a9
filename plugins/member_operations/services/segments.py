"""Segments are written, and put out of use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed, get_row

from ..conditions import cleaned
from ..errors import OperationsError, OperationsErrorCode
from ..kinds import Match
from ..models import Segment
from ..permissions import SEGMENT_EDIT, desk_of

WRITTEN = audit.action("member_operations.segment_written", _("保存会员分群"))


def save_segment(
    by: Any,
    name: str,
    conditions: Mapping[str, Any],
    *,
    match: str = Match.ALL,
    note: str = "",
    is_active: bool = True,
    segment: Segment | None = None,
) -> Segment:
    """Write a segment at the own unit, or change one in reach; members of campaigns under way stay. Locks: its row.

    Raises OutOfScope, NotAllowed, OperationsError: REQUIRED, INVALID, IN_USE (the name).
    """
    told = " ".join(name.split())[:40]
    if not told:
        raise OperationsError(OperationsErrorCode.REQUIRED, _("请填写名称"), "name")
    if match not in Match.values:
        raise OperationsError(OperationsErrorCode.INVALID, _("请选择条件关系"), "match")
    values = {
        "name": told, "note": note.strip()[:200], "match": match, "conditions": cleaned(conditions),
        "is_active": is_active,
    }  # fmt: skip
    try:
        with transaction.atomic():
            if segment is None:
                row = Segment(unit=desk_of(by, SEGMENT_EDIT), made_by=by)
                before: dict[str, Any] = {}
            else:
                get_row(by, Segment, pk=segment.pk)
                [row] = lock_rows(Segment.objects.filter(pk=segment.pk).select_related("unit"))
                if not may_at(by, SEGMENT_EDIT, row.unit):
                    raise NotAllowed
                before = audit.snapshot(row)
            for field, value in values.items():
                setattr(row, field, value)
            row.save()
            audit.record(
                WRITTEN,
                row,
                before=before,
                after=audit.snapshot(row),
                actor=actor_label(by),
                org_path=row.unit.path,
            )
    except IntegrityError as error:
        raise OperationsError(
            OperationsErrorCode.IN_USE, _("本机构已有同名的分群"), "name", _("请换一个名称")
        ) from error
    return row
