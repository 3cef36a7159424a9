"""Changes that take two people: one proposes, another decides. What was proposed stays readable, its secrets do not."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_fsm import FSMField, transition

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import EncryptedJSONField
from saleor_o2o.kernel.states import machine

from .accounts import MerchantAccount


class ChangeKind(models.TextChoices):
    """What is to be done."""

    ACCOUNT_ADD = "account_add", _("新增商户号")
    ACCOUNT_EDIT = "account_edit", _("修改商户号")
    ACCOUNT_RETIRE = "account_retire", _("停用商户号")
    ACCOUNT_REVIVE = "account_revive", _("恢复商户号")
    KEY_ADD = "key_add", _("更换密钥")
    KEY_RETIRE = "key_retire", _("停用旧密钥")
    ABNORMAL_REFUND = "abnormal_refund", _("异常退款改退到银行卡")


class ChangeState(models.TextChoices):
    """Where a proposal stands."""

    WAITING = "waiting", _("待复核")
    DONE = "done", _("已执行")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


@machine("state", terminal={ChangeState.DONE, ChangeState.REFUSED, ChangeState.WITHDRAWN})
class Change(models.Model):
    """A proposal. ``values`` may hold keys and bank cards: encrypted, emptied once it is decided; ``told`` may be
    shown."""

    kind = models.CharField(_("事项"), max_length=24, choices=ChangeKind.choices)
    account = models.ForeignKey(
        MerchantAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="changes",
        verbose_name=_("微信商户号"),
    )  # fmt: skip
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("所属机构"),
    )  # fmt: skip
    subject = models.CharField(_("对象"), max_length=64, blank=True)
    values = EncryptedJSONField(_("内容"), null=True, blank=True)
    told = models.JSONField(_("说明"), default=list)
    reason = models.CharField(_("原因"), max_length=200)
    state = FSMField(_("状态"), choices=ChangeState.choices, default=ChangeState.WAITING, protected=True)
    proposer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("申请人")
    )
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("复核人"),
    )  # fmt: skip
    note = models.CharField(_("复核意见"), max_length=200, blank=True)
    proposed_at = models.DateTimeField(_("申请时间"), default=now)
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("双人复核")
        verbose_name_plural = _("双人复核")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="waiting"), name="o2o_wechat_change_open_once"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("done", "refused")) | ~Q(decider=models.F("proposer")),
                name="o2o_wechat_change_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account or self.subject}"

    @transition("state", ChangeState.WAITING, ChangeState.DONE, custom={"label": _("同意并执行")})
    def finish(self, decider: Any, note: str) -> None:
        """It is done."""
        self._decided(decider, note)

    @transition("state", ChangeState.WAITING, ChangeState.REFUSED, custom={"label": _("驳回")})
    def refuse(self, decider: Any, note: str) -> None:
        """The second person said no."""
        self._decided(decider, note)

    @transition("state", ChangeState.WAITING, ChangeState.WITHDRAWN, custom={"label": _("撤回")})
    def withdraw(self, decider: Any, note: str) -> None:
        """The proposer took it back."""
        self._decided(decider, note)

    def _decided(self, decider: Any, note: str) -> None:
        self.decider, self.note, self.decided_at, self.values = decider, note[:200], now(), None
