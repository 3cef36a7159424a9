"""Vouchers, the devices that read them, every scan, and what was redeemed."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from saleor_o2o.kernel.clock import SHANGHAI, now
from saleor_o2o.kernel.crypto import EncryptedTextField

from ..choices import ProductKind, VerifyMode
from ..vouchers.choices import (
    Answer,
    ChangeKind,
    ChoiceKind,
    ConflictKind,
    ConflictState,
    DeviceKind,
    Direction,
    ExpiryPolicy,
    GateDirection,
    PaperWay,
    UseKind,
    Way,
)
from .places import Gate
from .products import AdmissionProduct, TicketClass
from .sessions import Session


class VoucherKey(models.Model):
    """A key that signs vouchers. The newest one that was not withdrawn signs; the older ones still prove.

    `master`: secret of the time codes of what this key has signed. Both are hexadecimal, 32 bytes.
    """

    code = models.CharField(_("密钥号"), max_length=8, unique=True)
    public = models.CharField(_("公钥"), max_length=64)
    private = EncryptedTextField()
    master = EncryptedTextField()
    made_at = models.DateTimeField(_("启用时间"), default=now)
    withdrawn_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("凭证密钥")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.code


class Voucher(models.Model):
    """What people show for one ticket (逐人) or for those of an order. Its counters are the sums of its tickets'.

    `code` is the short code, `code_index` finds it; `tail_index` finds it by the last four digits of the telephone
    and of the code. `nonce` ends when the code is made anew; it names the key. `out`: how many are outside and may come
    in again. `day`/`day_used`: of vouchers without a number of uses, who came in that day. Of a combined ticket, `used`
    counts its most used place. `on_paper`: only a paper ticket lets in, and `code` and `nonce` are the paper's once it
    is printed (`papered_at`; before, `code` is what the guest shows to get it); "" where none is needed. `earns_at`: of
    what expired and may still be given back, until when.
    Whoever changes it has locked its tickets before.
    """

    number = models.CharField(_("凭证号"), max_length=24, unique=True)
    ticket_order = models.ForeignKey(
        "o2o_ticketing.TicketOrder", models.PROTECT, related_name="vouchers", verbose_name=_("票务订单")
    )
    tickets = models.ManyToManyField("o2o_ticketing.Ticket", related_name="vouchers", verbose_name=_("票"))
    product = models.ForeignKey(
        AdmissionProduct, models.PROTECT, related_name="vouchers", verbose_name=_("产品")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="vouchers", verbose_name=_("场次")
    )
    verify_mode = models.CharField(_("核销方式"), max_length=8, choices=VerifyMode.choices)
    title = models.CharField(_("内容"), max_length=160)
    code = EncryptedTextField(_("短码"))
    code_index = models.CharField(max_length=64, unique=True)
    tail_index = models.CharField(max_length=64, blank=True, default="", db_index=True)
    nonce = models.CharField(max_length=48)
    rotating = models.BooleanField(_("动态码"), default=False)
    needs_document = models.BooleanField(_("核对证件"), default=False)
    unlimited = models.BooleanField(_("不限次数"), default=False)
    valid_from = models.DateTimeField(_("有效开始"))
    valid_until = models.DateTimeField(_("有效截止"))
    uses = models.PositiveIntegerField(_("可用人次"))
    used = models.PositiveIntegerField(_("已用人次"), default=0)
    out = models.PositiveIntegerField(_("暂离人数"), default=0)
    day = models.DateField(_("最近使用日"), null=True, blank=True)
    day_used = models.PositiveIntegerField(_("当日人次"), default=0)
    used_at = models.DateTimeField(_("最近使用时间"), null=True, blank=True)
    used_where = models.CharField(_("最近使用地点"), max_length=80, blank=True)
    sent_count = models.PositiveSmallIntegerField(_("发送次数"), default=0)
    sent_at = models.DateTimeField(_("最近发送"), null=True, blank=True)
    made_at = models.DateTimeField(_("生成时间"), default=now)
    void_at = models.DateTimeField(_("作废时间"), null=True, blank=True)
    void_why = models.CharField(_("作废原因"), max_length=200, blank=True)
    earns_at = models.DateTimeField(null=True, blank=True)
    on_paper = models.CharField(_("换取纸票"), max_length=8, choices=PaperWay.choices, blank=True, default="")
    papered_at = models.DateTimeField(_("换票时间"), null=True, blank=True)
    papered_where = models.CharField(_("换票地点"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = verbose_name_plural = _("电子凭证")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(condition=Q(used__lte=F("uses")), name="o2o_admission_voucher_uses"),
            models.CheckConstraint(condition=Q(out__lte=F("used")), name="o2o_admission_voucher_out"),
        )
        indexes = (
            models.Index(
                fields=("product", "valid_until"),
                condition=Q(void_at=None),
                name="o2o_admission_voucher_list",
            ),
            # the job that expires them asks for all products at once
            models.Index(
                fields=("valid_until",), condition=Q(void_at=None), name="o2o_admission_voucher_until"
            ),
            models.Index(
                fields=("earns_at",), condition=Q(earns_at__isnull=False), name="o2o_admission_voucher_earns"
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def left(self) -> int:
        """How many may still come in."""
        return self.uses - self.used

    @property
    def used_up(self) -> bool:
        """Whether nobody comes in any more. Of a combined ticket: all were in all of its places.

        Read along for lists (`visits.with_visits`), else by two statements.
        """
        if self.unlimited or self.left:
            return False
        if self.product.kind != ProductKind.COMBO:
            return True
        been, places = getattr(self, "been", None), getattr(self, "places", None)
        if been is None or places is None:
            rows = self.redemptions.exclude(kind=UseKind.EXPIRED)
            been, places = rows.aggregate(n=models.Sum("quantity"))["n"] or 0, self.product.spots.count()
        return int(been) >= self.uses * int(places)

    def standing_at(self, moment: datetime) -> str:
        """For pages: usable, used, void, expired, early."""
        if self.void_at is not None:
            return "void"
        if self.used_up:
            return "used"
        if moment >= self.valid_until:
            return "expired"
        return "early" if moment < self.valid_from else "usable"


class VoucherOldCode(models.Model):
    """A code that was made anew: whoever shows it is told that it is void, not that nobody knows it. `was_paper`: it
    was printed on a paper ticket; else the guest had it on his phone."""

    voucher = models.ForeignKey(Voucher, models.CASCADE, related_name="old_codes", verbose_name=_("凭证"))
    code_index = models.CharField(max_length=64, unique=True)
    nonce = models.CharField(max_length=48)
    why = models.CharField(_("原因"), max_length=200)
    was_paper = models.BooleanField(_("印在纸票上"), default=False)
    ended_at = models.DateTimeField(_("失效时间"), default=now)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )

    class Meta:
        verbose_name = verbose_name_plural = _("已作废的码")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.voucher} {self.ended_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


class Device(models.Model):
    """Something that scans at a gate, with a key of its own. `unit` is the place's.

    `direction`: what it is for. `reentry`: who went out by it may come in again. `trusts`: without a network it lets in
    what is signed though its list does not know it (sold meanwhile). `is_open`: opened and closed from afar.
    `skew_ms`: its clock less ours when it last spoke. `old_secret`: the one that it still has, good until
    `old_until` or until it uses the new one.
    """

    code = models.CharField(_("设备号"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("种类"), max_length=8, choices=DeviceKind.choices)
    gate = models.ForeignKey(Gate, models.PROTECT, related_name="devices", verbose_name=_("检票口"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("归口机构")
    )
    secret = EncryptedTextField()
    old_secret = EncryptedTextField(blank=True, default="", editable=False)
    old_until = models.DateTimeField(_("旧密钥有效至"), null=True, blank=True, editable=False)
    direction = models.CharField(
        _("方向"), max_length=4, choices=GateDirection.choices, default=GateDirection.IN
    )
    reentry = models.BooleanField(_("离场后可再次入场"), default=False)
    trusts = models.BooleanField(_("脱机时放行名单外的有效签名"), default=False)
    active = models.BooleanField(_("启用"), default=True)
    is_open = models.BooleanField(_("开放"), default=True)
    seen_at = models.DateTimeField(_("最近心跳"), null=True, blank=True)
    skew_ms = models.IntegerField(_("时钟偏差（毫秒）"), default=0)
    skew_at = models.DateTimeField(_("偏差测量时间"), null=True, blank=True)
    software = models.CharField(_("软件版本"), max_length=40, blank=True)
    waiting = models.PositiveIntegerField(_("待上传记录"), default=0)
    list_at = models.DateTimeField(_("名单下载时间"), null=True, blank=True)
    made_at = models.DateTimeField(_("登记时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("检票设备")
        ordering = ("code",)

    def __str__(self) -> str:
        return self.name


class Scan(models.Model):
    """Everybody who wanted in, out, or in again, and the one answer; append-only (a trigger refuses anything else).

    `number` is the asker's own number of the request: the same again is the same answer. `at` is when it happened by
    our clock; `device_at` what the device's clock said. `said` is the answer as it was given.
    """

    number = models.CharField(_("请求号"), max_length=80, unique=True)
    device = models.ForeignKey(
        Device, models.PROTECT, null=True, blank=True, related_name="scans", verbose_name=_("设备")
    )
    gate = models.ForeignKey(
        Gate, models.PROTECT, null=True, blank=True, related_name="scans", verbose_name=_("检票口")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("检票机构")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("检票员"),
    )  # fmt: skip
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, blank=True, related_name="scans", verbose_name=_("凭证")
    )
    way = models.CharField(_("方式"), max_length=8, choices=Way.choices)
    direction = models.CharField(_("方向"), max_length=5, choices=Direction.choices, default=Direction.IN)
    answer = models.CharField(_("结果"), max_length=13, choices=Answer.choices)
    people = models.PositiveIntegerField(_("申请人数"), default=1)
    admitted = models.PositiveIntegerField(_("放行人数"), default=0)
    offline = models.BooleanField(_("脱机"), default=False)
    at = models.DateTimeField(_("时间"), default=now)
    device_at = models.DateTimeField(_("设备时间"), null=True, blank=True)
    made_at = models.DateTimeField(_("登记时间"), default=now)
    said = models.JSONField(default=dict)

    class Meta:
        verbose_name = verbose_name_plural = _("检票记录")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("voucher", "at"), name="o2o_admission_scan_voucher"),
            models.Index(fields=("unit", "at"), name="o2o_admission_scan_unit"),
        )

    def __str__(self) -> str:
        return f"{self.get_answer_display()} {self.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"


class Redemption(models.Model):
    """People of one ticket that came in, or were taken back: what is settled by; append-only (a trigger refuses
    anything else). `quantity` and the amounts (yuan) are negative for what was taken back.

    `unit` let them in, `seller` has the product. `cost` is what the supplier gets, `revenue` what the customer paid for
    them: it is ours from now on. `day` is Shanghai's.
    """

    kind = models.CharField(_("类别"), max_length=10, choices=UseKind.choices, default=UseKind.USED)
    scan = models.ForeignKey(
        Scan, models.PROTECT, null=True, blank=True, related_name="redemptions", verbose_name=_("检票记录")
    )
    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="redemptions", verbose_name=_("凭证"))
    ticket = models.ForeignKey(
        "o2o_ticketing.Ticket", models.PROTECT, related_name="redemptions", verbose_name=_("票")
    )
    product = models.ForeignKey(AdmissionProduct, models.PROTECT, related_name="+", verbose_name=_("产品"))
    ticket_class = models.ForeignKey(
        TicketClass, models.PROTECT, null=True, related_name="+", verbose_name=_("票类")
    )
    session = models.ForeignKey(
        Session, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("场次")
    )
    gate = models.ForeignKey(
        Gate, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("检票口")
    )
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("检票机构")
    )
    seller = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("产品机构")
    )
    supplier = models.ForeignKey(
        "o2o_ticketing.SupplierAccount", models.PROTECT, null=True, related_name="+", verbose_name=_("供应商")
    )
    operator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("经办人"),
    )  # fmt: skip
    quantity = models.IntegerField(_("人次"))
    cost = models.DecimalField(_("供应商结算（元）"), max_digits=12, decimal_places=2)
    revenue = models.DecimalField(_("确认收入（元）"), max_digits=12, decimal_places=2)
    day = models.DateField(_("日期"))
    at = models.DateTimeField(_("时间"))
    reason = models.CharField(_("事由"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("核销明细")
        ordering = ("-pk",)
        constraints = (models.CheckConstraint(condition=~Q(quantity=0), name="o2o_admission_use_some"),)
        indexes = (
            models.Index(fields=("seller", "day"), name="o2o_admission_use_seller"),
            models.Index(fields=("unit", "day"), name="o2o_admission_use_unit"),
        )

    def __str__(self) -> str:
        return f"{self.voucher} {self.quantity:+d}"


class ScanConflict(models.Model):
    """Something that a device did without a network and that others must look at. `winner` counts, `loser` does not."""

    kind = models.CharField(_("类别"), max_length=8, choices=ConflictKind.choices)
    state = models.CharField(
        _("状态"), max_length=5, choices=ConflictState.choices, default=ConflictState.OPEN
    )
    voucher = models.ForeignKey(
        Voucher, models.PROTECT, null=True, blank=True, related_name="conflicts", verbose_name=_("凭证")
    )
    device = models.ForeignKey(Device, models.PROTECT, related_name="conflicts", verbose_name=_("设备"))
    unit = models.ForeignKey(
        "o2o_org_hierarchy.OrgUnit", models.PROTECT, related_name="+", verbose_name=_("检票机构")
    )
    winner = models.ForeignKey(
        Scan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("有效的检票")
    )
    loser = models.ForeignKey(
        Scan, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("无效的检票")
    )
    people = models.PositiveIntegerField(_("人数"), default=1)
    words = models.CharField(_("说明"), max_length=200)
    made_at = models.DateTimeField(_("发现时间"), default=now)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("处理人"),
    )  # fmt: skip
    done_at = models.DateTimeField(_("处理时间"), null=True, blank=True)
    note = models.CharField(_("处理说明"), max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("检票冲突")
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("unit",), condition=Q(state="open"), name="o2o_admission_conflict_open"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.made_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


class EntryRule(models.Model):
    """How a product's people are let in, and what becomes of the money of who never came.

    `rotating`: codes change every half minute (hot shows). `documents`: who comes in shows the document of the ticket.
    `doors_minutes`: so long before a session begins its doors open. Without a row: neither, two hours, and the supplier
    is not paid for what nobody used.
    """

    product = models.OneToOneField(
        AdmissionProduct, models.PROTECT, related_name="entry_rule", verbose_name=_("产品")
    )
    rotating = models.BooleanField(_("动态二维码"), default=False)
    documents = models.BooleanField(_("入场核对证件"), default=False)
    doors_minutes = models.PositiveSmallIntegerField(_("提前入场（分钟）"), default=120)
    unused = models.CharField(
        _("过期未用"), max_length=8, choices=ExpiryPolicy.choices, default=ExpiryPolicy.KEEP
    )
    reason = models.CharField(_("依据"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("设置人")
    )
    made_at = models.DateTimeField(_("设置时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("入场规则")
        ordering = ("product",)

    def __str__(self) -> str:
        return str(self.product)


class SessionChange(models.Model):
    """A session was cancelled or put off. Until `choose_until` buyers of a postponed one may have their money back."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="changes", verbose_name=_("场次"))
    kind = models.CharField(_("变更"), max_length=10, choices=ChangeKind.choices)
    was_at = models.DateTimeField(_("原定时间"))
    now_at = models.DateTimeField(_("新的时间"), null=True, blank=True)
    choose_until = models.DateTimeField(_("选择截止"), null=True, blank=True)
    reason = models.CharField(_("原因"), max_length=200)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("经办人")
    )
    made_at = models.DateTimeField(_("经办时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("场次变更")
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="cancelled") | Q(now_at__isnull=False, choose_until__isnull=False),
                name="o2o_admission_postponed_when",
            ),
        )

    def __str__(self) -> str:
        return f"{self.session} {self.get_kind_display()}"


class SessionChoice(models.Model):
    """What the buyer of a postponed session's order wants; the last word before the window ends counts."""

    change = models.ForeignKey(
        SessionChange, models.PROTECT, related_name="choices", verbose_name=_("场次变更")
    )
    ticket_order = models.ForeignKey(
        "o2o_ticketing.TicketOrder", models.PROTECT, related_name="+", verbose_name=_("票务订单")
    )
    choice = models.CharField(_("选择"), max_length=6, choices=ChoiceKind.choices)
    refund = models.CharField(_("退票单号"), max_length=24, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name=_("选择人"),
    )  # fmt: skip
    made_at = models.DateTimeField(_("选择时间"), default=now)

    class Meta:
        verbose_name = verbose_name_plural = _("延期选择")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=("change", "ticket_order"), name="o2o_admission_choice_once"),
        )

    def __str__(self) -> str:
        return f"{self.ticket_order} {self.get_choice_display()}"
