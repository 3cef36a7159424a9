"""菜单: edited beside a telephone that shows it, published by a task that says what WeChat said."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.kernel.scope import rows_for

from ..menu_rules import (
    BELOW,
    BELOW_BYTES,
    BELOW_SHOWN,
    PLATFORMS,
    TOP,
    TOP_BYTES,
    TOP_SHOWN,
    TYPES,
    cut_names,
)
from ..menu_rules import keys_of as menu_keys
from ..models import Account, Menu, MenuKind, MenuState, Reply, Tag, Trigger
from ..permissions import CONTENT, PUBLISH
from ..services import menus
from . import fields
from .acting import AccountPage

MOST_JSON = 40_000


class MenuForm(forms.Form):
    """A menu: its buttons come as JSON from the editor beside the telephone."""

    account = fields.row_of("公众号")
    kind = fields.choice("种类", MenuKind.choices)
    name = fields.text("名称", 40, help_text="只在后台显示")
    tag_id = forms.TypedChoiceField(
        label="给谁看：标签", required=False, coerce=int, empty_value=None, widget=UnfoldAdminSelectWidget,
        help_text="个性化菜单选标签或手机系统，至少一项；标签在“粉丝标签”里新建",
    )  # fmt: skip
    platform = fields.choice("给谁看：手机系统", [("", "不限"), *PLATFORMS.items()], required=False)
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput)
    buttons = forms.CharField(max_length=MOST_JSON, required=False, widget=forms.HiddenInput)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, CONTENT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = self.fields["account"].initial or rows.first()
        found = (
            Tag.objects.filter(account__in=rows).select_related("account").order_by("account", "remote_id")
        )
        several = len({tag.account_id for tag in found}) > 1
        choices = [(tag.remote_id, f"{tag.name}（{tag.account}）" if several else tag.name) for tag in found]
        known = kwargs.get("initial", {}).get("tag_id")
        if known is not None and known not in dict(choices):
            choices.append((known, f"（已删除的标签 {known}）"))
        self.fields["tag_id"].choices = [("", "不限"), *choices]  # type: ignore[attr-defined]

    def clean_buttons(self) -> Any:
        """What the editor sent; anything else is a menu without buttons."""
        return _read(self.cleaned_data["buttons"])


def _read(text: str) -> Any:
    try:
        return json.loads(text or "[]")
    except (ValueError, RecursionError):
        return []


@admin.register(Menu)
class MenuAdmin(AccountPage):
    """Menus of the accounts in reach."""

    act_template = "o2o_official_account/menu.html"
    list_display = ("name", "c_account", "c_kind", "c_state", "c_current", "result", "c_published", "c_by")
    list_display_links = ("name",)
    list_select_related = ("account", "published_by")
    list_filter = ("account", "kind", "state")
    begins = (("新增菜单", "add", "add_menu", CONTENT),)
    details = (
        (
            None,
            ("name", "c_account", "c_kind", "c_for", "c_state", "c_current", "result", "c_published", "c_by"),
        ),
    )

    c_account = column("account__name", "公众号")
    c_kind = column("kind", "种类", lambda value: str(MenuKind(value).label))
    c_state = state("state", "状态", dict(MenuState.choices))
    c_published = moment("published_at", "发布时间")
    c_by = column("published_by__first_name", "发布人")

    @admin.display(description="粉丝看到的")
    def c_current(self, obj: Menu) -> str:
        """Whether what stands here is what people see."""
        if not obj.published_revision:
            return "尚未发布"
        return "与此一致" if obj.published_revision == obj.revision else "旧版本，有未发布的修改"

    @admin.display(description="给谁看")
    def c_for(self, obj: Menu) -> str:
        """The rule of a personalised menu."""
        if obj.kind == MenuKind.ORDINARY:
            return "所有粉丝"
        parts = []
        if obj.tag_id is not None:
            tag = Tag.objects.filter(account_id=obj.account_id, remote_id=obj.tag_id).first()
            parts.append(f"标签“{tag}”" if tag else f"标签 {obj.tag_id}（微信上已没有）")
        if obj.platform:
            parts.append(str(PLATFORMS[obj.platform]))
        return "，".join(parts)

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-menu/", self.add_menu_view, "add_menu"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/publish/", self.publish_view, "publish"),
            self.own("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Menu) -> list[Table]:
        rows: list[tuple[Any, ...]] = []
        for top in obj.buttons:
            for one in top.get("sub_button") or (top,):
                words = TYPES[one["type"]][0] if one.get("type") in TYPES else "—"
                leads = one.get("url") or one.get("key") or one.get("media_id") or one.get("pagepath") or ""
                rows.append(
                    (top.get("name", ""), one.get("name", "") if one is not top else "—", words, leads)
                )
        return [Table("按钮", ("一级", "二级", "点击后", "内容"), rows)]

    def doors(self, request: HttpRequest, obj: Menu) -> Any:
        found = []
        if self.may(request, CONTENT, obj):
            found.append(self.door_to("修改", "edit", "edit", obj.pk))
        if self.may(request, PUBLISH, obj):
            found.append(self.door_to("发布", "send_to_mobile", "publish", obj.pk))
            if obj.published_revision:
                found.append(self.door_to("撤下", "remove_from_queue", "withdraw", obj.pk))
        return found

    def add_menu_view(self, request: HttpRequest) -> HttpResponse:
        """新增."""
        user: Any = request.user
        if not user.has_perm(CONTENT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            account = values.pop("account")
            menus.save_menu(user, account.pk, values)
            return "已保存。请在菜单页点“发布”，粉丝才会看到"

        form = MenuForm(user, request.POST or None, initial={"name": "默认菜单", "buttons": "[]"})
        return self._edit(request, "新增菜单", form, do, reverse(f"admin:{self._page('changelist')}"), [])

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改."""
        menu = self.row(request, pk, CONTENT)

        def do(values: dict[str, Any]) -> str:
            values.pop("account")
            menus.save_menu(request.user, menu.account_id, values, pk, revision=values.pop("revision"))
            return "已保存。请点“发布”，粉丝才会看到新的菜单"

        known = {
            "account": menu.account_id, "kind": menu.kind, "name": menu.name, "tag_id": menu.tag_id,
            "platform": menu.platform, "revision": menu.revision,
        }  # fmt: skip
        form = MenuForm(request.user, request.POST or None, initial=known)
        for fixed in ("account", "kind"):
            form.fields[fixed].disabled = True
        return self._edit(request, f"修改 {menu}", form, do, self.page_of(pk), menu.buttons)

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """发布."""
        menu = self.row(request, pk, PUBLISH)

        def do(_values: dict[str, Any]) -> str:
            menus.ask_publish(request.user, pk)
            return "正在发布，请稍后刷新查看结果。手机上最多 5 分钟后更新；重新关注可立即看到"

        notes = [f"手机上显示不全：{'、'.join(cut_names(menu.buttons))}"] if cut_names(menu.buttons) else []
        silent = self._unanswered(menu)
        if silent:
            notes.append(f"还没有自动回复的 KEY：{'、'.join(silent)}")
        return self._plain(request, f"发布 {menu}", do, pk, "。".join(notes))

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """撤下."""
        menu = self.row(request, pk, PUBLISH)

        def do(_values: dict[str, Any]) -> str:
            menus.ask_withdraw(request.user, pk)
            return "正在撤下"

        note = "撤下默认菜单时，个性化菜单会一起消失。" if menu.kind == MenuKind.ORDINARY else ""
        return self._plain(request, f"撤下 {menu}", do, pk, note)

    def _plain(self, request: HttpRequest, title: str, do: Any, pk: int, note: str) -> HttpResponse:
        response = self.act(request, title, forms.Form(request.POST or None), do, self.page_of(pk), note=note)
        if hasattr(response, "template_name"):
            response.template_name = "o2o_backoffice/act.html"
        return response

    def _edit(
        self, request: HttpRequest, title: str, form: MenuForm, do: Any, back: str, buttons: Any
    ) -> HttpResponse:
        response = self.act(request, title, form, do, back)
        context = getattr(response, "context_data", None)
        if context is not None:
            # what was refused is gone from the cleaned values, and must still stand in the editor
            typed = _read(form.data.get("buttons", "")) if form.is_bound else None
            context["menu"] = {
                "buttons": buttons if typed is None else typed,
                "types": {
                    kind: {"words": str(words), "needs": needs} for kind, (words, needs) in TYPES.items()
                },
                "limits": {
                    "top": TOP,
                    "below": BELOW,
                    "topBytes": TOP_BYTES,
                    "belowBytes": BELOW_BYTES,
                    "topShown": TOP_SHOWN,
                    "belowShown": BELOW_SHOWN,
                },
            }
        return response

    def _unanswered(self, menu: Menu) -> list[str]:
        answered = {
            word
            for words in Reply.objects.filter(
                account=menu.account, trigger=Trigger.CLICK, is_active=True
            ).values_list("words", flat=True)
            for word in words
        }
        return sorted(menu_keys(menu.buttons) - answered)
