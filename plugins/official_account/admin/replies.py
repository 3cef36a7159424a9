"""自动回复: rules of an account, each a form."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from saleor_o2o.backoffice.columns import column, moment, yes_no
from saleor_o2o.kernel.scope import rows_for

from ..models import Account, Material, MaterialState, Reply, ReplyForm, Trigger
from ..permissions import CONTENT
from ..services import replies
from . import fields
from .acting import AccountPage


class RuleForm(forms.Form):
    """When, and what."""

    account = fields.row_of("公众号")
    trigger = fields.choice("何时回复", Trigger.choices)
    words = fields.lines(
        "关键词", 1500, required=False, rows=3,
        help_text="一行一个；“点击菜单”填按钮的 KEY；其他不填。先看完全一致的，再看包含的，长的词优先",
    )  # fmt: skip
    form = fields.choice("回复形式", ReplyForm.choices)
    text = fields.lines(
        "文字", 2000, required=False, help_text='最多 2048 字节，约 680 个汉字；可以用 <a href="…">文字</a>'
    )
    media_id = fields.choice("图片", [], required=False, help_text="图片回复时选择；在“图片素材”里上传")
    title = fields.text("图文标题", 64, required=False)
    summary = fields.text("图文摘要", 120, required=False)
    picture_url = fields.text("图文封面网址", 300, required=False)
    link_url = fields.text("图文链接", 500, required=False)
    calls_staff = fields.switch("同时请人工回复", "自动回复后，这条来信仍进入客服的待回复，例如关键词“人工”")
    is_active = fields.switch("启用")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, CONTENT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = self.fields["account"].initial or rows.first()
        pictures = Material.objects.filter(account__in=rows, state=MaterialState.READY).order_by(
            "account", "-pk"
        )
        listed = pictures.values_list("media_id", "name", "account__name")
        several = len({account for _media, _name, account in listed}) > 1
        choices = [(media, f"{account} · {name}" if several else name) for media, name, account in listed]
        self.fields["media_id"].choices = [("", "—"), *choices]  # type: ignore[attr-defined]

    def clean_words(self) -> list[str]:
        """Each line is a word; so is what stands between commas."""
        return [word for word in re.split(r"[\n,，]", self.cleaned_data["words"]) if word.strip()]


@admin.register(Reply)
class ReplyAdmin(AccountPage):
    """Rules of the accounts in reach."""

    list_display = ("c_when", "c_account", "c_words", "c_form", "c_text", "c_active", "hits", "c_edited")
    list_display_links = ("c_when",)
    list_select_related = ("account",)
    list_filter = ("account", "trigger", "form", "is_active")
    search_fields = ("text", "title", "words")
    search_help_text = "回复内容、标题、关键词"
    begins = (("新增回复", "add", "add_rule", CONTENT),)
    details = (
        (None, ("c_account", "c_when", "c_words", "c_form", "c_staff", "c_active", "hits")),
        ("内容", ("text", "media_id", "title", "summary", "picture_url", "link_url")),
        ("时间", ("c_edited",)),
    )

    c_account = column("account__name", "公众号")
    c_when = column("trigger", "何时回复", lambda value: str(Trigger(value).label))
    c_words = column("words", "关键词", lambda words: "、".join(words), order=None)
    c_form = column("form", "形式", lambda value: str(ReplyForm(value).label))
    c_active = yes_no("is_active", "启用")
    c_staff = yes_no("calls_staff", "同时请人工回复")
    c_edited = moment("edited_at", "修改时间")

    @admin.display(description="内容")
    def c_text(self, obj: Reply) -> str:
        """The beginning."""
        shown = obj.title or obj.text or obj.media_id
        return shown if len(shown) <= 24 else f"{shown[:24]}…"

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-rule/", self.add_rule_view, "add_rule"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/remove/", self.remove_view, "remove"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: Reply) -> Any:
        if not self.may(request, CONTENT, obj):
            return ()
        return [
            self.door_to("修改", "edit", "edit", obj.pk),
            self.door_to("删除", "delete", "remove", obj.pk),
        ]

    def add_rule_view(self, request: HttpRequest) -> HttpResponse:
        """新增."""
        user: Any = request.user
        if not user.has_perm(CONTENT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            account = values.pop("account")
            replies.save_reply(user, account.pk, values)
            return "已保存，立即生效"

        form = RuleForm(user, request.POST or None, initial={"is_active": True})
        return self.act(request, "新增自动回复", form, do, reverse(f"admin:{self._page('changelist')}"))

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改."""
        reply = self.row(request, pk, CONTENT)

        def do(values: dict[str, Any]) -> str:
            values.pop("account")
            replies.save_reply(request.user, reply.account_id, values, pk)
            return "已保存，立即生效"

        known = {name: getattr(reply, name) for name in RuleForm.base_fields if name != "words"}
        form = RuleForm(
            request.user, request.POST or None, initial={**known, "words": "\n".join(reply.words)}
        )
        form.fields["account"].disabled = True
        form.fields["account"].initial = reply.account_id
        pictures: Any = form.fields["media_id"]
        if reply.media_id and reply.media_id not in dict(pictures.choices):
            pictures.choices = [*pictures.choices, (reply.media_id, f"（不在素材里）{reply.media_id[:16]}…")]
        return self.act(request, f"修改 {reply}", form, do, self.page_of(pk))

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """删除."""
        reply = self.row(request, pk, CONTENT)

        def do(_values: dict[str, Any]) -> str:
            replies.delete_reply(request.user, pk)
            return "已删除"

        back = reverse(f"admin:{self._page('changelist')}")
        form = forms.Form(request.POST or None)
        return self.act(request, f"删除 {reply}", form, do, back, facts=[("内容", reply.text or reply.title)])
