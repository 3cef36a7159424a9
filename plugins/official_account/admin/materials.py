"""图片素材: uploaded here or found at WeChat, used in answers, deleted on both sides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html

from saleor_o2o.backoffice.admin.filters import told
from saleor_o2o.backoffice.columns import column, moment, state
from saleor_o2o.kernel.scope import rows_for

from ..models import Account, Material, MaterialState
from ..permissions import CONTENT, VIEW
from ..services import materials
from . import fields
from .acting import AccountPage


class UploadForm(forms.Form):
    """A picture and what it is called."""

    account = fields.row_of("公众号")
    name = fields.text("名称", 60, help_text="选图片时看到的名称，例如：端午海报")
    file = forms.FileField(
        label="图片", help_text="JPG、PNG、GIF 或 BMP，最大 10 MB",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/gif,image/bmp"}),
    )  # fmt: skip

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, CONTENT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = self.fields["account"].initial or rows.first()


class AccountForm(forms.Form):
    """Of which account."""

    account = fields.row_of("公众号")

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = rows_for(user, Account, CONTENT).order_by("pk")
        self.fields["account"].queryset = rows  # type: ignore[attr-defined]
        self.fields["account"].initial = rows.first()


@admin.register(Material)
class MaterialAdmin(AccountPage):
    """Pictures of the accounts in reach."""

    list_display = ("c_picture", "c_name", "c_account", "c_size", "c_state", "result", "c_created")
    list_display_links = ("c_name",)
    list_select_related = ("account",)
    list_filter = ("account", "state")
    search_fields = ("name",)
    search_help_text = "名称"
    begins = (
        ("上传图片", "add_photo_alternate", "upload", CONTENT),
        ("从微信同步", "sync", "sync", CONTENT),
    )
    details = (
        (None, ("c_picture", "name", "c_account", "c_state", "result", "c_size", "kind", "media_id")),
        ("上传", ("c_by", "c_created", "attempts")),
    )

    c_account = column("account__name", "公众号")
    c_name = column("name", "名称")
    c_size = column("size", "大小", lambda size: f"{size / 1024:.0f} KB" if size else "—")
    c_state = state("state", "状态", dict(MaterialState.choices))
    c_created = moment("created_at", "创建时间")
    c_by = column("made_by__first_name", "上传人")

    @admin.display(description="图片")
    def c_picture(self, obj: Material) -> Any:
        """The small one."""
        if not obj.thumb:
            return "—"
        return format_html('<img src="{}" alt="" width="64" loading="lazy">', self.address("thumb", obj.pk))

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).defer("content")
        if request.resolver_match is not None and request.resolver_match.url_name == self._page("changelist"):
            return rows if told(request.GET.get("state__exact")) else rows.exclude(state=MaterialState.GONE)
        return rows

    def get_urls(self) -> list[Any]:
        return [
            self.own("upload/", self.upload_view, "upload"),
            self.own("sync/", self.sync_view, "sync"),
            self.own("<int:pk>/thumb/", self.thumb_view, "thumb"),
            self.own("<int:pk>/again/", self.again_view, "again"),
            self.own("<int:pk>/remove/", self.remove_view, "remove"),
            *super().get_urls(),
        ]

    def doors(self, request: HttpRequest, obj: Material) -> Any:
        if not self.may(request, CONTENT, obj):
            return ()
        found = []
        if obj.state == MaterialState.FAILED:
            found.append(self.door_to("重新上传", "refresh", "again", obj.pk))
        if obj.state in (MaterialState.READY, MaterialState.FAILED):
            found.append(self.door_to("删除", "delete", "remove", obj.pk))
        return found

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """上传."""
        user: Any = request.user
        if not user.has_perm(CONTENT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            file = values["file"]
            # one byte more than allowed is enough to refuse it in words
            content = file.read(materials.MOST_BYTES + 1)
            materials.add_material(user, values["account"].pk, values["name"], content)
            return "正在上传到微信，几秒后即可使用"

        form = UploadForm(user, request.POST or None, request.FILES or None)
        return self.act(request, "上传图片", form, do, reverse(f"admin:{self._page('changelist')}"))

    def sync_view(self, request: HttpRequest) -> HttpResponse:
        """从微信同步."""
        user: Any = request.user
        if not user.has_perm(CONTENT):
            raise PermissionDenied

        def do(values: dict[str, Any]) -> str:
            new, gone = materials.sync_materials(values["account"])
            return f"已同步：新增 {new} 张，微信上已删除 {gone} 张"

        form = AccountForm(user, request.POST or None)
        note = "把在微信公众平台上传的图片带到这里；在那边已删除的，这里也去掉。"
        back = reverse(f"admin:{self._page('changelist')}")
        return self.act(request, "从微信同步图片", form, do, back, note=note)

    def thumb_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The small picture, for whoever may see the row or talks with it."""
        found = Material.objects.select_related("account").filter(pk=pk).first()
        if found is None or not found.thumb:
            raise Http404
        user: Any = request.user
        if not rows_for(user, Account, VIEW).filter(pk=found.account_id).exists() and not _talks(user, found):
            raise Http404
        answer = HttpResponse(bytes(found.thumb), content_type="image/jpeg")
        answer["Cache-Control"] = "private, max-age=86400"
        return answer

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """重新上传."""
        row = self.row(request, pk, CONTENT)

        def do(_values: dict[str, Any]) -> str:
            materials.ask_again(request.user, pk)
            return "正在重新上传"

        form = forms.Form(request.POST or None)
        return self.act(request, f"重新上传 {row}", form, do, self.page_of(pk), facts=[("原因", row.result)])

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """删除."""
        row = self.row(request, pk, CONTENT)

        def do(_values: dict[str, Any]) -> str:
            materials.ask_remove(request.user, pk)
            return "正在删除"

        form = forms.Form(request.POST or None)
        note = "微信上的图片也会删除，已经发出去的消息不受影响。"
        return self.act(request, f"删除 {row}", form, do, self.page_of(pk), note=note)


def _talks(user: Any, material: Material) -> bool:
    from ..models import Talk

    return rows_for(user, Talk, "wechat_talk.view").filter(account_id=material.account_id).exists()
