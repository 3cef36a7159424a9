"""An application to open a micro-shop, and the photographs that go with it and with visits."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now

from .channel import Channel
from .visit import Visit


class Application(models.Model):
    """What the applicant said; who he is stands, encrypted, on the channel."""

    channel = models.OneToOneField(
        Channel, models.CASCADE, primary_key=True, related_name="application", verbose_name=_("渠道")
    )
    number = models.CharField(_("申请编号"), max_length=24, unique=True)
    community = models.CharField(_("社区（小区）"), max_length=60)
    premises = models.CharField(_("经营场所"), max_length=200, blank=True)
    remark = models.CharField(_("申请说明"), max_length=300, blank=True)
    consent_version = models.CharField(_("授权书版本"), max_length=20)
    consent_at = models.DateTimeField(_("同意时间"), default=now)
    created_at = models.DateTimeField(_("申请时间"), default=now)
    decided_at = models.DateTimeField(_("审批时间"), null=True, blank=True)
    decision = models.CharField(_("审批意见"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("微店申请")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return self.number


class PhotoKind(models.TextChoices):
    """What a photograph shows."""

    PREMISES = "premises", _("经营场所")
    VISIT = "visit", _("走访照片")
    AGREEMENT = "agreement", _("协议")


class Photo(models.Model):
    """A photograph, encoded anew by us, kept in the database: no address leads to it but the scoped page."""

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="photos", verbose_name=_("渠道"))
    visit = models.ForeignKey(
        Visit, models.CASCADE, null=True, blank=True, related_name="photos", verbose_name=_("拜访")
    )
    kind = models.CharField(_("内容"), max_length=12, choices=PhotoKind.choices)
    content = models.BinaryField()
    width = models.PositiveIntegerField(_("宽"))
    height = models.PositiveIntegerField(_("高"))
    taken_by = models.CharField(_("上传人"), max_length=120)
    created_at = models.DateTimeField(_("上传时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("渠道照片")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
