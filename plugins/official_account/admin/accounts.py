"""公众号: the list, one account with its figures, and what may be done with it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from plugins.org_hierarchy.interfaces import OrgUnit, may_unmask
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.scope import rows_for

from ..configuration import API, server_address
from ..errors import Code, OfficialAccountError
from ..figures import days_of, totals_of
from ..models import Account, AccountState, AccountType, PushMode
from ..permissions import MANAGE
from ..services import accounts
from ..services.templates import untold
from . import fields
from .acting import AccountPage

STATE = dict(AccountState.choices)


class AccountForm(forms.Form):
    """Everything of an account but its secrets."""

    name = fields.text("名称", 60)
    type = fields.choice("类型", AccountType.choices)
    unit = fields.row_of("所属机构", help_text="全市的填市中心；片区自己的公众号填片区中心")
    appid = fields.text("AppID", 32, help_text="微信公众平台“设置与开发 · 基本配置”，以 wx 开头")
    original_id = fields.text(
        "原始 ID", 32, required=False, help_text="以 gh_ 开头；填写后，发给别的公众号的消息会被拒收"
    )
    base_url = fields.text("接口地址", 200)
    daily_quota = fields.number(
        "每天最多发送模板消息",
        1,
        10_000_000,
        required=False,
        help_text="用完后第二天再发；微信给的额度见微信公众平台",
    )
    push_mode = fields.choice(
        "消息加解密方式", PushMode.choices, help_text="与微信公众平台“服务器配置”里选的一致，建议安全模式"
    )

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, MANAGE)
        self.fields["unit"].queryset = units.order_by("path")  # type: ignore[attr-defined]
        self.fields["base_url"].initial = self.fields["base_url"].initial or API


class AddForm(AccountForm):
    """A new account."""

    code = fields.text("代码", 32, help_text="小写字母、数字、短横线；微信按它找到我们，保存后不能改")
    secret = fields.secret("AppSecret", help_text="保存后加密，不再显示")
    token = fields.text("Token", 32, required=False, help_text="留空则自动生成")
    aes_key = fields.text("EncodingAESKey", 43, required=False, help_text="留空则自动生成")
    field_order = ("code", "name", "type", "unit", "appid", "secret", "original_id")


class SecretForm(forms.Form):
    """New secrets; what is left empty stays."""

    secret = fields.secret(
        "新的 AppSecret", required=False, help_text="在微信公众平台重置后填在这里；留空不变"
    )
    token = fields.text("新的 Token", 32, required=False, help_text="留空不变")
    aes_key = fields.text("新的 EncodingAESKey", 43, required=False, help_text="留空不变")


@admin.register(Account)
class AccountAdmin(AccountPage):
    """Accounts of the city and its areas."""

    list_display = ("c_name", "c_type", "c_unit", "appid", "c_state", "c_seen", "test_result")
    list_display_links = ("c_name",)
    list_select_related = ("unit",)
    search_fields = ("name", "code", "appid")
    search_help_text = "名称、代码、AppID"
    begins = (("新增公众号", "add", "add_account", MANAGE),)
    details = (
        (None, ("name", "code", "c_type", "c_unit", "appid", "original_id", "c_state", "push_mode")),
        ("消息模板", ("c_untold",)),
        ("接口", ("base_url", "c_server", "c_tested", "test_result", "c_seen", "c_created")),
    )

    c_name = column("name", "名称")
    c_unit = column("unit__name", "所属机构")
    c_type = column("type", "类型", lambda value: str(AccountType(value).label))
    c_state = state("state", "状态", STATE)
    c_tested = moment("tested_at", "最近测试")
    c_seen = moment("seen_at", "最近收到推送")
    c_created = moment("created_at", "创建时间")

    @admin.display(description="服务器地址(URL)")
    def c_server(self, obj: Account) -> str:
        """What is pasted into WeChat's console."""
        return server_address(obj.code)

    @admin.display(description="没有在用模板的场合")
    def c_untold(self, obj: Account) -> str:
        """Of these nobody gets a message: also of what came with a later version of the platform."""
        return "、".join(untold(obj)) or "没有，全部已配置"

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-account/", self.add_account_view, "add_account"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/secrets/", self.secrets_view, "secrets"),
            self.own("<int:pk>/test/", self.test_view, "test"),
            self.own("<int:pk>/state/", self.state_view, "state"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: Account) -> list[Table]:
        found = totals_of(obj)
        head = ("关注中", "累计关注", "已取消", "已成为会员", "48 小时内可发消息")
        days = [(day.day, day.new, day.gone, day.net, day.messages, day.answered) for day in days_of(obj)]
        return [
            Table("粉丝", head, [tuple(found)]),
            Table("最近 14 天", ("日期", "新关注", "取消关注", "净增", "收到消息", "自动回复"), days),
        ]

    def doors(self, request: HttpRequest, obj: Account) -> Any:
        if not self.may(request, MANAGE, obj):
            return ()
        words = "停用" if obj.is_active else "恢复使用"
        console = reverse("admin:o2o_org_hierarchy_staff_reveal", args=[obj._meta.label_lower, obj.pk])
        return [
            *([door("服务器配置", "dns", console)] if may_unmask(request.user, obj) else []),
            self.door_to("测试连接", "network_check", "test", obj.pk),
            self.door_to("修改", "edit", "edit", obj.pk),
            self.door_to("更换密钥", "key", "secrets", obj.pk),
            self.door_to(words, "block" if obj.is_active else "restart_alt", "state", obj.pk),
        ]

    def add_account_view(self, request: HttpRequest) -> HttpResponse:
        """新增."""
        user: Any = request.user
        if not user.has_perm(MANAGE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            unit = values.pop("unit")
            made = accounts.add_account(user, unit, values)
            return f"已添加“{made}”。请打开它，在“服务器配置”里取地址和密钥，填到微信公众平台"

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, "新增公众号", AddForm(user, request.POST or None), do, back)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改."""
        account = self.row(request, pk, MANAGE)

        def do(values: dict[str, Any]) -> str:
            accounts.edit_account(request.user, pk, values.pop("unit"), values)
            return "已保存"

        known = {name: getattr(account, name) for name in AccountForm.base_fields}
        form = AccountForm(request.user, request.POST or None, initial=known)
        return self.act(request, f"修改 {account}", form, do, self.page_of(pk))

    def secrets_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """更换密钥."""
        account = self.row(request, pk, MANAGE)

        def do(values: dict[str, Any]) -> str:
            accounts.change_secrets(request.user, pk, values)
            return "新密钥已生效"

        note = "立即生效。更换 Token 或 EncodingAESKey 后，请马上到微信公众平台“服务器配置”里填同样的值。"
        form = SecretForm(request.POST or None)
        return self.act(request, f"更换 {account} 的密钥", form, do, self.page_of(pk), note=note)

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A call that changes nothing."""
        account = self.row(request, pk, MANAGE)

        def do(_values: dict[str, Any]) -> str:
            fits, words = accounts.test_account(account)
            if not fits:
                raise OfficialAccountError(Code.WECHAT_REFUSED, words)
            return words

        note = "向微信要一次访问凭证，并查询微信的服务器地址，不影响任何业务。"
        return self.act(
            request, f"测试 {account}", forms.Form(request.POST or None), do, self.page_of(pk), note=note
        )

    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """停用, or 恢复使用."""
        account = self.row(request, pk, MANAGE)
        stop = account.is_active

        def do(_values: dict[str, Any]) -> str:
            (accounts.retire_account if stop else accounts.revive_account)(request.user, pk)
            return "已停用" if stop else "已恢复使用"

        note = "停用后不再接收和回复消息，已有的粉丝、消息和数据保留。" if stop else ""
        title = f"停用 {account}" if stop else f"恢复使用 {account}"
        return self.act(request, title, forms.Form(request.POST or None), do, self.page_of(pk), note=note)
