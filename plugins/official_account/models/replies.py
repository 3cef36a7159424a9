"""What an account answers by itself."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .accounts import Account


class Trigger(models.TextChoices):
    """What it answers to."""

    SUBSCRIBE = "subscribe", _("关注时")
    EXACT = "exact", _("关键词（完全一致）")
    CONTAINS = "contains", _("关键词（包含）")
    CLICK = "click", _("点击菜单")
    DEFAULT = "default", _("没有匹配时")


class ReplyForm(models.TextChoices):
    """What the answer is made of."""

    TEXT = "text", _("文字")
    IMAGE = "image", _("图片")
    NEWS = "news", _("图文")
    NEAREST = "nearest", _("请对方发送位置，回复最近网点")
    KEFU = "kefu", _("转给微信自带的客服")


class Reply(models.Model):
    """A rule. For keywords the exact one counts before one that is contained, the longer word before the shorter.

    `words`: keywords, or the KEY of menu buttons; none for the others, of which an account has one each.
    `calls_staff`: whoever is answered by it waits for a person as well.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="replies", verbose_name=_("公众号")
    )
    trigger = models.CharField(_("何时回复"), max_length=12, choices=Trigger.choices)
    words = ArrayField(
        models.CharField(max_length=60), verbose_name=_("关键词或菜单 KEY"), default=list, blank=True
    )
    form = models.CharField(_("回复形式"), max_length=12, choices=ReplyForm.choices, default=ReplyForm.TEXT)
    text = models.TextField(_("文字"), blank=True)
    media_id = models.CharField(_("素材 media_id"), max_length=128, blank=True)
    title = models.CharField(_("图文标题"), max_length=64, blank=True)
    summary = models.CharField(_("图文摘要"), max_length=120, blank=True)
    picture_url = models.CharField(_("图文封面网址"), max_length=300, blank=True)
    link_url = models.CharField(_("图文链接"), max_length=500, blank=True)
    calls_staff = models.BooleanField(_("同时请人工回复"), default=False)
    is_active = models.BooleanField(_("启用"), default=True)
    hits = models.PositiveIntegerField(_("回复次数"), default=0)
    edited_at = models.DateTimeField(_("修改时间"), default=now)
    created_at = models.DateTimeField(_("创建时间"), default=now)

    class Meta:
        verbose_name = _("自动回复")
        verbose_name_plural = _("自动回复")
        ordering = ("account", "trigger", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "trigger"],
                condition=Q(trigger__in=("subscribe", "default"), is_active=True),
                name="o2o_oa_reply_one",
            ),
        ]

    def __str__(self) -> str:
        words = "、".join(self.words[:3])
        return f"{self.get_trigger_display()}{'：' + words if words else ''}"
