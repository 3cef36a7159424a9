"""凭证密钥: a new one signs from now on; one that got out is withdrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from plugins.ticketing.kernel.access import may_for_city
from saleor_o2o.backoffice.admin.acting import ActingAdmin
from saleor_o2o.backoffice.admin.reasons import ReasonForm
from saleor_o2o.backoffice.columns import moment
from saleor_o2o.backoffice.doors import door

from ...models import VoucherKey
from ..access import KEYS
from ..services.keys import rotate, withdraw


@admin.register(VoucherKey)
class KeyAdmin(ActingAdmin):
    """The keys; what is secret of them is on no page."""

    begins = ((_("更换密钥"), "key", "rotate", KEYS),)
    list_display = ("code", "public", "c_made", "c_withdrawn")
    list_display_links = ("code",)
    ordering = ("-pk",)
    details = ((None, ("code", "public", "c_made", "c_withdrawn")),)

    c_made = moment("made_at", "启用时间")
    c_withdrawn = moment("withdrawn_at", "停用时间")

    def doors(self, request: HttpRequest, obj: VoucherKey) -> Sequence[Mapping[str, Any]]:
        if obj.withdrawn_at is not None or not self.may(request, KEYS, obj):
            return []
        return [door(_("停用"), "block", self.address("withdraw", obj.pk))]

    def get_urls(self) -> list[Any]:
        return [
            self.own("rotate/", self.rotate_view, "rotate"),
            self.own("<int:pk>/withdraw/", self.withdraw_view, "withdraw"),
            *super().get_urls(),
        ]

    def rotate_view(self, request: HttpRequest) -> HttpResponse:
        """A new key."""
        if not may_for_city(request.user, KEYS):
            raise PermissionDenied
        form = forms.Form(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            return str(_("新密钥 %(code)s 已启用") % {"code": rotate(request.user).code})

        return self.act(
            request, _("更换凭证密钥"), form, do, reverse(f"admin:{self._page('changelist')}"),
            note=_("之后出的票用新密钥签名；已出的票继续有效。"),
        )  # fmt: skip

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One that got out."""
        row: VoucherKey = self.row(request, pk, KEYS)
        form = ReasonForm(request.POST if request.method == "POST" else None)

        def do(told: dict[str, Any]) -> str:
            withdraw(request.user, pk, told["reason"])
            return str(_("已停用"))

        return self.act(
            request, f"{_('停用密钥')} {row.code}", form, do, self.page_of(pk),
            note=_("用它签的二维码立即失效，只能用入场码或作废重出。仅在密钥泄露时停用。"),
        )  # fmt: skip
