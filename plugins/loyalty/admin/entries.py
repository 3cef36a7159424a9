"""积分流水: every entry with its lines; from here the liability of units and the monthly statements between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, Table
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.columns import at, column, link, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import policy_for

from ..kinds import Book
from ..models import Entry
from ..permissions import EXPORT, REPORT
from .reporting import liability_view, settlement_view


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """Entries of members and of units in reach."""

    list_display = ("c_at", "c_book", "c_kind", "c_member", "c_unit", "c_key", "note")
    list_display_links = ("c_at",)
    list_select_related = ("member", "unit")
    list_filter = (
        ("book", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), ("at", titled(RangeDateFilter, "时间")),
    )  # fmt: skip
    list_filter_submit = True
    search_fields = ("biz_id", "member__number")
    search_help_text = _("业务编号、会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            ("c_at", "c_book", "c_kind", "c_member", "c_unit", "c_key", "c_operator", "c_reverses", "note"),
        ),
    )
    export = Export(
        "积分流水", EXPORT,
        (
            Cell("时间", "at"), Cell("账簿", lambda row: row.get_book_display()),
            Cell("类型", lambda row: row.get_kind_display()), Cell("会员号", "member__number"),
            Cell("发生机构", "unit__name"), Cell("业务类型", "biz_type"), Cell("业务编号", "biz_id"),
            Cell("会员变动", lambda row: sum(line.amount for line in row.lines.all() if line.purse_id)),
        ),
        related=("member", "unit"), prefetched=("lines",),
    )  # fmt: skip

    c_at = moment("at", "时间")
    c_book = column("get_book_display", "账簿", lambda show: show(), order="book")
    c_kind = column("get_kind_display", "类型", lambda show: show(), order="kind")
    c_member = column("member__number", "会员号")
    c_unit = column("unit__name", "发生机构", order="unit__path")
    c_operator = column("operator__first_name", "经办人", order=None)

    @admin.display(description=_("业务编号"))
    def c_key(self, row: Entry) -> str:
        return f"{row.biz_type} {row.biz_id}"

    @admin.display(description=_("冲回"))
    def c_reverses(self, row: Entry) -> Any:
        return link("o2o_loyalty_entry", row.reverses_id, row.reverses) if row.reverses_id else "—"

    def called(self, obj: Entry) -> str:
        return str(obj)

    def tables(self, request: HttpRequest, obj: Entry) -> Sequence[Table]:
        places = 2 if obj.book == Book.SETTLEMENT else 0
        lines = [
            (line.get_side_display(), line.unit.name if line.unit else obj.member.number, f"{line.amount:+,.{places}f}",
             "—" if line.balance_after is None else f"{line.balance_after:,.{places}f}")
            for line in obj.lines.select_related("unit").order_by("pk")
        ]  # fmt: skip
        backs = [(at(one.at), one.get_kind_display(), one.biz_id) for one in obj.reversals.order_by("pk")]
        return [
            Table(str(_("分录（合计为零）")), ("账户", "机构或会员", "变动", "变动后"), lines),
            Table(str(_("由此冲回")), ("时间", "类型", "业务编号"), backs),
        ]

    def get_urls(self) -> list[Any]:
        from django.urls import path

        own = [("liability/", liability_view, "liability"), ("settlement/", settlement_view, "settlement")]
        return [
            *(path(address, self.admin_site.admin_view(self._bound(view)), name=self._page(name))
              for address, view, name in own),
            *super().get_urls(),
        ]  # fmt: skip

    def _bound(self, view: Any) -> Any:
        def show(request: HttpRequest) -> HttpResponse:
            return view(self, request)

        return show

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        from django.urls import reverse

        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None and policy_for(Entry).may(request.user, REPORT, Entry):
            found = [
                door(_("积分负债"), "account_balance", reverse(f"admin:{self._page('liability')}")),
                door(_("机构清算"), "sync_alt", reverse(f"admin:{self._page('settlement')}")),
            ]
            context["actions_list"] = [*context.get("actions_list", ()), *found]
        return response
