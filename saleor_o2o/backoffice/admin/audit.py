"""The audit: who did what to what, where and when; before and after side by side."""

from __future__ import annotations

import json
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter, FieldTextFilter, RangeDateTimeFilter

from saleor_o2o.kernel.audit import action_label, actions, directory
from saleor_o2o.kernel.models import AuditEntry
from saleor_o2o.kernel.scope import rows_for

from ..columns import column, moment
from . import exports
from .audit_words import WORDS
from .base import ReadOnlyAdmin, Table
from .filters import titled
from .naming import name_all

#: Longest value shown in a cell of the comparison.
MOST = 2_000


class ActionFilter(DropdownFilter):
    """By what was done."""

    title = _("操作")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return sorted(((name, str(one.label)) for name, one in actions().items()), key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(action=self.value()) if self.value() in actions() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Lines of the units in reach; searched by actor, action, subject, unit and request."""

    list_display = ("c_at", "what", "who", "subject", "where", "changed", "c_ip")
    list_display_links = ("c_at", "what")
    search_fields = ("pk",)
    search_help_text = _(
        "人员（工号、姓名、邮箱：他办的和为他办的）、操作、对象编号（或 类型:编号）、机构代码或名称、请求号。"
        "记录归发生时的机构：机构划转以前的记录仍由原上级查看，新上级和机构本身看划转以后的"
    )
    list_filter = (
        ActionFilter,
        ("at", titled(RangeDateTimeFilter, "时间")),
        ("subject_type", titled(FieldTextFilter, "对象类型")),
    )
    list_filter_submit = True
    ordering = ("-pk",)
    export = exports.AUDIT
    details = (
        (None, ("c_at", "what", "who", "where")),
        ("对象与来源", ("subject", "c_ip", "request_id", "action")),
    )

    c_at = moment("at", "时间")
    c_ip = column("ip", "来源地址")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        word = search_term.strip()
        if not word:
            return queryset, False
        named = [name for name, one in actions().items() if word in str(one.label)]
        found = Q(subject_id=word) | Q(request_id=word) | Q(actor=word) | Q(action__in=[word, *named])
        kind, colon, key = word.rpartition(":")
        if colon and kind:
            found |= Q(subject_type=kind.lower(), subject_id=key)
        known = directory()
        if known is not None:
            found |= Q(actor__in=known.actors(word))
            of_kind: dict[str, list[str]] = {}
            for kind, key in known.subjects(word):
                of_kind.setdefault(kind, []).append(key)
            for kind, keys in of_kind.items():
                found |= Q(subject_type=kind, subject_id__in=keys)
            for path in known.paths(word):
                found |= Q(org_path__startswith=path)
        return queryset.filter(found), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        name_all(shown.result_list)
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            name_all([found])
        return found

    @admin.display(description=_("操作"), ordering="action")
    def what(self, entry: Any) -> str:
        return action_label(entry.action)

    @admin.display(description=_("操作者"), ordering="actor")
    def who(self, entry: Any) -> str:
        return str(entry.o2o_who)

    @admin.display(description=_("机构"), ordering="org_path")
    def where(self, entry: Any) -> str:
        return str(entry.o2o_where)

    @admin.display(description=_("对象"), ordering="subject_type")
    def subject(self, entry: Any) -> str:
        return f"{kind_of(entry.subject_type)} {entry.subject_id}".strip() or "—"

    @admin.display(description=_("变更"))
    def changed(self, entry: Any) -> str:
        names = _labels(entry)
        return "、".join(names.get(key, key) for key in _keys(entry)[:4]) or "—"

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        names = _labels(obj)
        rows = [
            (names.get(key, key), _told(request.user, obj, obj.before, key), _told(request.user, obj, obj.after, key))
            for key in _keys(obj)
        ]  # fmt: skip
        return [Table(str(_("变更")), (str(_("字段")), str(_("变更前")), str(_("变更后"))), rows)]


def _keys(entry: Any) -> list[str]:
    return list(dict.fromkeys([*(entry.before or {}), *(entry.after or {})]))


def _shown(side: Any, key: str) -> str:
    if key not in (side or {}):
        return "—"
    value = side[key]
    if value is None:
        return str(_("空"))
    if isinstance(value, bool):
        return str(_("是") if value else _("否"))
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _told(user: Any, entry: Any, side: Any, key: str) -> str:
    """A value in words: a row that it names by the row's name, if the reader may see the row."""
    value = (side or {}).get(key)
    model = _model(entry.subject_type)
    field = {one.name: one for one in model._meta.concrete_fields}.get(key) if model is not None else None
    if field is None or value is None:
        return _shown(side, key)
    if field.is_relation and isinstance(value, int):
        row = rows_for(user, field.related_model).filter(pk=value).first()
        return f"{row}（{value}）" if row is not None else str(value)
    choices = dict(getattr(field, "base_field", field).flatchoices)
    if isinstance(value, list) and choices:
        return "、".join(str(choices.get(one, one)) for one in value) or str(_("空"))
    if isinstance(value, list | dict):
        return _shown(side, key)
    return str(choices.get(value, "")) or _shown(side, key)


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def kind_of(label: str) -> str:
    """What people call a kind of row; its label when no table is called so any more."""
    model = _model(label)
    return str(model._meta.verbose_name) if model is not None else label


def _labels(entry: Any) -> dict[str, str]:
    """What the changed columns, and other parts of lines, are called; the rest keep their names."""
    words = {key: str(word) for key, word in WORDS.items()}
    model = _model(entry.subject_type)
    if model is None:
        return words
    return words | {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
