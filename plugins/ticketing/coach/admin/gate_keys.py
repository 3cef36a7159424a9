"""进站码密钥: a new one signs from now on; how long the former one still opens the gate."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from plugins.org_hierarchy.interfaces import may_for_city
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import moment

from ..access import KEYS
from ..models import GateKey
from ..services.gate_keys import MOST, OVERLAP, renew


class RenewForm(ReasonForm):
    """Why, and for how long the former codes are good."""

    days = forms.IntegerField(
        label=_("之前的二维码继续有效（天）"), min_value=0, max_value=MOST, initial=OVERLAP,
        widget=UnfoldAdminIntegerFieldWidget, help_text=_("密钥泄露时填 0：之前的二维码、已打印的纸票码立即失效"),
    )  # fmt: skip


@admin.register(GateKey)
class GateKeyAdmin(ActingAdmin):
    """When which key came; what is secret of them is on no page."""

    begins = ((_("更换密钥"), "key", "renew", KEYS),)
    list_display = ("c_made", "c_until", "reason", "made_by")
    list_display_links = ("c_made",)
    ordering = ("-pk",)
    details = ((None, ("c_made", "c_until", "reason", "made_by")),)

    c_made = moment("made_at", "启用时间")
    c_until = moment("before_until", "之前的二维码有效至")

    def get_urls(self) -> list[Any]:
        return [self.own("renew/", self.renew_view, "renew"), *super().get_urls()]

    def renew_view(self, request: HttpRequest) -> HttpResponse:
        """A new key."""
        if not may_for_city(request.user, KEYS):
            raise PermissionDenied
        form = RenewForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            renew(request.user, told["reason"], days=told["days"])
            return str(_("新密钥已启用"))

        return self.act(
            request, _("更换进站码密钥"), form, do, reverse(f"admin:{self._page('changelist')}"),
            note=_("手机上联网打开的进站码随即换新；没有联网的手机和已打印的纸票，在填写的天数内仍可检票。"),
        )  # fmt: skip
