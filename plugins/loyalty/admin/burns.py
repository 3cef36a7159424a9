"""柜台兑扣: a clerk finds a member, the member's telephone gets a code, the points are used; and what was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.members.interfaces import device_of
from plugins.org_hierarchy.interfaces import desk_of
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.export import Cell, Export
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import badge, column, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import NotAllowed

from ..kinds import BurnState
from ..models import Burn
from ..permissions import BURN, EXPORT
from ..services.burning import ask_burn, confirm_burn, send_again, take_burn_back
from .forms import BurnForm, CodeForm

STATE = dict(BurnState.choices)


@admin.register(Burn)
class BurnAdmin(ActingAdmin):
    """Points used at the counters in reach."""

    list_display = (
        "number",
        "c_member",
        "c_name",
        "points",
        "purpose",
        "c_unit",
        "c_operator",
        "c_state",
        "c_asked",
    )
    list_display_links = ("number",)
    list_select_related = ("member__user", "unit", "operator")
    list_filter = (("state", ChoicesDropdownFilter), ("asked_at", titled(RangeDateFilter, "时间")))
    list_filter_submit = True
    search_fields = ("number", "member__number")
    search_help_text = _("兑扣单号、会员号")
    ordering = ("-pk",)
    details = (
        (None, ("number", "c_state", "c_member", "c_name", "points", "purpose", "c_unit", "c_operator")),
        ("时间", ("c_asked", "c_done", "c_over", "back_reason")),
    )
    export = Export(
        "柜台兑扣", EXPORT,
        (
            Cell("兑扣单号", "number"), Cell("会员号", "member__number"), Cell("积分", "points"),
            Cell("用途", "purpose"),
            Cell("机构", "unit__name"), Cell("状态", lambda row: row.get_state_display()), Cell("兑扣时间", "done_at"),
        ),
        related=("member", "unit"),
    )  # fmt: skip

    c_member = column("member__number", "会员号")
    c_unit = column("unit__name", "兑扣机构", order="unit__path")
    c_operator = column("operator__first_name", "经办人", order=None)
    c_asked = moment("asked_at", "发起时间")
    c_done = moment("done_at", "兑扣时间")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("姓名"))
    def c_name(self, row: Burn) -> str:
        return masked_person(row.member.user)

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Burn) -> Any:
        return badge(row.state, STATE)

    def tables(self, request: HttpRequest, obj: Burn) -> Sequence[Any]:
        return [moves_of(obj, STATE)]

    def doors(self, request: HttpRequest, obj: Burn) -> Sequence[Mapping[str, Any]]:
        if not self.may(request, BURN, obj):
            return []
        if obj.state == BurnState.ASKED:
            return [door(_("填写验证码"), "pin", self.address("confirm", obj.pk))]
        if obj.state == BurnState.DONE:
            return [
                door(_("撤销"), "undo", self.address("take_back", obj.pk)),
                door(_("下一位"), "redeem", f"{self._begin()}"),
            ]
        return [door(_("下一位"), "redeem", self._begin())]

    def _begin(self) -> str:
        return reverse(f"admin:{self._page('begin')}")

    def get_urls(self) -> list[Any]:
        return [
            self.own("begin/", self.begin_view, "begin"),
            self.own("<int:pk>/confirm/", self.confirm_view, "confirm"),
            self.own("<int:pk>/take-back/", self.take_back_view, "take_back"),
            *super().get_urls(),
        ]

    def begin_view(self, request: HttpRequest) -> HttpResponse:
        """Whose points, how many, for what; then the code goes out."""
        try:
            unit = desk_of(request.user, BURN)
        except NotAllowed:
            return self._no_desk(request)
        typed = request.POST if request.method == "POST" else None
        form = BurnForm(typed, initial={"member": request.GET.get("member", "")[:60]})
        if form.is_valid():
            told = form.cleaned_data
            try:
                asked = ask_burn(
                    request.user, told["member"], told["points"], told["purpose"], device_of(request, "", "")
                )
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                if asked.sent:
                    messages.info(request, _("验证码已发到会员手机，请会员念出"))
                else:
                    wait = _("刚给这个号码发过验证码，%(seconds)d 秒后请点“重新发送”")
                    messages.warning(request, wait % {"seconds": asked.again_after})
                return HttpResponseRedirect(self.address("confirm", asked.burn.pk))
        return self.act(
            request, _("柜台兑扣积分"), form, lambda _told: "", self._begin(), only_look=True,
            facts=((_("兑扣机构"), unit.name),),
            note=_("会员不限归属机构；积分由发放机构按清算价付给本机构。"),
            buttons=(("do", "1", _("发送验证码"), ""),),
        )  # fmt: skip

    def _no_desk(self, request: HttpRequest) -> HttpResponse:
        """Whoever may use points somewhere but stands at no counter is told so, and what to do; others are refused."""
        user: Any = request.user
        if not user.has_perm(BURN):
            raise PermissionDenied
        messages.warning(
            request,
            _(
                "柜台兑扣在营业员自己的网点办理：您的账号没有归属机构，或岗位不在归属机构。"
                "请用营业员账号登录；需要办理的，请支局长在“机构人员”里安排岗位。兑扣记录可以照常查看。"
            ),
        )
        return HttpResponseRedirect(reverse(f"admin:{self._page('changelist')}"))

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The member reads the code out."""
        row = self.row(request, pk, BURN)
        if row.state != BurnState.ASKED:
            return HttpResponseRedirect(self.page_of(pk))
        device = device_of(request, "", "")
        if request.method == "POST" and "send" in request.POST:
            try:
                seconds = send_again(request.user, pk, device)
            except DomainError as error:
                messages.error(request, error.in_words)
            else:
                messages.info(request, _("已重新发送；%(seconds)d 秒后可以再发") % {"seconds": seconds})
            return HttpResponseRedirect(self.address("confirm", pk))
        form: forms.Form = CodeForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            done = confirm_burn(request.user, pk, told["code"], device)
            return str(_("已兑扣 %(points)s 积分") % {"points": done.points})

        facts = (
            (_("会员号"), row.member.number), (_("姓名"), masked_person(row.member.user)),
            (_("积分"), f"{row.points:,}"), (_("用途"), row.purpose),
        )  # fmt: skip
        return self.act(
            request, f"{_('会员确认')} {row.number}", form, do, self.page_of(pk), facts=facts,
            note=_("请会员核对积分和用途后念出验证码；15 分钟内有效。"),
            buttons=(("send", "1", _("重新发送"), "secondary"), ("do", "1", _("确认兑扣"), "")),
        )  # fmt: skip

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A mistake."""
        row = self.row(request, pk, BURN)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            take_burn_back(request.user, pk, told["reason"])
            return str(_("已撤销，积分已退回会员"))

        note = _("办错了才撤销：积分退回原批次，机构清算同时冲回。兑扣后 24 小时内有效。")
        return self.act(request, f"{_('撤销兑扣')} {row.number}", form, do, self.page_of(pk), note=note)
