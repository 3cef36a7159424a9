"""By what members are known."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..kinds import IdentityKind
from ..values import masked
from .members import Member


class MemberIdentity(models.Model):
    """A mobile, a card, an openid of one account: encrypted, found by its blind index, one member's while it lives.

    A released identity stays as history. `is_primary`: of several mobiles, the one that messages go to.
    `verified_at`: when the member showed that it is his (a code, WeChat's word); empty for what others typed in.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="identities", verbose_name=_("会员"))
    kind = models.CharField(_("种类"), max_length=10, choices=IdentityKind.choices)
    namespace = models.CharField(_("命名空间"), max_length=64, blank=True)
    value = EncryptedTextField(_("身份"))
    value_index = models.CharField(max_length=64, editable=False)
    is_primary = models.BooleanField(_("首选"), default=False)
    verified_at = models.DateTimeField(_("验证时间"), null=True, blank=True)
    bound_at = models.DateTimeField(_("绑定时间"), default=now)
    released_at = models.DateTimeField(_("解绑时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("会员身份")
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("kind", "value_index"),
                condition=Q(released_at__isnull=True),
                name="o2o_members_identity_once",
            ),
            models.UniqueConstraint(
                fields=("member", "kind"),
                condition=Q(released_at__isnull=True, is_primary=True),
                name="o2o_members_one_primary",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.masked}"

    @property
    def masked(self) -> str:
        """The value as pages and the API show it."""
        return masked(self.kind, self.value)
