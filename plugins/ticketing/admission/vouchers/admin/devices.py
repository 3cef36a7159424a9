"""检票设备: registered, keyed anew, opened and closed from afar; which are away, whose clock is off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldBooleanSwitchWidget

from plugins.org_hierarchy.interfaces import may_at
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.base import Table
from saleor_o2o.backoffice.columns import at, badge, column, moment, yes_no
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.scope import rows_for

from ...models import Device, Gate, Scan
from ..access import DEVICE_EDIT, DEVICE_SWITCH
from ..choices import Answer, DeviceKind, GateDirection
from ..places import unit_of
from ..services.devices import AWAY, BAD_CLOCK, change_device, register_device, rekey_device, switch_device

LIFE = {"online": "在线", "away": "离线", "never": "未上线", "off": "停用", "closed": "已关闭"}
ANSWER = dict(Answer.choices)


def life_of(device: Device) -> str:
    """Whether it is heard of."""
    if not device.active:
        return "off"
    if device.seen_at is None:
        return "never"
    if now() - device.seen_at > AWAY:
        return "away"
    return "online" if device.is_open else "closed"


class DeviceForm(forms.Form):
    """What a device is for."""

    name = forms.CharField(label=_("名称"), max_length=60, widget=UnfoldAdminTextInputWidget())
    direction = forms.ChoiceField(
        label=_("方向"), choices=GateDirection.choices, widget=UnfoldAdminSelectWidget()
    )
    reentry = forms.BooleanField(
        label=_("离场后可再次入场"), required=False, widget=UnfoldBooleanSwitchWidget()
    )
    trusts = forms.BooleanField(
        label=_("脱机时放行名单外的有效签名"), required=False, widget=UnfoldBooleanSwitchWidget(),
        help_text=_("名单下载之后售出的票也能入场；事后按最早一次检票核对"),
    )  # fmt: skip
    active = forms.BooleanField(
        label=_("启用"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget()
    )


class RekeyForm(forms.Form):
    """How long the old key is good beside the new one, and why there is a new one."""

    overlap = forms.TypedChoiceField(
        label=_("旧密钥再用多久"), coerce=int, initial=30, widget=UnfoldAdminSelectWidget(),
        choices=((30, _("30 分钟")), (120, _("2 小时")), (1440, _("24 小时")), (0, _("立即失效（丢失、被盗、泄露）"))),
        help_text=_("其间闸机照常检票；一用上新密钥，旧密钥随即失效"),
    )  # fmt: skip
    reason = forms.CharField(
        label=_("事由"), max_length=200, widget=UnfoldAdminTextInputWidget(), help_text=_("会记入审计")
    )


class NewDeviceForm(DeviceForm):
    """A new one, at a gate in reach."""

    field_order = ("gate", "code", "name", "kind")
    code = forms.SlugField(label=_("设备号"), max_length=40, widget=UnfoldAdminTextInputWidget())
    kind = forms.ChoiceField(label=_("种类"), choices=DeviceKind.choices, widget=UnfoldAdminSelectWidget())
    gate = forms.ChoiceField(label=_("检票口"), widget=UnfoldAdminSelectWidget())

    def __init__(self, *args: Any, gates: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["gate"].choices = list(gates)  # type: ignore[attr-defined]


@admin.register(Device)
class DeviceAdmin(ActingAdmin):
    """Devices of the places in reach. Their secrets are shown once and never again."""

    begins = ((_("登记设备"), "add", "register", DEVICE_EDIT),)
    list_display = (
        "code", "name", "c_kind", "c_gate", "c_life", "c_seen", "c_skew", "waiting", "c_list", "c_direction",
    )  # fmt: skip
    list_display_links = ("code",)
    list_select_related = ("gate__spot", "gate__venue", "unit")
    list_filter = ("kind", "active", "is_open")
    search_fields = ("code", "name", "gate__code")
    search_help_text = _("设备号、名称、检票口代码")
    ordering = ("code",)
    details = (
        (
            None,
            (
                "code", "name", "c_kind", "c_gate", "c_unit", "c_life", "c_direction", "c_reentry", "c_trusts",
                "c_seen", "c_skew", "software", "waiting", "c_list", "c_key", "c_made",
            ),
        ),
    )  # fmt: skip

    c_unit = column("unit__name", "归口机构", order="unit__path")
    c_seen = moment("seen_at", "最近心跳")
    c_list = moment("list_at", "名单下载")
    c_made = moment("made_at", "登记时间")
    c_reentry = yes_no("reentry", "可再次入场")
    c_trusts = yes_no("trusts", "脱机信任签名")

    @admin.display(description=_("种类"))
    def c_kind(self, row: Device) -> str:
        return str(row.get_kind_display())

    @admin.display(description=_("方向"))
    def c_direction(self, row: Device) -> str:
        return str(row.get_direction_display())

    @admin.display(description=_("检票口"))
    def c_gate(self, row: Device) -> str:
        return row.gate.words

    @admin.display(description=_("状态"))
    def c_life(self, row: Device) -> Any:
        return badge(life_of(row), LIFE)

    @admin.display(description=_("时钟偏差"), ordering="skew_ms")
    def c_skew(self, row: Device) -> str:
        if row.skew_at is None:
            return "—"
        seconds = row.skew_ms / 1000
        words = f"{seconds:+.1f} 秒"
        return f"{words}（请校时）" if abs(seconds) > BAD_CLOCK.total_seconds() else words

    @admin.display(description=_("密钥"))
    def c_key(self, row: Device) -> str:
        if not row.old_secret or row.old_until is None:
            return str(_("已启用"))
        if row.old_until <= now():
            return str(_("新密钥还没有用过，旧密钥已失效"))
        return str(_("新密钥还没有用过，旧密钥有效至 %(until)s") % {"until": at(row.old_until)})

    def tables(self, request: HttpRequest, obj: Device) -> Sequence[Table]:
        scans = rows_for(request.user, Scan).filter(device=obj).select_related("voucher")[:20]
        return [
            Table(
                str(_("最近检票")), ("时间", "结果", "内容", "放行", "脱机"),
                [
                    (at(one.at), badge(one.answer, ANSWER), one.voucher.title if one.voucher else "—", one.admitted,
                     "是" if one.offline else "否")
                    for one in scans
                ],
            )
        ]  # fmt: skip

    def doors(self, request: HttpRequest, obj: Device) -> Sequence[Mapping[str, Any]]:
        found = []
        if self.may(request, DEVICE_SWITCH, obj):
            words = _("关闭检票口") if obj.is_open else _("开放检票口")
            found.append(door(words, "door_front", self.address("switch", obj.pk)))
        if self.may(request, DEVICE_EDIT, obj):
            found.append(door(_("设置"), "settings", self.address("set", obj.pk)))
            found.append(door(_("更换密钥"), "key", self.address("rekey", obj.pk)))
        return found

    def get_urls(self) -> list[Any]:
        return [
            self.own("register/", self.register_view, "register"),
            self.own("<int:pk>/set/", self.set_view, "set"),
            self.own("<int:pk>/switch/", self.switch_view, "switch"),
            self.own("<int:pk>/rekey/", self.rekey_view, "rekey"),
            *super().get_urls(),
        ]

    def register_view(self, request: HttpRequest) -> HttpResponse:
        """A new device; its secret is shown once."""
        user: Any = request.user
        if not user.has_perm(DEVICE_EDIT):
            raise PermissionDenied
        gates = {
            gate.code: gate
            for gate in rows_for(user, Gate.objects.select_related("spot__unit", "venue__unit"))[:500]
            if may_at(user, DEVICE_EDIT, unit_of(gate))
        }
        choices = [(code, gate.words) for code, gate in sorted(gates.items())]
        form = NewDeviceForm(request.POST if request.method == "POST" else None, gates=choices)
        if request.method == "POST" and form.is_valid():
            told = dict(form.cleaned_data)
            try:
                device, secret = register_device(user, gates[told.pop("gate")], **told)
            except DomainError as error:
                form.add_error(error.field if error.field in form.fields else None, error.in_words)
            else:
                return self._secret(request, device, secret)
        return self.act(
            request, _("登记检票设备"), form, lambda _told: "", reverse(f"admin:{self._page('changelist')}"),
            only_look=True, note=_("密钥只显示一次，请直接录入设备。"),
        )  # fmt: skip

    def rekey_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new secret; the gate goes on with the old one for a while."""
        row: Device = self.row(request, pk, DEVICE_EDIT)
        form = RekeyForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            overlap = timedelta(minutes=form.cleaned_data["overlap"])
            device, secret = rekey_device(
                request.user, pk, overlap=overlap, reason=form.cleaned_data["reason"]
            )
            return self._secret(request, device, secret)
        return self.act(
            request, f"{_('更换密钥')} {row.code}", form, lambda _told: "", self.page_of(pk), only_look=True,
            note=_("请在旧密钥失效前把新密钥录入设备，过期未录入的不能再检票。新密钥只显示一次。"),
        )  # fmt: skip

    def _secret(self, request: HttpRequest, device: Device, secret: str) -> HttpResponse:
        facts: tuple[tuple[Any, Any], ...] = ((_("设备号"), device.code), (_("密钥"), secret))
        if device.old_until is not None:
            facts = (*facts, (_("旧密钥有效至"), at(device.old_until)))
        response = self.act(
            request, _("设备密钥"), forms.Form(), lambda _told: "", self.page_of(device.pk), facts=facts, buttons=(),
            only_look=True, note=_("离开本页后不再显示。"),
        )  # fmt: skip
        response["Cache-Control"] = "no-store"
        return response

    def set_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What it is for."""
        row: Device = self.row(request, pk, DEVICE_EDIT)
        initial = {name: getattr(row, name) for name in DeviceForm.base_fields}
        form = DeviceForm(request.POST if request.method == "POST" else None, initial=initial)

        def do(told: dict[str, Any]) -> str:
            change_device(request.user, pk, **told)
            return str(_("已保存，设备下次心跳时生效"))

        return self.act(request, f"{_('设置')} {row.code}", form, do, self.page_of(pk))

    def switch_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Open or close."""
        row: Device = self.row(request, pk, DEVICE_SWITCH)
        form = forms.Form(request.POST if request.method == "POST" else None)
        opens = not row.is_open

        def do(told: dict[str, Any]) -> str:
            switch_device(request.user, pk, is_open=opens)
            return str(_("已开放") if opens else _("已关闭"))

        title = _("开放检票口") if opens else _("关闭检票口")
        return self.act(
            request, f"{title} {row.name}", form, do, self.page_of(pk), facts=((_("检票口"), row.gate),)
        )
