"""The words of admission."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ProductKind(models.TextChoices):
    """What a product lets people into."""

    SCENIC = "scenic", _("景区门票")
    COMBO = "combo", _("联票")
    SHOW = "show", _("演出")
    MATCH = "match", _("赛事")
    EXHIBITION = "exhibition", _("展览")
    YEAR_CARD = "year_card", _("年卡")


#: Kinds whose fee rules are those of shows; all others follow the scenic spots'.
SHOWS = frozenset({ProductKind.SHOW, ProductKind.MATCH})


class Audience(models.TextChoices):
    """For whom a ticket class is."""

    ADULT = "adult", _("成人")
    CHILD = "child", _("儿童")
    STUDENT = "student", _("学生")
    SENIOR = "senior", _("老人")
    FAMILY = "family", _("家庭")
    PARENT_CHILD = "parent_child", _("亲子")
    SOLDIER = "soldier", _("军人、消防救援人员")
    DISABLED = "disabled", _("残疾人")
    VIP = "vip", _("VIP")
    ANY = "any", _("不限")


class ValidMode(models.TextChoices):
    """When a ticket lets in."""

    DAY = "day", _("指定日")
    ANY_DAY = "any_day", _("有效期内任一天")
    MULTI = "multi", _("有效期内多次")
    SLOT = "slot", _("分时段")
    SESSION = "session", _("指定场次")


class RealName(models.TextChoices):
    """Whose names are asked for."""

    NONE = "none", _("不需实名")
    ONE = "one", _("每单一人")
    EACH = "each", _("一票一证")


class ExchangeMode(models.TextChoices):
    """What people show, or what they get it for."""

    QR = "qr", _("二维码")
    SMS = "sms", _("短信码")
    ID_CARD = "id_card", _("刷身份证")
    PAPER_MAIL = "paper_mail", _("纸票邮寄")
    ON_SITE = "on_site", _("现场换票")


#: What lets in is a paper ticket, and how a voucher gets onto paper (`vouchers.choices.PaperWay`).
PAPER_WAYS = {ExchangeMode.ON_SITE.value: "on_site", ExchangeMode.PAPER_MAIL.value: "mail"}


class VerifyMode(models.TextChoices):
    """How an order's tickets go through the gate."""

    WHOLE = "whole", _("整单")
    PARTIAL = "partial", _("可部分")
    EACH = "each", _("逐人")


class SaleChannel(models.TextChoices):
    """Where something is sold."""

    ONLINE = "online", _("线上")
    COUNTER = "counter", _("网点柜台")
    PHONE = "phone", _("电话")
    DISTRIBUTOR = "distributor", _("分销渠道")


class ProductState(models.TextChoices):
    """Whether a product is sold."""

    DRAFT = "draft", _("草稿")
    ON_SALE = "on_sale", _("在售")
    PAUSED = "paused", _("暂停销售")
    ENDED = "ended", _("已下架")


class MapState(models.TextChoices):
    """A version of a seat map is drawn, then used, then followed by another one."""

    DRAFT = "draft", _("编辑中")
    PUBLISHED = "published", _("使用中")
    RETIRED = "retired", _("已停用")


class SessionState(models.TextChoices):
    """Where a session stands."""

    DRAFT = "draft", _("未开放")
    ON_SALE = "on_sale", _("销售中")
    PAUSED = "paused", _("暂停销售")
    CANCELLED = "cancelled", _("已取消")
    ENDED = "ended", _("已结束")


class SeatState(models.TextChoices):
    """Whose a seat of a session is. `RETURNING`: given back, and free again from a fixed time on."""

    FREE = "free", _("可售")
    HELD = "held", _("占座中")
    SOLD = "sold", _("已售")
    BLOCKED = "blocked", _("留座")
    RETURNING = "returning", _("待回池")


class TakingState(models.TextChoices):
    """What became of units that were taken."""

    HELD = "held", _("占用中")
    SOLD = "sold", _("已售")
    RELEASED = "released", _("已释放")


class LimitBy(models.TextChoices):
    """Whose tickets are counted together. RESELLER: each reseller's own quota of what resellers sell."""

    DOCUMENT = "document", _("证件")
    MOBILE = "mobile", _("手机号")
    ACCOUNT = "account", _("账号")
    DEVICE = "device", _("设备")
    RESELLER = "reseller", _("分销商")


class LimitPer(models.TextChoices):
    """Over what they are counted."""

    SESSION = "session", _("每场次（每日）")
    PRODUCT = "product", _("整个产品")


class WaitingState(models.TextChoices):
    """Where somebody who waits stands."""

    WAITING = "waiting", _("等待中")
    OFFERED = "offered", _("有票，待下单")
    BOUGHT = "bought", _("已下单")
    EXPIRED = "expired", _("逾期未下单")
    CANCELLED = "cancelled", _("已取消")


class DrawState(models.TextChoices):
    """Where a draw stands."""

    OPEN = "open", _("登记中")
    DRAWN = "drawn", _("已抽签")
    CANCELLED = "cancelled", _("已取消")


class EntryState(models.TextChoices):
    """What the lot gave."""

    ENTERED = "entered", _("已登记")
    WON = "won", _("中签")
    LOST = "lost", _("未中签")
