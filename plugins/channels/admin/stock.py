"""设备 and 物料."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms as django_forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from plugins.org_hierarchy.interfaces import OrgUnit, access_of
from saleor_o2o.backoffice.admin.base import ReadOnlyAdmin, ScopedAdmin, Table
from saleor_o2o.backoffice.admin.naming import NamesActors
from saleor_o2o.backoffice.columns import at, badge, column, link_to, moment
from saleor_o2o.backoffice.doors import door
from saleor_o2o.kernel.audit import directory
from saleor_o2o.kernel.errors import DomainError
from saleor_o2o.kernel.request import actor_label, bind_request
from saleor_o2o.kernel.scope import OutOfScope, get_row, require

from ..errors import ChannelError, ChannelErrorCode
from ..models import Channel, Device, DeviceState, Material, MaterialMovement, MaterialStock
from ..services import materials
from ..services.devices import move_device
from . import forms
from .city import CityAdmin
from .steps import Step, StepPages, moves_of

STATE = dict(DeviceState.choices)
#: Movements shown on the page of a stock.
MOVES = 30
S = DeviceState


def _channel(request: HttpRequest, code: str) -> Channel | None:
    """A channel in scope that this person may change, by code."""
    if not code.strip():
        return None
    user: Any = request.user
    try:
        found = get_row(user, Channel.objects.select_related("unit"), code=code.strip().upper())
    except OutOfScope as error:
        raise ChannelError(ChannelErrorCode.NOT_FOUND, _("渠道不存在或不在您的范围内"), "channel") from error
    require(user, "channel.edit", found)
    return found


def _device_step(name: str, label: Any, *states: str) -> Step:
    def run(request: HttpRequest, row: Device, data: dict[str, Any]) -> None:
        move_device(row, name, channel=_channel(request, data["channel"]), reason=data["reason"])

    return Step(name, label, "channel.edit", forms.DeviceForm, run, lambda row: row.state in states)


class UnitForm(django_forms.ModelForm):  # type: ignore[type-arg]
    """A device of a unit, given by its code."""

    unit_code = forms.text(_("机构代码"))
    user: Any = None

    class Meta:
        model = Device
        fields = ("serial", "kind", "model", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["unit_code"].initial = self.instance.unit.code
            self.fields["unit_code"].disabled = True

    def clean_unit_code(self) -> OrgUnit:
        """The unit, where this person may write channels."""
        unit = OrgUnit.objects.filter(code=self.cleaned_data["unit_code"].strip()).first()
        if unit is None or not (self.user.is_superuser or access_of(self.user).may_at("channel.edit", unit)):
            raise django_forms.ValidationError(_("机构不存在或不在您的范围内"))
        self.instance.unit = unit
        return unit


@admin.register(Device)
class DeviceAdmin(StepPages, ScopedAdmin):
    """Devices of units and their channels."""

    form = UnitForm
    steps = (
        _device_step("hand_out", _("领用"), S.STORED),
        _device_step("take_back", _("收回"), S.HANDED),
        _device_step("send_to_repair", _("送修"), S.STORED, S.HANDED),
        _device_step("mend", _("修好入库"), S.REPAIR),
        _device_step("scrap", _("报废"), S.STORED, S.REPAIR),
    )
    list_display = ("serial", "kind", "model", "c_state", "c_unit", "c_channel", "c_handed")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("unit", "channel")
    search_fields = ("serial__startswith", "=channel__code", "=unit__code")
    search_help_text = _("序列号、渠道代码或机构代码")
    fields = (("serial", "kind"), ("model", "unit_code"), "note")
    change_form_outer_before_template = "o2o_channels/channel_head.html"
    change_form_outer_after_template = "o2o_backoffice/tables.html"
    c_unit = column("unit__name", "管理机构", order=None)
    c_channel = link_to("channel", "领用渠道", "o2o_channels_channel")
    c_handed = moment("handed_at", "领用时间")

    @admin.display(description=_("状态"), ordering="state")
    def c_state(self, row: Device) -> Any:
        return badge(row.state, STATE)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "channel.edit")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Scrapped, never deleted."""
        return False

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change, **kwargs)
        return type("BoundDeviceForm", (made,), {"user": request.user})

    def get_urls(self) -> list[Any]:
        return [*self.step_urls(), *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        context = {**(extra_context or {})}
        obj = self.get_object(request, object_id)
        if obj is not None and self.has_view_permission(request, obj):
            context["o2o_buttons"] = self.buttons(request, obj)
            rows = moves_of(obj, STATE)
            context["o2o_tables"] = [Table("流转记录", ("时间", "原状态", "新状态", "操作者", "说明"), rows)]
        return super().change_view(request, object_id, form_url, context)


@admin.register(Material)
class MaterialAdmin(CityAdmin):
    """Kinds of material."""

    list_display = ("code", "name", "measure", "is_numbered", "is_active")
    fields = (("code", "name"), ("measure", "is_numbered"), "is_active")


@admin.register(MaterialStock)
class MaterialStockAdmin(ReadOnlyAdmin):
    """How much is where; the button 物料业务 moves it."""

    list_display = ("c_material", "c_unit", "c_channel", "quantity", "c_ranges")
    list_select_related = ("material", "unit", "channel")
    list_filter = (("material", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("=channel__code", "=unit__code", "=material__code")
    search_help_text = _("渠道代码、机构代码或物料代码")
    details = ((None, ("c_material", "c_unit", "c_channel", "quantity", "c_ranges")),)
    c_material = column("material__name", "物料", order="material__code")
    c_unit = column("unit__name", "机构", order="unit__path")
    c_channel = link_to("channel", "渠道", "o2o_channels_channel")

    @admin.display(description=_("号段"))
    def c_ranges(self, row: MaterialStock) -> str:
        return "；".join(map(str, row.ranges.all())) or "—"

    def get_queryset(self, request: HttpRequest) -> Any:
        found = super().get_queryset(request).select_related(*self.list_select_related)
        return found.prefetch_related("ranges")

    def tables(self, request: HttpRequest, obj: MaterialStock) -> list[Table]:
        """The newest movements of this stock."""
        moves = list(
            MaterialMovement.objects.filter(
                material=obj.material_id, unit=obj.unit_id, channel=obj.channel_id
            ).order_by("-pk")[:MOVES]
        )
        book = directory()
        people = {"system": str(_("系统"))}
        if book is not None:
            people |= book.names({one.actor for one in moves}, ())
        rows = [
            (at(one.created_at), one.get_kind_display(), one.quantity, ranges_of(one), one.reason or "—",
             people.get(one.actor, one.actor))
            for one in moves
        ]  # fmt: skip
        return [Table("最近流水", ("时间", "业务", "数量", "号段", "说明", "操作者"), rows)]

    def doors(self, request: HttpRequest, obj: MaterialStock) -> list[Any]:
        """On to the form, with this stock filled in."""
        if not self._may(request, "channel.edit", obj):
            return []
        place = obj.channel.code if obj.channel is not None else obj.unit.code
        asked = urlencode(
            {"material": obj.material_id, "place": place, "action": "issue" if obj.channel else "receive"}
        )
        return [
            door(_("物料业务"), "swap_horiz", f"{reverse('admin:o2o_channels_materialstock_move')}?{asked}")
        ]

    def get_urls(self) -> list[Any]:
        own = path(
            "move/", self.admin_site.admin_view(self.move_view), name="o2o_channels_materialstock_move"
        )
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        if isinstance(answer, TemplateResponse) and self._may(request, "channel.edit"):
            button = {
                "title": _("物料业务"), "path": reverse("admin:o2o_channels_materialstock_move"), "icon": "swap_horiz",
            }  # fmt: skip
            answer.context_data = {**(answer.context_data or {})}
            answer.context_data["actions_list"] = [*answer.context_data.get("actions_list", ()), button]
        return answer

    def move_view(self, request: HttpRequest) -> HttpResponse:
        """Receive, issue, use, return, void: one form."""
        if not self._may(request, "channel.edit"):
            raise PermissionDenied
        back = reverse("admin:o2o_channels_materialstock_changelist")
        form = forms.MaterialForm(request.POST or None, initial=request.GET.dict())
        if request.method == "POST" and form.is_valid():
            try:
                with bind_request(actor=actor_label(request.user)):
                    _move(request, form.cleaned_data)
            except DomainError as error:
                field = {"channel": "place"}.get(error.field or "", error.field)
                form.add_error(
                    field if field in form.fields else None, f"{error.message}。{error.hint or ''}"
                )
            else:
                messages.success(request, _("物料业务已登记"))
                return HttpResponseRedirect(back)
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "title": _("物料业务"), "form": form,
            "o2o_note": _("有编号的物料按号段流转：发放和使用从小号开始，退回从大号开始。"), "o2o_back": back,
        }  # fmt: skip
        return TemplateResponse(request, "o2o_channels/step.html", context)


def _move(request: HttpRequest, data: dict[str, Any]) -> None:
    user: Any = request.user
    material, quantity, reason = data["material"], data["quantity"], data["reason"]
    if data["action"] == "receive":
        unit = OrgUnit.objects.filter(code=data["place"].strip()).first()
        if unit is None or not (user.is_superuser or access_of(user).may_at("channel.edit", unit)):
            raise ChannelError(ChannelErrorCode.NOT_FOUND, _("机构不存在或不在您的范围内"), "place")
        materials.receive(material, unit, quantity, first=data["first"], reason=reason)
        return
    channel = _channel(request, data["place"])
    if channel is None:
        raise ChannelError(ChannelErrorCode.REQUIRED, _("请填写渠道代码"), "place")
    getattr(materials, data["action"])(material, channel, quantity, reason)


@admin.register(MaterialMovement)
class MaterialMovementAdmin(NamesActors, ReadOnlyAdmin):
    """Every movement."""

    list_display = (
        "c_at",
        "kind",
        "c_material",
        "c_unit",
        "c_channel",
        "quantity",
        "c_ranges",
        "reason",
        "c_actor",
    )
    list_filter = (("kind", ChoicesDropdownFilter),)
    list_select_related = ("material", "unit", "channel")
    search_fields = ("=channel__code", "=unit__code")
    details = (
        (
            None,
            (
                "c_at",
                "kind",
                "c_material",
                "c_unit",
                "c_channel",
                "quantity",
                "c_ranges",
                "reason",
                "c_actor",
            ),
        ),
    )
    c_at = moment("created_at", "时间")
    c_material = column("material__name", "物料", order=None)
    c_unit = column("unit__name", "机构", order=None)
    c_channel = link_to("channel", "渠道", "o2o_channels_channel")

    @admin.display(description=_("号段"))
    def c_ranges(self, row: MaterialMovement) -> str:
        return ranges_of(row)


def ranges_of(row: MaterialMovement) -> str:
    """The numbers that moved."""
    return "；".join(f"{first}–{last}" for first, last in row.ranges) or "—"
