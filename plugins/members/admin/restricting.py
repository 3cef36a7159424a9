"""黑名单: who may not do what, why and until when; put there by one person, lifted by another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import at, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person

from ..kinds import Barred
from ..models import Member, Restriction
from ..permissions import CLOSE, FREEZE
from ..services.closing import ask_by_letter
from ..services.restricting import lift, restrict

SHOWN = 20
_DEEDS = dict(Barred.choices)


class RestrictForm(forms.Form):
    """What is forbidden, why, until when."""

    deeds = forms.MultipleChoiceField(
        label=_("限制"), choices=Barred.choices, required=False, initial=list(Barred.values),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )  # fmt: skip
    until = forms.DateField(
        label=_("有效至"), required=False, widget=UnfoldAdminSingleDateWidget,
        help_text=_("含这一天，次日自动解除；留空：直到另一位同事解除"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("事由"), max_length=200, widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("会记入审计"),
    )  # fmt: skip


def in_words(deeds: Sequence[str]) -> str:
    """What is forbidden."""
    return "、".join(str(_DEEDS.get(one, one)) for one in deeds)


@admin.register(Restriction)
class RestrictionAdmin(ActingAdmin):
    """Of the members in reach."""

    list_display = ("c_member", "c_name", "c_deeds", "reason", "c_until", "c_by", "c_placed", "c_ended")
    list_display_links = ("c_member",)
    list_select_related = ("member__user", "placed_by", "lifted_by", "unit")
    list_filter = (
        ("ended_at", admin.EmptyFieldListFilter),
        ("placed_at", titled(RangeDateFilter, "列入时间")),
    )
    list_filter_submit = True
    search_fields = ("member__number",)
    search_help_text = _("会员号")
    ordering = ("-pk",)
    details = (
        (
            None,
            ("c_member", "c_name", "c_deeds", "c_until", "reason", "c_before", "c_unit", "c_by", "c_placed"),
        ),
        ("解除", ("c_lifter", "lift_reason", "c_ended")),
    )

    c_member = column("member__number", "会员号", order=None)
    c_unit = column("unit__name", "列入机构", order=None)
    c_by = column("placed_by__first_name", "列入人", order=None)
    c_lifter = column("lifted_by__first_name", "解除人", order=None)
    c_placed = moment("placed_at", "列入时间")
    c_ended = moment("ended_at", "结束时间")

    @admin.display(description=_("姓名"))
    def c_name(self, row: Restriction) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("限制"))
    def c_deeds(self, row: Restriction) -> str:
        return in_words(row.deeds)

    @admin.display(description=_("有效至"), ordering="until")
    def c_until(self, row: Restriction) -> Any:
        return row.until or _("直到解除")

    @admin.display(description=_("列入前"))
    def c_before(self, row: Restriction) -> Any:
        return _("已冻结，解除后仍是冻结") if row.was_frozen else _("正常")

    def called(self, obj: Restriction) -> str:
        return obj.member.number

    def doors(self, request: HttpRequest, obj: Restriction) -> Sequence[Mapping[str, Any]]:
        if obj.ended_at is None and obj.placed_by_id != request.user.pk and self.may(request, FREEZE, obj):
            return [door(_("解除"), "lock_open", self.address("lift", obj.pk))]
        return []

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/lift/", self.lift_view, "lift"), *super().get_urls()]

    def lift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """By another than who put him there."""
        row = self.row(request, pk, FREEZE)

        def do(data: dict[str, Any]) -> str:
            lift(request.user, row, data["reason"])
            return str(_("已解除"))

        facts = (
            (_("会员号"), row.member.number),
            (_("限制"), in_words(row.deeds)),
            (_("列入事由"), row.reason),
            (_("列入前"), self.c_before(row)),
        )
        return self.act(
            request, _("解除黑名单"), ReasonForm(request.POST if request.method == "POST" else None), do,
            self.page_of(pk), facts=facts, note=_("列入的人不能自己解除。解除后回到列入前的状态。"),
            buttons=(("do", "1", _("解除"), ""),),
        )  # fmt: skip


def blacklist_view(page: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """The page below a member's."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        member: Member = page.row(request, pk, FREEZE)

        def do(data: dict[str, Any]) -> str:
            restrict(request.user, member, data["deeds"], data["reason"], data["until"])
            return str(_("会员 %(number)s：%(words)s") % {"number": member.number, "words": _("列入黑名单")})

        shown: HttpResponse = page.act(
            request, _("列入黑名单"), RestrictForm(request.POST if request.method == "POST" else None), do,
            page.page_of(pk), facts=page._facts(member),
            note=_("限制登录的，现有登录立即退出。解除须由另一位同事办理。"),
            buttons=(("do", "1", _("列入黑名单"), "danger"),),
        )  # fmt: skip
        return shown

    return view


def restrictions_of(member: Member) -> Table:
    """What stands on a member's page."""
    rows = member.restrictions.select_related("placed_by", "lifted_by")[:SHOWN]
    return Table(
        "黑名单",
        ("列入时间", "限制", "事由", "有效至", "列入人", "解除人", "结束时间"),
        [
            (at(one.placed_at), in_words(one.deeds), one.reason, one.until or _("直到解除"), one.placed_by.first_name,
             one.lifted_by.first_name if one.lifted_by else "—", at(one.ended_at))
            for one in rows
        ],
    )  # fmt: skip


class LetterForm(forms.Form):
    """What the member signed."""

    letter = forms.CharField(
        label=_("书面申请编号"), max_length=60, widget=UnfoldAdminTextInputWidget,
        help_text=_("会员本人签名的申请须核对证件后留存"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("说明"), max_length=130, required=False, widget=UnfoldAdminTextareaWidget(attrs={"rows": 2})
    )


def close_view(page: Any) -> Callable[[HttpRequest, int], HttpResponse]:
    """代办注销: the page below a member's."""

    def view(request: HttpRequest, pk: int) -> HttpResponse:
        member: Member = page.row(request, pk, CLOSE)

        def do(data: dict[str, Any]) -> str:
            made = ask_by_letter(request.user, member, data["letter"], data["reason"])
            return str(_("已申请注销，%(day)s 生效") % {"day": f"{made.due_at:%Y-%m-%d}"})

        shown: HttpResponse = page.act(
            request, _("代办注销"), LetterForm(request.POST if request.method == "POST" else None), do,
            page.page_of(pk), facts=page._facts(member),
            note=_("冷静期里会员会收到短信，可以登录撤回；到期删除个人信息，订单和账目留下，不能恢复。"),
            buttons=(("do", "1", _("申请注销"), "danger"),),
        )  # fmt: skip
        return shown

    return view
