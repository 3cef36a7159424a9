"""Tables on a unit's page: its versions, its re-parentings, its accounts; and small words about units."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, link
from saleor_o2o.kernel.masking import mask_bank_card

from ..levels import UnitStatus
from ..models import OrgUnit, PlannedMove, Staff

#: Versions on the page; older ones are in the audit trail too.
MOST = 50
#: unfold's colours for what a unit or a move may be.
COLOURS = {
    UnitStatus.PLANNED: "warning",
    UnitStatus.ACTIVE: "success",
    UnitStatus.SUSPENDED: "danger",
    UnitStatus.CLOSED: "default",
    PlannedMove.State.WAITING: "warning",
    PlannedMove.State.DONE: "success",
    PlannedMove.State.CANCELLED: "default",
    PlannedMove.State.FAILED: "danger",
}
_LABELS = {field.name: field.verbose_name for field in OrgUnit._meta.concrete_fields}


def coloured(value: Any, text: Any) -> SafeString:
    """A state in its colour."""
    return render_to_string(
        "unfold/helpers/label.html", {"type": COLOURS.get(value, "default"), "text": str(text)}
    )


def status_badge(status: str) -> SafeString:
    """A unit's status in its colour."""
    return coloured(status, UnitStatus(status).label)


def unit_link(unit: OrgUnit | None) -> Any:
    """A unit's name, leading to its page."""
    return "—" if unit is None else link("o2o_org_hierarchy_orgunit", unit.pk, unit.name)


def table(headers: Sequence[Any], rows: Sequence[Sequence[Any]]) -> SafeString:
    """A table within a form's section."""
    inner = render_to_string(
        "o2o_backoffice/table.html", {"table": Table("", [str(one) for one in headers], rows)}
    )
    return format_html('<div class="o2o-in-form">{}</div>', inner)


def people_named(actors: Iterable[str]) -> dict[str, str]:
    """`user:12` as the person's name; what is no person of ours stays as it is. One statement."""
    keys = {actor: actor.removeprefix("user:") for actor in actors if actor.startswith("user:")}
    names = dict(Staff.objects.filter(user_id__in=keys.values()).values_list("user_id", "name"))
    return {actor: names.get(int(key), str(_("管理员 %s")) % key) for actor, key in keys.items()} | {
        "system": str(_("系统"))
    }


def versions_table(unit: OrgUnit) -> SafeString:
    """What the unit was, the newest first."""
    versions = list(unit.versions.select_related("parent").order_by("-revision")[:MOST])
    names = people_named({one.actor for one in versions})
    rows_named = _rows_named([one.changed for one in versions])
    rows = [
        (
            one.revision,
            at(one.valid_from),
            at(one.valid_to) if one.valid_to else _("至今"),
            unit_link(one.parent),
            status_badge(one.status),
            _changes(one.changed, rows_named),
            one.reason or "—",
            names.get(one.actor, one.actor),
        )
        for one in versions
    ]
    return table((_("版本"), _("自"), _("至"), _("上级"), _("状态"), _("变更"), _("原因"), _("操作者")), rows)


def _rows_named(changes: Iterable[dict[str, Any]]) -> dict[str, dict[Any, str]]:
    """The names of the units and people that versions name by key: a statement for each kind that there is."""
    kinds: dict[str, Any] = {"successor": OrgUnit, "manager": Staff}
    sides = [one.get(side, {}) for one in changes for side in ("before", "after")]
    found: dict[str, dict[Any, str]] = {}
    for name, model in kinds.items():
        keys = {side[name] for side in sides if isinstance(side.get(name), int)}
        found[name] = dict(model.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    return found


def _changes(changed: dict[str, Any], rows_named: dict[str, dict[Any, str]]) -> Any:
    before, after = changed.get("before", {}), changed.get("after", {})
    if not before:
        return _("建立")

    def told(name: str, value: Any) -> str:
        return _short(rows_named[name].get(value, value) if name in rows_named else value)

    lines = [
        (_LABELS.get(name, name), told(name, before.get(name)), told(name, value))
        for name, value in after.items()
        if name not in ("path", "parent", "status")
    ]
    words = [(_LABELS[name],) for name in ("parent", "status") if name in after]
    if not lines and not words:
        return _("随上级变更")
    return format_html(
        "{}{}",
        format_html_join("", "<div>{}</div>", words),
        format_html_join("", '<div>{}：<span class="o2o-old">{}</span> → {}</div>', lines),
    )


def _short(value: Any) -> str:
    if value in (None, "", [], {}):
        return str(_("空"))
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 30 else f"{text[:30]}…"


def moves_table(unit: OrgUnit) -> SafeString:
    """The unit's re-parentings, planned and done."""
    moves = list(unit.planned_moves.select_related("parent")[:MOST])
    names = people_named({one.actor for one in moves})
    rows = [
        (
            one.effective_on.isoformat(),
            unit_link(one.parent),
            coloured(one.state, one.get_state_display()),
            one.reason,
            one.problem or "—",
            names.get(one.actor, one.actor),
            _cancel(one),
        )
        for one in moves
    ]
    headers = (_("生效日期"), _("新上级"), _("状态"), _("原因"), _("说明"), _("操作者"), "")
    return table(headers, rows)


def _cancel(move: PlannedMove) -> Any:
    if move.state != PlannedMove.State.WAITING:
        return ""
    href = reverse("admin:o2o_org_hierarchy_plannedmove_cancel", args=[move.pk])
    return format_html('<a class="o2o-link" href="{}">{}</a>', href, _("取消"))


def accounts_table(unit: OrgUnit) -> SafeString:
    """The unit's settlement accounts, masked."""
    rows = [
        (
            one.holder,
            one.bank,
            one.bank_code or "—",
            mask_bank_card(one.number),
            one.valid_from.isoformat(),
            one.valid_to.isoformat() if one.valid_to else _("至今"),
        )
        for one in unit.accounts.order_by("-valid_from", "-pk")
    ]
    return table((_("户名"), _("开户行"), _("联行号"), _("账号"), _("启用"), _("停用")), rows)
