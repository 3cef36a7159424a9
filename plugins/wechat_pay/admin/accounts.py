"""微信商户号: the list, one account with its keys, and what may be proposed about it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.widgets import UnfoldAdminSelectWidget

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, column, moment, state
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.scope import policy_for, rows_for

from ..configuration import OFFICIAL_GATEWAYS
from ..error_codes import WechatPayErrorCode
from ..errors import WechatPayError
from ..keyring import notify_address
from ..models import AccountKey, AccountState, KeyKind, MerchantAccount
from ..permissions import PROPOSE
from ..services import changes
from ..services.accounts import test_account
from .acting import ActingAdmin, choice, pem, reason, secret, switch, text, who

STATE = dict(AccountState.choices)
PROPOSED = "已提交，等待另一位同事复核"


class AccountForm(forms.Form):
    """Everything of an account but its keys."""

    name = text("账户名称", 60)
    appid = text("AppID（公众号）", 32)
    mini_appid = text("AppID（小程序）", 32, required=False)
    unit = forms.ModelChoiceField(
        label="所属机构", queryset=OrgUnit.objects.none(), required=False, widget=UnfoldAdminSelectWidget,
        help_text="该机构及下级的订单由此账户收款；全市填市中心",
    )  # fmt: skip
    seller = text(
        "商家代码", 64, required=False, help_text="只收某个商家的货款时填写，多商家购物车会合单付款"
    )
    base_url = text("接口地址", 200)
    notify_url = text("通知地址", 255, required=False, help_text="留空则按本站地址生成")
    is_default = switch("默认账户", "没有更合适的账户时由它收款")
    shares = switch("支持分账", "下单时带上分账标记，资金最多冻结 30 天")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = rows_for(user, OrgUnit, PROPOSE)
        self.fields["unit"].queryset = units.order_by("path")  # type: ignore[attr-defined]
        self.fields["base_url"].initial = self.fields["base_url"].initial or OFFICIAL_GATEWAYS[0]


class AddForm(AccountForm):
    """A new account with its first keys."""

    code = text("账户代码", 64, help_text="小写字母、数字、短横线，保存后不能改")
    mchid = text("商户号", 12)
    serial = text("商户证书序列号", 40, help_text="40 位十六进制")
    private_key = pem("商户私钥", help_text="apiclient_key.pem 的全文；保存后加密，不再显示")
    apiv3_key = secret("APIv3 密钥", help_text="32 位；保存后加密，不再显示")
    public_key_id = text(
        "微信支付公钥 ID", 80, required=False, help_text="以 PUB_KEY_ID_ 开头；留空则用平台证书"
    )
    public_key = pem("微信支付公钥", required=False)
    reason = reason()
    field_order = ("code", "name", "mchid", "appid", "mini_appid")


class EditForm(AccountForm):
    """Other values."""

    reason = reason()


class KeyForm(forms.Form):
    """A key beside those in force."""

    kind = choice("种类", KeyKind.choices)
    serial = text("序列号 / 公钥 ID", 80, required=False, help_text="APIv3 密钥不填")
    value = pem("内容", help_text="私钥、公钥、证书的 PEM 全文，或 32 位 APIv3 密钥；保存后加密，不再显示")
    reason = reason()


class ReasonForm(forms.Form):
    """Why."""

    reason = reason()


def _values(cleaned: dict[str, Any]) -> dict[str, Any]:
    unit = cleaned.pop("unit", None)
    return {
        **{name: value for name, value in cleaned.items() if name != "reason"},
        "unit_id": unit.pk if unit else None,
    }


@admin.register(MerchantAccount)
class MerchantAccountAdmin(ActingAdmin):
    """Accounts. Nothing is changed here at once: a second person decides."""

    list_display = (
        "c_name",
        "mchid",
        "c_unit",
        "seller",
        "c_default",
        "c_shares",
        "c_state",
        "c_tested",
        "test_result",
    )
    list_display_links = ("c_name",)
    list_select_related = ("unit",)
    search_fields = ("name", "mchid", "code", "seller")
    search_help_text = "名称、商户号、代码、商家"
    details = (
        (
            None,
            (
                "code",
                "name",
                "mchid",
                "c_state",
                "appid",
                "mini_appid",
                "c_unit",
                "seller",
                "c_default",
                "c_shares",
            ),
        ),
        ("地址", ("base_url", "c_notify")),
        ("时间", ("c_from", "c_to", "c_tested", "test_result")),
    )

    c_name = column("name", "账户名称")
    c_unit = column("unit", "所属机构", lambda unit: unit.name if unit else "全市")
    c_default = column("is_default", "默认", lambda yes: "是" if yes else "—")
    c_shares = column("shares", "分账", lambda yes: "支持" if yes else "—")
    c_state = state("state", "状态", STATE)
    c_from = moment("valid_from", "启用时间")
    c_to = moment("valid_to", "停用时间")
    c_tested = moment("tested_at", "最近测试")

    @admin.display(description="通知地址")
    def c_notify(self, obj: MerchantAccount) -> str:
        """Where WeChat tells of its payments."""
        return obj.notify_url or notify_address(obj.code)

    def get_urls(self) -> list[Any]:
        return [
            self.own("add-account/", self.add_account_view, "add_account"),
            self.own("<int:pk>/test/", self.test_view, "test"),
            self.own("<int:pk>/edit/", self.edit_view, "edit"),
            self.own("<int:pk>/key/", self.key_view, "key"),
            self.own("<int:pk>/retire/", self.retire_view, "retire"),
            self.own("<int:pk>/key/<int:key>/retire/", self.key_end_view, "key_end"),
            *super().get_urls(),
        ]

    def tables(self, request: HttpRequest, obj: MerchantAccount) -> list[Table]:
        from django.utils.html import format_html

        moment_now, may = now(), policy_for(MerchantAccount).may(request.user, PROPOSE, obj)
        rows = []
        for key in obj.keys.order_by("kind", "-valid_from"):
            counts = key.in_force(moment_now)
            end = reverse(f"admin:{self._page('key_end')}", args=[obj.pk, key.pk])
            todo: Any = format_html('<a class="o2o-link" href="{}">停用</a>', end) if counts and may else "—"
            rows.append(
                (key.get_kind_display(), key.serial or "—", f"••••{key.fingerprint[-6:]}", at(key.valid_from),
                 at(key.valid_to), "有效" if counts else "已失效", todo)
            )  # fmt: skip
        headers = ("种类", "序列号 / 公钥 ID", "指纹", "生效", "失效", "状态", "操作")
        waiting = [
            (
                change.get_kind_display(),
                change.get_state_display(),
                who(change.proposer),
                at(change.proposed_at),
                change.reason,
            )
            for change in obj.changes.select_related("proposer").order_by("-pk")[:20]
        ]  # fmt: skip
        return [
            Table("密钥（内容加密保存，任何人都看不到）", headers, rows),
            Table("变更记录", ("事项", "状态", "申请人", "申请时间", "原因"), waiting),
        ]

    def doors(self, request: HttpRequest, obj: MerchantAccount) -> Any:
        if not policy_for(MerchantAccount).may(request.user, PROPOSE, obj):
            return ()
        active = obj.state == AccountState.ACTIVE
        return [
            door(words, icon, reverse(f"admin:{self._page(name)}", args=[obj.pk]))
            for words, icon, name in (
                ("测试连接", "network_check", "test"),
                ("更换密钥", "key", "key"),
                ("修改", "edit", "edit"),
                ("停用" if active else "恢复使用", "block" if active else "restart_alt", "retire"),
            )
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        user: Any = request.user
        context = getattr(response, "context_data", None)
        if context is not None and user.has_perm(PROPOSE):
            button = door("新增商户号", "add", reverse(f"admin:{self._page('add_account')}"))
            context["actions_list"] = [*context.get("actions_list", ()), button]
        return response

    def add_account_view(self, request: HttpRequest) -> HttpResponse:
        """新增."""
        user: Any = request.user
        if not user.has_perm(PROPOSE):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            changes.propose_account(user, _values(dict(values)), values["reason"])
            return PROPOSED

        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, "新增微信商户号", AddForm(user, request.POST or None), do, back)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """修改."""
        account, user = self._mine(request, pk), request.user

        def do(values: dict[str, Any]) -> str:
            changes.propose_edit(user, account, _values(dict(values)), values["reason"])
            return PROPOSED

        known = {name: getattr(account, name) for name in EditForm.base_fields if hasattr(account, name)}
        form = EditForm(user, request.POST or None, initial=known)
        return self.act(request, f"修改 {account}", form, do, self._back(pk))

    def key_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """更换密钥."""
        account, user = self._mine(request, pk), request.user

        def do(values: dict[str, Any]) -> str:
            changes.propose_key(
                user, account, values["kind"], values["serial"], values["value"], values["reason"]
            )
            return PROPOSED

        intro = "新密钥复核后立即生效，旧密钥同时有效；确认微信侧切换完成后，再申请停用旧密钥。"
        return self.act(
            request, f"{account} 更换密钥", KeyForm(request.POST or None), do, self._back(pk), intro
        )

    def key_end_view(self, request: HttpRequest, pk: int, key: int) -> HttpResponse:
        """停用旧密钥."""
        account, user = self._mine(request, pk), request.user
        row = AccountKey.objects.filter(pk=key, account=account).first()
        if row is None:
            return HttpResponseRedirect(self._back(pk))

        def do(values: dict[str, Any]) -> str:
            changes.propose_key_end(user, row, values["reason"])
            return PROPOSED

        return self.act(request, f"停用 {row}", ReasonForm(request.POST or None), do, self._back(pk))

    def retire_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """停用, or 恢复使用."""
        account, user = self._mine(request, pk), request.user
        retire = account.state == AccountState.ACTIVE

        def do(values: dict[str, Any]) -> str:
            changes.propose_state(user, account, retire=retire, reason=values["reason"])
            return PROPOSED

        title = f"停用 {account}" if retire else f"恢复使用 {account}"
        intro = "停用后不再用它收新的款；已经收的仍可查询、退款、对账。" if retire else ""
        return self.act(request, title, ReasonForm(request.POST or None), do, self._back(pk), intro)

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A signed call that changes nothing."""
        account = self._mine(request, pk)

        def do(_values: dict[str, Any]) -> str:
            fits, words = test_account(account)
            if not fits:
                raise WechatPayError(WechatPayErrorCode.INVALID, None, words)
            return words

        intro = "向微信支付发一次不影响业务的签名请求，核对双方的密钥。"
        return self.act(
            request, f"测试 {account}", forms.Form(request.POST or None), do, self._back(pk), intro
        )

    def _mine(self, request: HttpRequest, pk: int) -> MerchantAccount:
        account: MerchantAccount = self.row(request, pk)
        if not policy_for(MerchantAccount).may(request.user, PROPOSE, account):
            raise PermissionDenied
        return account

    def _back(self, pk: int) -> str:
        return reverse(f"admin:{self._page('change')}", args=[pk])
