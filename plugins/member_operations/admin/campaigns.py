"""营销活动: written with a preview, submitted, approved by others, watched, stopped; and what it brought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter

from plugins.approvals.interfaces import requests_of
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.admin.filters import titled
from saleor_o2o.backoffice.admin.moves import moves_of
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import column, link, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.backoffice.privacy import masked_person
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..kinds import CampaignState, MessageState, SkipWhy, Way
from ..models import Campaign, Segment
from ..permissions import CAMPAIGN_CREATE, CAMPAIGN_STOP
from ..selectors import audience, result_of
from ..services.campaigns import preview_of, save_campaign, stop_campaign, submit_campaign
from ..texts import NAME, as_text_message, pieces
from .forms import CampaignForm, NoteForm
from .looks import STATES, coloured

_MESSAGES = dict(MessageState.choices)
_REASONS = dict(SkipWhy.choices)


@admin.register(Campaign)
class CampaignAdmin(ActingAdmin):
    """Campaigns of the units in reach."""

    list_display = ("number", "name", "c_unit", "c_way", "c_segment", "planned", "c_starts", "c_state")
    list_display_links = ("number",)
    list_select_related = ("unit", "segment", "coupon", "made_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("way", ChoicesDropdownFilter),
        ("starts_at", titled(RangeDateFilter, "发送时间")),
    )
    list_filter_submit = True
    search_fields = ("number", "name")
    search_help_text = _("活动编号、名称")
    ordering = ("-pk",)
    details = (
        (
            None,
            (
                "number",
                "name",
                "c_state",
                "c_unit",
                "c_way",
                "c_segment",
                "c_content",
                "c_page",
                "c_falls",
                "said",
                "planned",
                "c_by",
            ),
        ),
        ("时间", ("c_starts", "c_begun", "c_over", "c_approval")),
    )

    c_unit = column("unit__name", "发起机构", order="unit__path")
    c_way = column("get_way_display", "方式", lambda show: show(), order="way")
    c_segment = column("segment__name", "分群", order=None)
    c_by = column("made_by__first_name", "发起人", order=None)
    c_starts = moment("starts_at", "发送时间")
    c_begun = moment("begun_at", "开始发送")
    c_over = moment("over_at", "结束时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Campaign) -> Any:
        return coloured(row.state, STATES)

    @admin.display(description=_("内容"))
    def c_content(self, row: Campaign) -> str:
        return f"{row.coupon.name}（{row.coupon.in_words}）" if row.coupon is not None else row.text

    @admin.display(description=_("点开到"))
    def c_page(self, row: Campaign) -> str:
        return row.page if row.way == Way.WECHAT else "—"

    @admin.display(description=_("送不到的"))
    def c_falls(self, row: Campaign) -> str:
        return "改发短信" if row.falls_back else "不再发"

    @admin.display(description=_("审批单"))
    def c_approval(self, row: Campaign) -> Any:
        found = requests_of(row).first()
        return "—" if found is None else link("o2o_approvals_approvalrequest", found.pk, found.number)

    def tables(self, request: HttpRequest, obj: Campaign) -> Sequence[Table]:
        if obj.state in (CampaignState.DRAFT, CampaignState.WAITING):
            return (moves_of(obj, STATES),)
        return (_result(obj), moves_of(obj, STATES))

    def doors(self, request: HttpRequest, obj: Campaign) -> Sequence[Mapping[str, Any]]:
        found = []
        if obj.state == CampaignState.DRAFT and self.may(request, CAMPAIGN_CREATE, obj):
            found.append(door(_("修改"), "edit", self.address("edit", obj.pk)))
            found.append(door(_("提交审批"), "send", self.address("submit", obj.pk)))
        if obj.state in (CampaignState.SCHEDULED, CampaignState.SENDING) and self.may(
            request, CAMPAIGN_STOP, obj
        ):
            found.append(door(_("停止"), "stop_circle", self.address("stop", obj.pk)))
        if obj.state != CampaignState.DRAFT:
            address = reverse("admin:o2o_member_operations_campaignmessage_changelist")
            found.append(door(_("发送明细"), "list_alt", f"{address}?campaign__id__exact={obj.pk}"))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("new/", self.new_view, "new"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/submit/", self.submit_view, "submit"),
            self.own("<int:pk>/stop/", self.stop_view, "stop"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        context = getattr(response, "context_data", None)
        if context is not None and policy_for(Campaign).may(request.user, CAMPAIGN_CREATE, Campaign):
            button = door(_("新建活动"), "add", reverse(f"admin:{self._page('new')}"))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """新建活动."""
        if not policy_for(Campaign).may(request.user, CAMPAIGN_CREATE, Campaign):
            raise PermissionDenied
        return self._write(request, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改草稿."""
        return self._write(request, self.row(request, pk, CAMPAIGN_CREATE))

    def _write(self, request: HttpRequest, row: Campaign | None) -> HttpResponse:
        typed = request.POST if request.method == "POST" else None
        form = CampaignForm(request.user, typed, initial=_initial(request, row))
        looking = typed is not None and "look" in typed
        facts = _preview(request.user, form) if looking and form.is_valid() else ()

        def do(data: dict[str, Any]) -> str:
            made = save_campaign(request.user, campaign=row, **data)
            return str(_("已保存 %(number)s，提交审批后才会发送") % {"number": made.number})

        back = self.page_of(row.pk) if row is not None else reverse(f"admin:{self._page('changelist')}")
        return self.act(
            request, _("修改活动") if row is not None else _("新建活动"), form, do, back, facts=facts,
            only_look=looking,
            note=_("短信和公众号消息只发给同意接收营销信息的会员，按触达规则限频次、避开免打扰时间。"),
            buttons=(("do", "1", _("保存草稿"), ""), ("look", "1", _("预览"), "secondary")),
        )  # fmt: skip

    def submit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Its members are written down, and somebody else is asked."""
        row = self.row(request, pk, CAMPAIGN_CREATE)
        people = audience(request.user, row.segment.conditions, row.segment.match).count()

        def do(data: dict[str, Any]) -> str:
            done = submit_campaign(request.user, row, data["note"])
            return str(_("已提交，目标 %(people)d 人，审批通过后发送") % {"people": done.planned})

        facts = [
            (_("活动"), row.name), (_("方式"), row.get_way_display()), (_("内容"), self.c_content(row)),
            (_("分群"), row.segment.name), (_("现在的人数"), f"{people:,}"),
            *_samples(row.text, preview_of(request.user, row)),
        ]  # fmt: skip
        return self.act(
            request, _("提交审批"), NoteForm(request.POST if request.method == "POST" else None), do,
            self.page_of(pk), facts=facts, note=_("提交时记下现在符合条件的会员，审批的就是这些人。"),
            buttons=(("do", "1", _("提交"), ""),),
        )  # fmt: skip

    def stop_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Nobody more is reached."""
        row = self.row(request, pk, CAMPAIGN_STOP)

        def do(data: dict[str, Any]) -> str:
            left = stop_campaign(request.user, row, data["reason"])
            return str(_("已停止，%(left)d 人没有再发") % {"left": left})

        return self.act(
            request, _("停止活动"), ReasonForm(request.POST if request.method == "POST" else None), do,
            self.page_of(pk), facts=((_("活动"), row.name), (_("目标人数"), f"{row.planned:,}")),
            note=_("没有发出的不再发；已经发出的收不回来。停止后不能恢复。"),
            buttons=(("do", "1", _("停止"), "danger"),),
        )  # fmt: skip


