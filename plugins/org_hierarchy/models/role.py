"""Roles, and who has them where."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import now, today

from ..levels import Level
from .staff import Staff, StaffPost
from .unit import OrgUnit


class DataScope(models.TextChoices):
    """Which rows a role reaches, seen from the unit it is held at (§2.2.13)."""

    ALL = "all", _("全部")
    UNITS = "units", _("指定机构")
    UNIT = "unit", _("本机构")
    UNIT_AND_BELOW = "unit_and_below", _("本机构及以下")
    SELF = "self", _("仅本人")


class Role(models.Model):
    """A set of permissions with a reach. `owner` is the unit that made it; none for the company's templates."""

    code = models.SlugField(_("代码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    level = models.PositiveSmallIntegerField(_("适用级别"), choices=Level.choices)
    owner = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, blank=True, related_name="roles", verbose_name=_("创建机构")
    )
    permissions = ArrayField(
        models.CharField(max_length=80), verbose_name=_("权限"), default=list, blank=True
    )
    scope = models.CharField(
        _("数据范围"), max_length=16, choices=DataScope.choices, default=DataScope.UNIT_AND_BELOW
    )
    money_limits = models.JSONField(
        _("金额上限（元）"),
        default=dict,
        blank=True,
        help_text=_('{"refund": "500.00", "discount": "50.00"}'),
    )
    needs_second_factor = models.BooleanField(_("需要二次验证"), default=False)
    incompatible = ArrayField(
        models.CharField(max_length=40), verbose_name=_("不相容角色代码"), default=list, blank=True
    )
    is_active = models.BooleanField(_("启用"), default=True)
    #: What the company's data had given a template: what it names later is added, what people took away is not.
    from_template = ArrayField(models.CharField(max_length=80), default=list, blank=True, editable=False)
    #: Stock's group of the role's holders, for the dashboard; none while the role permits nothing there.
    group = models.OneToOneField(
        Group, models.SET_NULL, null=True, blank=True, related_name="o2o_role", editable=False
    )
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("角色")
        ordering = ("level", "code")

    def __str__(self) -> str:
        return self.name


class GrantState(models.TextChoices):
    """Whether a grant counts."""

    PENDING = "pending", _("待复核")
    ACTIVE = "active", _("生效")
    REFUSED = "refused", _("未通过")
    REVOKED = "revoked", _("已收回")
    EXPIRED = "expired", _("已到期")


class GrantSource(models.TextChoices):
    """Why a person has a role."""

    POST = "post", _("任职")
    DIRECT = "direct", _("单独授予")
    DELEGATION = "delegation", _("临时委托")


class RoleGrant(models.Model):
    """A person has a role at a unit, from a day to a day. Only active ones within their days count."""

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="grants", verbose_name=_("人员"))
    role = models.ForeignKey(Role, models.PROTECT, related_name="grants", verbose_name=_("角色"))
    unit = models.ForeignKey(OrgUnit, models.PROTECT, related_name="grants", verbose_name=_("机构"))
    scope = models.CharField(
        _("数据范围"), max_length=16, choices=DataScope.choices, blank=True, help_text=_("空：同角色")
    )
    units = models.ManyToManyField(OrgUnit, blank=True, related_name="+", verbose_name=_("指定机构"))
    source = models.CharField(
        _("来源"), max_length=12, choices=GrantSource.choices, default=GrantSource.DIRECT
    )
    staff_post = models.ForeignKey(
        StaffPost, models.CASCADE, null=True, blank=True, related_name="grants", verbose_name=_("任职")
    )
    delegated_by = models.ForeignKey(
        Staff, models.PROTECT, null=True, blank=True, related_name="delegations", verbose_name=_("委托人")
    )
    state = models.CharField(_("状态"), max_length=12, choices=GrantState.choices, default=GrantState.ACTIVE)
    valid_from = models.DateField(_("自"), default=today)
    valid_to = models.DateField(_("至"), null=True, blank=True, help_text=_("最后一天"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)
    granted_by = models.CharField(_("授予人"), max_length=120)
    confirmed_by = models.CharField(_("复核人"), max_length=120, blank=True)
    decided_at = models.DateTimeField(_("复核时间"), null=True, blank=True)
    decision_note = models.CharField(_("复核意见"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("授予时间"), default=now, editable=False)
    ended_at = models.DateTimeField(_("收回时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("授权")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("staff",), condition=models.Q(state="active"), name="o2o_org_grant_active"),
            models.Index(fields=("unit",), condition=models.Q(state="pending"), name="o2o_org_grant_pending"),
            models.Index(
                fields=("valid_to",),
                condition=models.Q(state__in=("active", "pending"), valid_to__isnull=False),
                name="o2o_org_grant_ends",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=("staff", "role", "unit"),
                condition=models.Q(source="direct", state__in=("active", "pending")),
                name="o2o_org_grant_direct_once",
            ),
        )

    def __str__(self) -> str:
        return f"#{self.pk}"
