"""Units of the organisation, and what each was at any time."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _
from django_fsm import transition

from saleor_o2o.kernel.clock import now, today
from saleor_o2o.kernel.crypto import EncryptedTextField
from saleor_o2o.kernel.states import FSMField, machine

from ..levels import BusinessScope, Datum, Level, UnitStatus

CODE = RegexValidator(
    r"^[0-9A-Z]{2,8}(-[0-9A-Z]{2,8}){0,5}$", _("机构代码由数字、大写字母和短横线组成，如 5001-01-03-007")
)


@machine("status", terminal={UnitStatus.CLOSED})
class OrgUnit(models.Model):
    """One unit of the tree.

    `path` is the materialised path of primary keys, the root's and its own included: `/1/7/52/`. Below a unit is
    whatever starts with its path. It is written by the tree's services only, under the tree's lock.
    """

    code = models.CharField(_("机构代码"), max_length=40, unique=True, validators=[CODE])
    name = models.CharField(_("机构名称"), max_length=100)
    short_name = models.CharField(_("简称"), max_length=40, blank=True)
    level = models.PositiveSmallIntegerField(_("级别"), choices=Level.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("上级机构")
    )
    path = models.CharField(_("路径"), max_length=200, editable=False)
    status = FSMField(_("状态"), choices=UnitStatus.choices, default=UnitStatus.PLANNED, protected=True)
    region_code = models.CharField(_("行政区划代码"), max_length=12, blank=True)
    manager = models.ForeignKey(
        "o2o_org_hierarchy.Staff", models.SET_NULL, null=True, blank=True, related_name="managed_units",
        verbose_name=_("负责人"),
    )  # fmt: skip
    duty_phone = models.CharField(_("值班电话"), max_length=32, blank=True)
    address = models.CharField(_("地址"), max_length=200, blank=True)
    postcode = models.CharField(_("邮编"), max_length=6, blank=True)
    lng = models.FloatField(
        _("经度"), null=True, blank=True, validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text=_("度，GCJ-02"),
    )  # fmt: skip
    lat = models.FloatField(
        _("纬度"), null=True, blank=True, validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text=_("度，GCJ-02"),
    )  # fmt: skip
    source_datum = models.CharField(_("原始坐标系"), max_length=8, choices=Datum.choices, default=Datum.GCJ02)
    service_area = models.JSONField(_("服务范围"), null=True, blank=True, help_text=_("GeoJSON，GCJ-02"))
    delivery_radius = models.PositiveIntegerField(_("投递半径（米）"), null=True, blank=True)
    business_hours = models.JSONField(
        _("营业时间"), default=dict, blank=True,
        help_text=_("星期一为 1：{\"1\": [[\"08:30\", \"17:30\"]], …}；另有 \"dates\": {\"2026-10-01\": []}"),
    )  # fmt: skip
    business_scope = ArrayField(
        models.CharField(max_length=20, choices=BusinessScope.choices), verbose_name=_("业务范围"),
        default=list, blank=True,
    )  # fmt: skip
    cost_centre = models.CharField(_("成本中心"), max_length=40, blank=True)
    commission_template = models.CharField(_("佣金方案"), max_length=40, blank=True)
    effective_from = models.DateField(_("生效日期"), default=today)
    effective_to = models.DateField(_("撤并日期"), null=True, blank=True)
    successor = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged", verbose_name=_("并入机构")
    )
    revision = models.PositiveIntegerField(_("版本"), default=1, editable=False)
    created_at = models.DateTimeField(_("建立时间"), default=now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = _("机构")
        ordering = ("path",)
        constraints = (
            models.UniqueConstraint(
                models.F("level"), condition=models.Q(parent__isnull=True), name="o2o_org_unit_one_root"
            ),
            models.CheckConstraint(
                condition=models.Q(parent__isnull=False) | models.Q(level=Level.CITY),
                name="o2o_org_unit_root_is_city",
            ),
            # Its own key last makes a path unique without a unique index: with one, a re-parenting would wait for every
            # order being written below it (their foreign keys lock the unit's key).
            models.CheckConstraint(
                condition=models.Q(
                    path__endswith=Concat(Value("/"), Cast("id", models.CharField()), Value("/"))
                ),
                name="o2o_org_unit_path_own_key",
            ),
        )
        indexes = (
            models.Index(fields=("path",), opclasses=("text_pattern_ops",), name="o2o_org_unit_below"),
            models.Index(fields=("region_code",), name="o2o_org_unit_region"),
            models.Index(fields=("level", "status"), name="o2o_org_unit_level"),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.name}"

    @property
    def is_open(self) -> bool:
        """True when the unit may do business: active, and its time has come."""
        return self.status == UnitStatus.ACTIVE and self.effective_from <= today()

    @transition("status", source=UnitStatus.PLANNED, target=UnitStatus.ACTIVE, custom={"label": _("启用")})
    def open(self) -> None:
        """The unit starts doing business."""

    @transition("status", source=UnitStatus.ACTIVE, target=UnitStatus.SUSPENDED, custom={"label": _("停用")})
    def suspend(self) -> None:
        """Business stops for a while."""

    @transition(
        "status", source=UnitStatus.SUSPENDED, target=UnitStatus.ACTIVE, custom={"label": _("恢复启用")}
    )
    def resume(self) -> None:
        """Business goes on."""

    @transition(
        "status",
        source=[UnitStatus.PLANNED, UnitStatus.ACTIVE, UnitStatus.SUSPENDED],
        target=UnitStatus.CLOSED,
        custom={"label": _("撤并")},
    )
    def close(self) -> None:
        """The unit ends; its past stays."""
        self.effective_to = today()


class UnitVersion(models.Model):
    """What a unit was from a day on, its place in the tree included: reports of the past read this."""

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="versions", verbose_name=_("机构"))
    revision = models.PositiveIntegerField(_("版本"))
    valid_from = models.DateTimeField(_("自"))
    valid_to = models.DateTimeField(_("至"), null=True, blank=True)
    parent = models.ForeignKey(
        OrgUnit, models.PROTECT, null=True, related_name="+", verbose_name=_("上级机构")
    )
    path = models.CharField(_("路径"), max_length=200)
    code = models.CharField(_("机构代码"), max_length=40)
    name = models.CharField(_("机构名称"), max_length=100)
    status = models.CharField(_("状态"), max_length=20, choices=UnitStatus.choices)
    changed = models.JSONField(_("变更内容"), default=dict, blank=True)
    reason = models.CharField(_("变更原因"), max_length=200, blank=True)
    actor = models.CharField(_("操作者"), max_length=120)

    class Meta:
        verbose_name = verbose_name_plural = _("机构版本")
        ordering = ("unit", "-revision")
        constraints = (
            models.UniqueConstraint(fields=("unit", "revision"), name="o2o_org_version_once"),
            models.UniqueConstraint(
                fields=("unit",),
                condition=models.Q(valid_to__isnull=True),
                name="o2o_org_version_one_current",
            ),
        )

    def __str__(self) -> str:
        return f"{self.code} v{self.revision}"


class PlannedMove(models.Model):
    """A re-parenting that is to happen on a day."""

    class State(models.TextChoices):
        """Waiting, done, called off, or impossible when the day came."""

        WAITING = "waiting", _("待生效")
        DONE = "done", _("已生效")
        CANCELLED = "cancelled", _("已取消")
        FAILED = "failed", _("未能生效")

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="planned_moves", verbose_name=_("机构"))
    parent = models.ForeignKey(OrgUnit, models.PROTECT, related_name="+", verbose_name=_("新上级机构"))
    effective_on = models.DateField(_("生效日期"))
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.WAITING)
    reason = models.CharField(_("变更原因"), max_length=200)
    problem = models.CharField(_("未生效原因"), max_length=200, blank=True)
    actor = models.CharField(_("操作者"), max_length=120)
    created_at = models.DateTimeField(_("登记时间"), default=now)
    done_at = models.DateTimeField(_("生效时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("隶属变更")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("unit",), condition=models.Q(state="waiting"), name="o2o_org_move_one_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.unit_id} → {self.parent_id} {self.effective_on}"


class SettlementAccount(models.Model):
    """The bank account that a unit is settled to, from a day on. Numbers are encrypted."""

    unit = models.ForeignKey(OrgUnit, models.CASCADE, related_name="accounts", verbose_name=_("机构"))
    holder = models.CharField(_("户名"), max_length=100)
    bank = models.CharField(_("开户行"), max_length=100)
    bank_code = models.CharField(_("联行号"), max_length=12, blank=True)
    number = EncryptedTextField(_("账号"))
    number_index = models.CharField(max_length=64, db_index=True, editable=False)
    valid_from = models.DateField(_("启用日期"), default=today)
    valid_to = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("结算账户")
        ordering = ("unit", "-valid_from")
        constraints = (
            models.UniqueConstraint(
                fields=("unit",),
                condition=models.Q(valid_to__isnull=True),
                name="o2o_org_account_one_current",
            ),
        )

    def __str__(self) -> str:
        return f"{self.bank} {self.holder}"
