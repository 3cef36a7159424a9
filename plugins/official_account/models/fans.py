"""Who follows an account, or has."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField, blind_index

from .accounts import Account


def openid_index(openid: str) -> str:
    """What an openid is found by. Its case counts, which the blind index would forget."""
    return blind_index(openid.encode().hex(), "official_account.openid")


class Fan(models.Model):
    """A person at one account. `first_code` is the code that first led here: it stays, whatever is scanned later.

    `said_at` opens the forty-eight hours in which the staff may write, `answers_used` counts what they wrote since;
    `waiting_since` is when the oldest word came that nobody has answered.

    A person at several accounts of one open platform is several fans of one unionid.
    """

    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="fans", verbose_name=_("公众号")
    )
    openid = EncryptedTextField(_("OpenID"))
    openid_index = models.CharField(max_length=64, editable=False)
    unionid = EncryptedTextField(_("UnionID"), blank=True)
    unionid_index = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    is_following = models.BooleanField(_("关注中"), default=True)
    followed_at = models.DateTimeField(_("首次关注"), null=True, blank=True)
    last_followed_at = models.DateTimeField(_("最近关注"), null=True, blank=True)
    left_at = models.DateTimeField(_("取消关注"), null=True, blank=True)
    seen_at = models.DateTimeField(_("最近互动"), null=True, blank=True)
    way = models.CharField(_("关注渠道"), max_length=40, blank=True)
    first_code = models.ForeignKey(
        "o2o_official_account.SceneCode", on_delete=models.SET_NULL, null=True, blank=True, related_name="fans",
        verbose_name=_("来自二维码"),
    )  # fmt: skip
    first_code_at = models.DateTimeField(_("首次扫码"), null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="o2o_fans",
        verbose_name=_("会员"),
    )  # fmt: skip
    said_at = models.DateTimeField(_("最近来信"), null=True, blank=True)
    waiting_since = models.DateTimeField(_("等待回复"), null=True, blank=True)
    answered_at = models.DateTimeField(_("最近人工回复"), null=True, blank=True)
    answers_used = models.PositiveSmallIntegerField(_("本次来信后已回复"), default=0)
    remark = EncryptedTextField(_("备注"), blank=True)
    listed_in = models.PositiveBigIntegerField(null=True, editable=False)
    synced_at = models.DateTimeField(_("资料同步"), null=True, blank=True)
    created_at = models.DateTimeField(_("首次出现"), default=now)

    class Meta:
        verbose_name = _("粉丝")
        verbose_name_plural = _("粉丝")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(fields=["account", "openid_index"], name="o2o_oa_fan_once"),
        ]
        indexes = [
            models.Index(fields=["account", "is_following", "-followed_at"], name="o2o_oa_fan_follow"),
            models.Index(
                fields=["waiting_since"], condition=Q(waiting_since__isnull=False), name="o2o_oa_fan_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"粉丝 {self.pk}"

    @property
    def called(self) -> str:
        """How pages name somebody of whom WeChat tells nothing: the last four of the openid."""
        return f"微信用户 ••{self.openid[-4:]}"