def _initial(request: HttpRequest, row: Campaign | None) -> dict[str, Any]:
    if row is None:
        wanted = request.GET.get("segment", "")
        pk = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 18 else 0
        return {"segment": rows_for(request.user, Segment).filter(pk=pk).first()}
    starts = timezone.localtime(row.starts_at).strftime("%Y-%m-%dT%H:%M")
    return {
        "name": row.name, "segment": row.segment, "way": row.way, "text": row.text, "coupon": row.coupon,
        "starts_at": starts, "page": row.page, "falls_back": row.falls_back,
    }  # fmt: skip


def _preview(user: Any, form: CampaignForm) -> list[tuple[Any, Any]]:
    told = form.cleaned_data
    segment = told["segment"]
    members = audience(user, segment.conditions, segment.match)
    facts: list[tuple[Any, Any]] = [(_("现在的人数"), f"{members.count():,}")]
    if told["way"] == Way.SMS and told["text"]:
        count = _("%(length)d 字，每人 %(pieces)d 条计费") % {
            "length": len(as_text_message(told["text"])), "pieces": pieces(told["text"]),
        }  # fmt: skip
        facts.append((_("短信长度"), count))
        facts.append((_("完整短信"), as_text_message(told["text"])))
    return facts + _samples(told["text"], list(members.select_related("user").order_by("pk")[:3]))


def _samples(text: str, members: Sequence[Any]) -> list[tuple[Any, Any]]:
    """What the first of them would read, their names masked."""
    if not text:
        return []
    return [
        (_("例：会员 %(number)s") % {"number": one.number}, text.replace(NAME, masked_person(one.user)))
        for one in members
    ]


def _result(obj: Campaign) -> Table:
    told = result_of(obj)
    rows: list[tuple[Any, Any]] = [("目标人数", f"{obj.planned:,}")]
    rows += [
        (_MESSAGES[state], f"{told.states[state]:,}")
        for state in MessageState.values
        if told.states.get(state)
    ]
    rows += [
        (f"　其中：{_REASONS.get(why, why)}", f"{count:,}") for why, count in sorted(told.reasons.items())
    ]
    if obj.way == Way.WECHAT:
        rows.append(("改发短信", f"{told.by_text:,}"))
        rows.append(("点开", f"{told.opened:,}"))
        rows.append(("点开后 7 天内购买", f"{told.bought_after:,}"))
    rows.append(("7 天内购买", f"{told.bought:,}" + (f"（{told.rate}%）" if told.rate is not None else "")))
    if obj.way == Way.COUPON:
        rows.append(("已使用优惠券", f"{told.coupons_used:,}"))
    return Table("结果", ("", "人数"), rows)
