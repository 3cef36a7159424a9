"""Permanent pictures of an account: kept at WeChat, named here, sent in answers."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.states import machine

from .accounts import Account


class MaterialState(models.TextChoices):
    """Whether WeChat has it."""

    UPLOADING = "uploading", _("上传中")
    READY = "ready", _("可以使用")
    FAILED = "failed", _("上传失败")
    DELETING = "deleting", _("删除中")
    GONE = "gone", _("已删除")


M = MaterialState


@machine("state", terminal={M.GONE})
class Material(models.Model):
    """A picture. `content` (bytes) is kept until WeChat has it, `thumb` (JPEG, 240 pixels) for good.

    `digest`: SHA-256 of the content, by which the same picture is not uploaded twice; none for what was uploaded in
    WeChat's console and found there.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="materials", verbose_name=_("公众号")
    )
    name = models.CharField(_("名称"), max_length=60)
    media_id = models.CharField(_("素材 media_id"), max_length=128, blank=True)
    url = models.CharField(_("微信网址"), max_length=500, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    kind = models.CharField(_("格式"), max_length=8, blank=True)
    size = models.PositiveIntegerField(_("大小（字节）"), default=0)
    content = models.BinaryField(null=True, editable=False)
    thumb = models.BinaryField(null=True, editable=False)
    state = FSMField(_("状态"), choices=M.choices, default=M.UPLOADING, protected=True)
    result = models.CharField(_("结果"), max_length=160, blank=True)
    attempts = models.PositiveSmallIntegerField(_("上传次数"), default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name=_("上传人"),
    )  # fmt: skip
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("图片素材")
        verbose_name_plural = _("图片素材")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["account", "media_id"], condition=~Q(media_id=""), name="o2o_oa_material_once"
            ),
            models.UniqueConstraint(
                fields=["account", "digest"],
                condition=~Q(digest="") & ~Q(state="gone"),
                name="o2o_oa_material_digest",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def file_name(self) -> str:
        """What the file is called at WeChat: a name of ours, by which a lost answer is found again."""
        return f"o2o-{self.pk}-{self.digest[:8]}.{self.kind}"

    @transition("state", M.UPLOADING, M.READY, custom={"label": _("可以使用")})
    def take(self, media_id: str, url: str) -> None:
        """WeChat has it."""
        self.media_id, self.url, self.content = media_id[:128], url[:500], None
        self.result, self.next_at = "", None

    @transition("state", [M.UPLOADING, M.DELETING], M.FAILED, custom={"label": _("失败")})
    def fail(self, words: str) -> None:
        """WeChat has said no, or nothing for long."""
        self.result, self.next_at = words[:160], None

    @transition("state", M.FAILED, M.UPLOADING, custom={"label": _("重新上传")})
    def again(self) -> None:
        """A person wants it tried once more."""
        self.result, self.attempts, self.next_at = "", 0, now()

    @transition("state", [M.READY, M.FAILED], M.DELETING, custom={"label": _("删除")})
    def remove(self) -> None:
        """Nobody needs it any more."""
        self.result, self.attempts, self.next_at = "", 0, now()

    @transition("state", M.DELETING, M.READY, custom={"label": _("删除没有成功")})
    def keep(self, words: str) -> None:
        """WeChat would not delete it."""
        self.result, self.next_at = words[:160], None

    @transition("state", [M.DELETING, M.READY], M.GONE, custom={"label": _("已删除")})
    def vanish(self) -> None:
        """WeChat has it no longer."""
        self.content, self.thumb, self.result, self.next_at = None, None, "", None
