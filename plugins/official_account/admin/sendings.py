"""消息模板、模板消息: what is sent of an occasion, and what became of each message."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin
from saleor_o2o.backoffice.columns import column, moment, state, yes_no
from saleor_o2o.kernel.scope import rows_for

from ..models import Account, Consent, MessageKind, MessageTemplate, Occasion, Sending, SendingState
from ..permissions import CONTENT
from ..services import sending
from ..services.templates import WORDS, save_template
from . import fields
from .acting import AccountPage

_WORDS = "、".join(f"{word}（{label}）" for word, label in WORDS.items())


class TemplateForm(forms.Form):
    """A template as it stands in WeChat's console."""

    account = fields.row_of("公众号")
    occasion = fields.choice("场合", Occasion.choices)
    kind = fields.choice(
        "种类", MessageKind.choices, help_text="两种都有时发模板消息；订阅通知只发给在页面上点过“允许”的人"
    )
    template_id = fields.text("模板 ID", 64, help_text="微信公众平台“模板消息”或“订阅通知”的“我的模板”里复制")
    keywords = fields.lines(
        "字段", 1000, help_text=f"每行一个，模板里的字段=内容，例如 thing1=goods。内容可用：{_WORDS}"
    )
    link_url = fields.text(
        "点击打开", 300, required=False, help_text="页面的网址，{number} 换成订单号；留空则点不开"
    )
    is_active = fields.switch("启用")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, CONTENT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = self.fields["account"].initial or rows.first()


def _values(values: dict[str, Any]) -> dict[str, Any]:
    return {**values, "fields": values["keywords"]}


@admin.register(MessageTemplate)
class TemplateAdmin(AccountPage):
    """Templates of the accounts in reach."""

    list_display = ("c_occasion", "c_kind", "c_account", "template_id", "c_active", "result")
    list_display_links = ("c_occasion",)
    list_select_related = ("account",)
    list_filter = ("account", "occasion", "is_active")
    begins = (("新增模板", "add", "add_template", CONTENT),)
    details = (
        (
            None,
            (
                "c_account",
                "c_occasion",
                "c_kind",
                "template_id",
                "link_url",
                "c_active",
                "result",
                "c_fields",
            ),
        ),
    )

    c_account = column("account__name", "公众号")
    c_occasion = column("occasion", "场合", lambda value: str(Occasion(value).label))
    c_active = yes_no("is_active", "启用")
    c_kind = column("kind", "种类", lambda value: str(MessageKind(value).label))

    @admin.display(description="字段")
    def c_fields(self, obj: MessageTemplate) -> str:
        """Keyword and what stands there."""
        return "；".join(f"{name}：{WORDS.get(word, word)}" for name, word in obj.fields.items())

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-template/", self.add_template_view, "add_template"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: MessageTemplate) -> Any:
        return [self.door_to("修改", "edit", "edit", obj.pk)] if self.may(request, CONTENT, obj) else ()

    def add_template_view(self, request: HttpRequest) -> HttpResponse:
        """新增."""
        user: Any = request.user
        if not user.has_perm(CONTENT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            save_template(user, values.pop("account").pk, _values(values))
            return "已保存，以后的订单按它通知"

        form = TemplateForm(user, request.POST or None, initial={"is_active": True})
        return self.act(request, "新增消息模板", form, do, reverse(f"admin:{self._page('changelist')}"))

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改."""
        row = self.row(request, pk, CONTENT)

        def do(values: dict[str, Any]) -> str:
            values.pop("account")
            save_template(request.user, row.account_id, _values(values), pk)
            return "已保存"

        known = {
            name: getattr(row, name) for name in ("occasion", "kind", "template_id", "link_url", "is_active")
        }
        text = "\n".join(f"{keyword}={word}" for keyword, word in row.fields.items())
        form = TemplateForm(
            request.user, request.POST or None, initial={**known, "keywords": text, "account": row.account_id}
        )
        form.fields["account"].disabled = True
        return self.act(request, f"修改 {row}", form, do, self.page_of(pk))


@admin.register(Sending)
class SendingAdmin(AccountPage):
    """Messages of the accounts in reach: that they were sent, not what they said."""

    list_display = (
        "c_created",
        "c_occasion",
        "c_kind",
        "c_account",
        "c_fan",
        "c_state",
        "result",
        "attempts",
        "c_sent",
    )
    list_display_links = ("c_created",)
    list_select_related = ("account", "fan", "template")
    list_filter = ("account", "state", "template__occasion")
    details = (
        (None, ("c_occasion", "c_account", "c_fan", "c_state", "result", "attempts")),
        ("时间", ("c_created", "c_sent", "c_next", "msgid")),
    )

    c_account = column("account__name", "公众号")
    c_fan = column("fan__called", "粉丝", order=None)
    c_occasion = column("template__occasion", "场合", lambda value: str(Occasion(value).label))
    c_state = state("state", "状态", dict(SendingState.choices))
    c_kind = column("template__kind", "种类", lambda value: str(MessageKind(value).label))
    c_created = moment("created_at", "创建时间")
    c_sent = moment("sent_at", "发送时间")
    c_next = moment("next_at", "下次发送")

    def get_urls(self) -> list[Any]:
        return [self.own("<int:pk>/again/", self.again_view, "again"), *super().get_urls()]

    def doors(self, request: HttpRequest, obj: Sending) -> Any:
        if obj.state != SendingState.REFUSED or not self.may(request, CONTENT, obj):
            return ()
        return [self.door_to("重新发送", "send", "again", obj.pk)]

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """重新发送."""
        row = self.row(request, pk, CONTENT)

        def do(_values: dict[str, Any]) -> str:
            sending.send_again(request.user, pk)
            return "正在发送"

        form = forms.Form(request.POST or None)
        return self.act(request, f"重新发送 {row}", form, do, self.page_of(pk), facts=[("原因", row.result)])


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    """What the followers in reach have agreed to be told."""

    list_display = ("c_fan", "c_account", "template_id", "left", "given", "used", "c_refused", "c_changed")
    list_display_links = ("c_fan",)
    list_select_related = ("fan__account",)
    list_filter = ("template_id",)
    details = (
        (None, ("c_fan", "c_account", "template_id", "left", "given", "used", "c_refused", "c_changed")),
    )

    c_fan = column("fan__called", "粉丝", order=None)
    c_account = column("fan__account__name", "公众号")
    c_refused = moment("refused_at", "拒收时间")
    c_changed = moment("changed_at", "最近变化")

    def called(self, obj: Consent) -> str:
        return obj.fan.called
