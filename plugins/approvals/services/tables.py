"""The city changes who is responsible for what: cells of the matrix, and routes from a day on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import Level, OrgUnit, access_of, permissions
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import today
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.request import actor_label
from saleor_o2o.kernel.scope import NotAllowed

from ..errors import ApprovalError, ApprovalErrorCode
from ..locks import lock_routes
from ..models import ApprovalRoute, MatrixDuty, MatrixMatter, RouteLine
from ..models.matrix import Duty
from ..registry import matters, title_of
from .routing import table_in_force

MATRIX_CHANGED = audit.action("approvals.matrix_changed", _("修改职责矩阵"))
ROUTE_WRITTEN = audit.action("approvals.route_written", _("制定审批路线"))


def may_edit(user: Any) -> bool:
    """True for the city's holders of `approval.edit`: their reach takes in the root."""
    if not user.is_active:
        return False
    if user.is_superuser:
        return True
    reach = access_of(user).reach("approval.edit")
    if reach.everything or reach.nothing:
        return reach.everything
    root = OrgUnit.objects.filter(parent=None).only("path").first()
    return root is not None and reach.covers(root.path, root.pk)


def change_row(matter: MatrixMatter, cells: Mapping[int, tuple[str, str]], user: Any) -> bool:
    """Set the cells of one row (level → duty, text); False when nothing differs.

    Locks: the routes (a route needs the A of its levels). Raises NotAllowed, ApprovalError INVALID, IN_USE.
    """
    _require_city(user)
    for duty, text in cells.values():
        if duty not in Duty.values or len(text) > 100:
            raise ApprovalError(
                ApprovalErrorCode.INVALID, _("职责只能是 R、A、R/A、V 或空，说明不超过 100 字")
            )
    with transaction.atomic():
        lock_routes()
        duties = {duty.level: duty for duty in lock_rows(MatrixDuty.objects.filter(matter=matter))}
        before = {str(level): [duty.duty, duty.text] for level, duty in duties.items()}
        for level, (duty, text) in cells.items():
            cell = duties.setdefault(level, MatrixDuty(matter=matter, level=level))
            cell.duty, cell.text = duty, text
            cell.save()
        _require_approvers(matter.code, duties.values())
        after = {str(level): [duty.duty, duty.text] for level, duty in duties.items()}
        if before == after:
            return False
        audit.record(MATRIX_CHANGED, matter, before=before, after=after, actor=actor_label(user), org_path="")
    return True


def _require_approvers(code: str, duties: Iterable[MatrixDuty]) -> None:
    approving = {duty.level for duty in duties if duty.approves}
    for matter_code in {code, *(one.code for one in matters().values() if one.row == code)}:
        table = table_in_force(matter_code)
        later = ApprovalRoute.objects.filter(matter=matter_code, valid_from__gt=today()).prefetch_related(
            "lines"
        )
        for route in [table, *later]:
            for line in route.lines.all() if route is not None else ():
                if line.level not in approving:
                    raise ApprovalError(
                        ApprovalErrorCode.IN_USE,
                        _("“%(matter)s”的审批路线仍由%(level)s审批，不能取消其 A")
                        % {"matter": title_of(matter_code), "level": Level(line.level).label},
                        hint=_("请先制定新的审批路线"),
                    )


def write_route(
    matter: str,
    valid_from: date,
    lines: Sequence[Mapping[str, Any]],
    user: Any,
    *,
    skip_own_level: bool = False,
    note: str = "",
) -> ApprovalRoute:
    """Write the table of a matter from a day (today or later) on; one that was written for that day is replaced.

    `lines`: dicts with level and, if need be, max_amount, permission, hours, or_above; lines of one amount are its
    steps, in order. Requests under way keep their steps. Locks: the routes. Raises NotAllowed, ApprovalError
    (DATE_IN_PAST, REQUIRED, INVALID).
    """
    _require_city(user)
    if valid_from < today():
        raise ApprovalError(ApprovalErrorCode.DATE_IN_PAST, _("生效日期不能早于今天"), "valid_from")
    made = _lines(matter, lines)
    with transaction.atomic():
        lock_routes()
        _require_on_matrix(matter, made)
        current = table_in_force(matter, valid_from)
        before = {"lines": [_told(line) for line in current.lines.all()]} if current else {}
        ApprovalRoute.objects.filter(matter=matter, valid_from=valid_from).delete()
        route = ApprovalRoute.objects.create(
            matter=matter, valid_from=valid_from, skip_own_level=skip_own_level, note=note.strip()[:200],
            made_by=actor_label(user),
        )  # fmt: skip
        for line in made:
            line.route = route
        RouteLine.objects.bulk_create(made)
        audit.record(
            ROUTE_WRITTEN,
            route,
            before=before,
            after={"matter": matter, "valid_from": valid_from, "lines": [_told(line) for line in made]},
            actor=actor_label(user),
            org_path="",
        )
    return route


def _require_city(user: Any) -> None:
    if not may_edit(user):
        raise NotAllowed


def _lines(matter: str, lines: Sequence[Mapping[str, Any]]) -> list[RouteLine]:
    if not lines:
        raise ApprovalError(ApprovalErrorCode.REQUIRED, _("请至少填写一个审批步骤"), "lines")
    made: list[RouteLine] = []
    counted: dict[Decimal | None, int] = {}
    registered = matters().get(matter)
    for told in lines:
        limit = told.get("max_amount")
        counted[limit] = counted.get(limit, 0) + 1
        permission = told.get("permission") or ""
        if permission and permission not in permissions():
            raise ApprovalError(ApprovalErrorCode.INVALID, _("权限不存在"), "permission")
        if registered is None and not permission and matter not in _known_rows():
            raise ApprovalError(ApprovalErrorCode.UNKNOWN_MATTER, _("审批事项不存在"), "matter")
        made.append(
            RouteLine(
                max_amount=limit,
                position=counted[limit],
                level=told["level"],
                permission=permission,
                hours=told.get("hours"),
                or_above=told.get("or_above", True),
            )
        )
    made.sort(
        key=lambda line: (Decimal("Infinity") if line.max_amount is None else line.max_amount, line.position)
    )
    if made[-1].max_amount is not None:
        raise ApprovalError(
            ApprovalErrorCode.INVALID, _("请为不限金额的情形也填写审批步骤（金额留空）"), "max_amount"
        )
    return made


def _known_rows() -> set[str]:
    return set(MatrixMatter.objects.values_list("code", flat=True))


def _require_on_matrix(matter: str, lines: Iterable[RouteLine]) -> None:
    registered = matters().get(matter)
    duties = MatrixDuty.objects.filter(matter__code=registered.row if registered else matter)
    approving = {duty.level for duty in duties if duty.approves}
    for line in lines:
        if duties and line.level not in approving:
            raise ApprovalError(
                ApprovalErrorCode.INVALID,
                _("按职责矩阵，%(level)s不负责审批该事项") % {"level": Level(line.level).label},
                "level",
                hint=_("请先在职责矩阵中为该级别加上 A"),
            )


def _told(line: RouteLine) -> dict[str, Any]:
    return {
        "max_amount": line.max_amount, "position": line.position, "level": int(line.level),
        "permission": line.permission, "hours": line.hours, "or_above": line.or_above,
    }  # fmt: skip
