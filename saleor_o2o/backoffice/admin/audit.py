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

from ..columns import column, moment
from . import exports
from .audit_words import WORDS
from .base import ReadOnlyAdmin, Table
from .filters import titled

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
        "操作者（工号、邮箱）、操作、对象编号（或 类型:编号）、机构代码、请求号。"
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
            for path in known.paths(word):
                found |= Q(org_path__startswith=path)
        return queryset.filter(found), False

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        shown = super().get_changelist_instance(request)
        _name(shown.result_list)
        return shown

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            _name([found])
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
        return f"{_kind(entry.subject_type)} {entry.subject_id}".strip() or "—"

    @admin.display(description=_("变更"))
    def changed(self, entry: Any) -> str:
        names = _labels(entry)
        return "、".join(names.get(key, key) for key in _keys(entry)[:4]) or "—"

    def tables(self, request: HttpRequest, obj: Any) -> list[Table]:
        names = _labels(obj)
        rows = [
            (names.get(key, key), _shown(obj.before, key), _shown(obj.after, key)) for key in _keys(obj)
        ]  # fmt: skip
        return [Table(str(_("变更")), (str(_("字段")), str(_("变更前")), str(_("变更后"))), rows)]


def _name(entries: Any) -> None:
    """Put names to actors and units, for all lines of a page together."""
    listed = list(entries)
    known = directory()
    paths = {one.org_path for one in listed if one.org_path}
    names = known.names({one.actor for one in listed}, paths) if known is not None and listed else {}
    for one in listed:
        one.o2o_who = names.get(one.actor, one.actor)
        one.o2o_where = names.get(one.org_path, one.org_path or "—")


def _keys(entry: Any) -> list[str]:
    return list(dict.fromkeys([*(entry.before or {}), *(entry.after or {})]))


def _shown(side: Any, key: str) -> str:
    if key not in (side or {}):
        return "—"
    value = side[key]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= MOST else f"{text[:MOST]}…"


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None


def _kind(label: str) -> str:
    model = _model(label)
    return str(model._meta.verbose_name) if model is not None else label


def _labels(entry: Any) -> dict[str, str]:
    """What the changed columns, and other parts of lines, are called; the rest keep their names."""
    words = {key: str(word) for key, word in WORDS.items()}
    model = _model(entry.subject_type)
    if model is None:
        return words
    return words | {field.name: str(field.verbose_name) for field in model._meta.concrete_fields}
