"""The words of coach tickets."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Fare(models.TextChoices):
    """Kinds of tickets; the same words as in the suppliers' port."""

    FULL = "full", _("全票")
    HALF = "half", _("半票")
    FREE = "free", _("免票（携童）")


class Proof(models.TextChoices):
    """Why somebody pays less than the whole fare."""

    AGE = "age", _("按年龄")
    HEIGHT = "height", _("按身高（窗口核对）")
    CERTIFICATE = "certificate", _("残疾军人证、伤残人民警察证")


class PickMode(models.TextChoices):
    """How a passenger comes to the seat that he paid for."""

    ID_CARD = "id_card", _("刷身份证进站")
    QR = "qr", _("扫电子票二维码进站")
    WINDOW = "window", _("车站窗口凭取票号取票")
    MACHINE = "machine", _("车站自助机取票")
    OUTLET = "outlet", _("邮政网点打印")


class MatchBy(models.TextChoices):
    """Who said that a network's place is one of ours."""

    NOBODY = "", _("未匹配")
    SYSTEM = "system", _("名称完全一致")
    PERSON = "person", _("人工确认")
    REFUSED = "refused", _("人工取消")


class ShiftState(models.TextChoices):
    """Whether a bus of a day runs."""

    RUNNING = "running", _("正常")
    CANCELLED = "cancelled", _("停班")


class OfferState(models.TextChoices):
    """Whether a network sells a bus now; the same words as in the port."""

    ON_SALE = "on_sale", _("在售")
    STOPPED = "stopped", _("已停售")
    CANCELLED = "cancelled", _("停班")
    NOT_YET = "not_yet", _("未开售")


class SeatState(models.TextChoices):
    """How a seat of a bus stands on a stretch, as station systems number it; KEPT: held back by a station (工作票)."""

    FREE = "2", _("可选")
    KEPT = "3", _("预留")
    NOT_SOLD = "4", _("不售")
    SOLD = "5", _("已售")


class BlockState(models.TextChoices):
    """Where seats that a station keeps stand. ASKED: written, the network has not answered yet; the same number may be
    sent again. ENDING: to be sold again, not heard yet."""

    ASKED = "asked", _("办理中")
    KEPT = "kept", _("已预留")
    REFUSED = "refused", _("未预留")
    ENDING = "ending", _("释放中")
    ENDED = "ended", _("已释放")


class Channel(models.TextChoices):
    """Where somebody buys."""

    ONLINE = "online", _("网上")
    COUNTER = "counter", _("柜台")
    PHONE = "phone", _("电话")


class PaperState(models.TextChoices):
    """Where a range of paper tickets stands."""

    STORED = "stored", _("库存")
    IN_USE = "in_use", _("使用中")
    USED_UP = "used_up", _("已用完")
    RETURNED = "returned", _("已退回")


class SheetState(models.TextChoices):
    """What became of one paper ticket."""

    PRINTED = "printed", _("已打印")
    VOID = "void", _("作废")
    HANDED_IN = "handed_in", _("退票收回")


class GateWay(models.TextChoices):
    """How a passenger was found at the gate."""

    QR = "qr", _("扫码")
    ID = "id", _("证件")
    TYPED = "typed", _("手输")


class ReceiveWay(models.TextChoices):
    """By what a passenger's order is found at a counter that did not sell it."""

    NUMBER = "number", _("取票号和取票密码")
    DOCUMENT = "document", _("证件号和手机尾号")
    CODE = "code", _("购票手机收验证码")


class GateAnswer(models.TextChoices):
    """What the gate said; one answer for each check."""

    PASSED = "passed", _("已检票，请上车")
    ALREADY = "already", _("已检过票")
    NOT_FOUND = "not_found", _("没有找到车票")
    OTHER_STATION = "other_station", _("不在本站乘车")
    OTHER_DAY = "other_day", _("不是今天的车票")
    TOO_EARLY = "too_early", _("未到检票时间")
    DEPARTED = "departed", _("班车已发车")
    NOT_VALID = "not_valid", _("车票已退、已改或无效")
    CANCELLED = "cancelled", _("班次已停班")


class InvoiceKind(models.TextChoices):
    """A blue invoice says what was bought, a red one takes it back."""

    BLUE = "blue", _("蓝字发票")
    RED = "red", _("红字发票")


class InvoiceState(models.TextChoices):
    """Where an invoice stands."""

    WANTED = "wanted", _("待开具")
    ISSUED = "issued", _("已开具")
    FAILED = "failed", _("开具失败")
    CANCELLED = "cancelled", _("已撤销")
    REVERSED = "reversed", _("已冲红")
