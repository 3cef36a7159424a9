"""Whether a member's name and identity number belong together, as the register says."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.masking import mask_id_number, mask_name
from saleor_o2o.kernel.states import FSMField, machine

from ..kinds import CheckState
from .members import Member

_S = CheckState


@machine("state", terminal={_S.PASSED, _S.MISMATCHED, _S.REFUSED})
class RealNameCheck(models.Model):
    """One question to the register under a number of ours, written before it is asked.

    `failure`: the register's code for why it did not say, or ours (IDENTITY_TAKEN). Name and number are encrypted.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="checks", verbose_name=_("会员"))
    number = models.CharField(_("核验编号"), max_length=40, unique=True)
    name = EncryptedTextField(_("姓名"))
    id_number = EncryptedTextField(_("证件号"))
    state = FSMField(_("状态"), max_length=10, choices=_S.choices, default=_S.SUBMITTED, protected=True)
    failure = models.CharField(_("原因"), max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(_("次数"), default=0)
    asked_at = models.DateTimeField(_("提交时间"), default=now)
    tried_at = models.DateTimeField(_("最近查询"), null=True, blank=True)
    over_at = models.DateTimeField(_("结束时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("实名核验")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=Q(state=_S.SUBMITTED), name="o2o_members_one_check"
            ),
        )
        indexes = (
            models.Index(
                fields=("tried_at",), condition=Q(state=_S.SUBMITTED), name="o2o_members_check_open"
            ),
        )

    def __str__(self) -> str:
        return f"{mask_name(self.name)} {mask_id_number(self.id_number)}"

    @transition("state", source=_S.SUBMITTED, target=_S.PASSED, custom={"label": _("通过")})
    def succeed(self) -> None:
        """They belong together."""
        self.over_at = now()

    @transition("state", source=_S.SUBMITTED, target=_S.MISMATCHED, custom={"label": _("不符")})
    def mismatch(self) -> None:
        """They do not."""
        self.over_at = now()

    @transition("state", source=_S.SUBMITTED, target=_S.REFUSED, custom={"label": _("没有核验")})
    def refuse(self, failure: str) -> None:
        """The register would not say, or the number is another member's."""
        self.over_at, self.failure = now(), failure[:40]
