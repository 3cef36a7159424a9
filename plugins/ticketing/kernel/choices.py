"""The words of fee rules."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Trade(models.TextChoices):
    """What kind of ticket; rules never reach over."""

    COACH = "coach", _("汽车票")
    SCENIC = "scenic", _("景区门票")
    SHOW = "show", _("演出赛事")
    RAIL = "rail", _("火车票")
    AIR = "air", _("机票")


#: What a supplier that is an insurer sells: no trade of its own, it stands beside tickets of all.
INSURANCE = "insure"
#: What suppliers sell.
SUPPLIES = [*Trade.choices, (INSURANCE, _("保险"))]


class FeeKind(models.TextChoices):
    """For what a fee is taken."""

    REFUND = "refund", _("退票")
    CHANGE = "change", _("改签")
    NOSHOW = "noshow", _("误乘误场")
    ENDORSE = "endorse", _("签转")


class Base(models.TextChoices):
    """Of what a percentage is taken."""

    FACE = "face", _("票面价")
    PAID = "paid", _("实付票款")
    FULL = "full", _("全价")
    LOWER = "lower", _("新旧票价中较低者")


class Anchor(models.TextChoices):
    """To what the tiers' times are relative."""

    DEPARTURE = "departure", _("出发")
    START = "start", _("开场（游玩日零点）")
    SALE_OPEN = "sale_open", _("开售")
    VALID_END = "valid_end", _("有效期结束")
    BOOKED = "booked", _("下单")


class Mode(models.TextChoices):
    """How a tier counts."""

    PERCENT = "percent", _("按比例")
    FIXED = "fixed", _("固定金额")
    FREE = "free", _("免费")
    FORBIDDEN = "forbidden", _("不予办理")


class Rounding(models.TextChoices):
    """To what an amount is rounded."""

    FEN = "fen", _("到分")
    JIAO = "jiao", _("到角")
    HALF = "half", _("到 0.5 元（不足 0.25 舍去，0.25 至不足 0.75 计 0.5）")
    YUAN_DOWN = "yuan_down", _("到元，舍去角分")
    YUAN_UP = "yuan_up", _("到元，角分进一")
    YUAN_HALF = "yuan_half", _("到元，四舍五入")


class Target(models.TextChoices):
    """To which day somebody changes, beside the day on the ticket."""

    ANY = "any", _("任意日期")
    UNTIL_DAY = "until_day", _("票面日期当日及以前")
    LATER = "later", _("票面日期次日及以后")


class WindowOf(models.TextChoices):
    """What has to lie between the days of an override."""

    TRAVEL = "travel", _("乘车（游玩）日期")
    MOMENT = "moment", _("办理日期")


class AfterChange(models.TextChoices):
    """What counts for a ticket that has been changed."""

    OWN = "own", _("按改签后的车次（场次）计算")
    HARSHER = "harsher", _("原票在改签时的档次（含节假日规定）更高的，按更高的收")
    FORBIDDEN = "forbidden", _("改签后不予办理")


class Unit(models.TextChoices):
    """Whether a ticket of several coupons has one fee or each coupon its own."""

    TICKET = "ticket", _("整张票")
    COUPON = "coupon", _("每个航段（票联）")


class ServiceFee(models.TextChoices):
    """When the service fee goes back with a refund."""

    NEVER = "never", _("不退")
    INVOLUNTARY = "involuntary", _("承运方（主办方）原因时退")
    ALWAYS = "always", _("退")


class Cause(models.TextChoices):
    """Why a fee is what it is."""

    TIER = "tier", _("按档次")
    WINDOW = "window", _("节假日规定")
    CHANGED = "changed", _("改签过的票")
    INVOLUNTARY = "involuntary", _("承运方（主办方）原因")
    GRACE = "grace", _("下单后的免费时限内")
    FIRST_FREE = "first_free", _("前几次免费")
    PASSENGER = "passenger", _("旅客类型")
    ACCOUNT = "account", _("每个账号的次数")
    TIMES = "times", _("办理次数")
    WHOLE_ORDER = "whole_order", _("须整单办理")


class RuleState(models.TextChoices):
    """A version counts only when a second person has published it."""

    PENDING = "pending", _("待复核")
    PUBLISHED = "published", _("已发布")
    REFUSED = "refused", _("已驳回")
    WITHDRAWN = "withdrawn", _("已撤回")


class OrderState(models.TextChoices):
    """Where a ticket order stands; its tickets have states of their own."""

    HOLDING = "holding", _("占座中")
    HELD = "held", _("待支付")
    HOLD_FAILED = "hold_failed", _("占座失败")
    PAID = "paid", _("待出票")
    ISSUING = "issuing", _("出票中")
    ISSUED = "issued", _("已出票")
    ISSUE_FAILED = "issue_failed", _("出票失败")
    CLOSED = "closed", _("已关闭")


class TicketState(models.TextChoices):
    """Where one ticket stands."""

    HELD = "held", _("占座")
    ISSUED = "issued", _("待使用")
    PART_USED = "part_used", _("部分使用")
    USED = "used", _("已使用")
    REFUNDING = "refunding", _("退票中")
    REFUNDED = "refunded", _("已退票")
    CHANGING = "changing", _("改签中")
    CHANGED = "changed", _("已改签")
    EXPIRED = "expired", _("已过期")
    VOID = "void", _("已作废")


class CallKind(models.TextChoices):
    """What is asked of a supplier. The last two only stand in statements: what it pays us, and takes back."""

    LOCK = "lock", _("占座")
    RELEASE = "release", _("释放")
    ISSUE = "issue", _("出票")
    REFUND = "refund", _("退票")
    CHANGE = "change", _("改签")
    AGENCY = "agency", _("代理费")
    AGENCY_BACK = "agent_bk", _("退代理费")


class CallState(models.TextChoices):
    """What became of it. UNKNOWN: the supplier was silent; it is asked again what it did, never told again to do it."""

    SENT = "sent", _("已发出")
    WORKING = "working", _("供应商处理中")
    DONE = "done", _("成功")
    REFUSED = "refused", _("被拒绝")
    UNKNOWN = "unknown", _("未知")


class Side(models.TextChoices):
    """Whose money a fee line is."""

    CUSTOMER = "customer", _("与客户")
    SUPPLIER = "supplier", _("与供应商")


class PricePart(models.TextChoices):
    """Of what a face value is made beside the fare, which is the rest of it."""

    AIRPORT = "airport", _("机建费")
    FUEL = "fuel", _("燃油附加费")
    STATION = "station", _("站务费")


class FeeItem(models.TextChoices):
    """For what a fee line is. Amounts: what the customer pays us, what we owe the supplier; given back negative."""

    FACE = "face", _("票面价")
    SERVICE = "service", _("服务费")
    INSURANCE = "insurance", _("保险费")
    DISCOUNT = "discount", _("优惠")
    DIFFERENCE = "difference", _("改签差价")
    CHANGE_FEE = "change_fee", _("改签手续费")
    BACK = "back", _("退票款")
    REFUND_FEE = "refund_fee", _("退票手续费")
    AGENCY = "agency", _("代理费")
    AGENCY_BACK = "agency_back", _("退代理费")


class AgencyMode(models.TextChoices):
    """How what a supplier pays us is counted."""

    PERCENT = "percent", _("按票价比例")
    FIXED = "fixed", _("每张固定金额")


class RefundState(models.TextChoices):
    """Where a refund request stands."""

    ASKED = "asked", _("已申请")
    MERCHANT = "merchant", _("待商家答复")
    AT_SUPPLIER = "at_supplier", _("供应商处理中")
    AUDIT = "audit", _("待审核")
    PAYING = "paying", _("退款中")
    DONE = "done", _("已退款")
    REFUSED = "refused", _("已拒绝")
    WITHDRAWN = "withdrawn", _("已撤回")


#: Refunds that came to nothing: their tickets count again.
IN_VAIN = frozenset({RefundState.REFUSED, RefundState.WITHDRAWN})


#: Refunds that are still on their way.
UNDECIDED = frozenset(RefundState) - {RefundState.DONE, RefundState.REFUSED}


class ReplyState(models.TextChoices):
    """What a merchant said to a refund. GONE: nobody needs its word any more, the trip does not take place. WITHDRAWN:
    the buyer keeps the tickets (0147).
    """

    WAITING = "waiting", _("待答复")
    AGREED = "agreed", _("同意")
    REFUSED = "refused", _("不同意")
    SILENT = "silent", _("逾期未答复")
    GONE = "gone", _("不需答复")
    WITHDRAWN = "recalled", _("客户已撤回")


class Silence(models.TextChoices):
    """What it means that a merchant does not answer in time."""

    AGREE = "agree", _("视为同意")
    AUDIT = "audit", _("转平台审核")


class ItemAnswer(models.TextChoices):
    """What the supplier said of one ticket of a refund. OPEN: nothing, or nothing yet."""

    OPEN = "", _("未答复")
    TAKEN = "taken", _("已退")
    REFUSED = "refused", _("不退")


class ChangeState(models.TextChoices):
    """Where a change request stands."""

    ASKED = "asked", _("已申请")
    TO_PAY = "to_pay", _("待补差价")
    AT_SUPPLIER = "at_supplier", _("供应商处理中")
    DONE = "done", _("已改签")
    REFUSED = "refused", _("未改成")
    CLOSED = "closed", _("已关闭")


class RefundCause(models.TextChoices):
    """Because of whom."""

    PASSENGER = "passenger", _("旅客（客户）原因")
    CARRIER = "carrier", _("承运方（主办方）原因")
    ISSUE_FAILED = "issue_failed", _("出票失败")
    SESSION_CANCELLED = "session_cancelled", _("场次（班次）取消")
    ORDER = "order", _("订单已另行退款")


#: Tickets that count for nothing any more: given back, changed against others, voided.
GONE = frozenset({TicketState.REFUNDED, TicketState.CHANGED, TicketState.VOID})
#: Or that are on their way back.
GOING = GONE | {TicketState.REFUNDING}


class GivenCause(models.TextChoices):
    """Of `RefundCause` what people may say when they give tickets back or change them; the others are found out."""

    PASSENGER = "passenger", _("旅客（客户）原因")
    CARRIER = "carrier", _("承运方（主办方）原因")
    SESSION_CANCELLED = "session_cancelled", _("场次（班次）取消")


class ChangeCause(models.TextChoices):
    """Why a ticket is changed; the first three as `RefundCause`. MISSED: the bus left without its passenger."""

    PASSENGER = "passenger", _("旅客（客户）原因")
    CARRIER = "carrier", _("承运方（主办方）原因")
    SESSION_CANCELLED = "session_cancelled", _("场次（班次）取消")
    MISSED = "missed", _("误班改乘")


class DeskKind(models.TextChoices):
    """Why people have to look at a ticket order."""

    ISSUE = "issue", _("人工出票")
    UNKNOWN = "unknown", _("供应商无应答")
    REFUND = "refund", _("退票待核")
    HOURS = "hours", _("非营业时间")
    FAILED = "failed", _("出票失败")
    CONTACT = "other", _("联系旅客")


class DeskState(models.TextChoices):
    """Where a task of the issue desk stands."""

    WAITING = "waiting", _("待处理")
    TAKEN = "taken", _("处理中")
    DONE = "done", _("已处理")


class InsuranceState(models.TextChoices):
    """Where an insurance stands; the insurer issues later than it sells."""

    WANTED = "wanted", _("待承保")
    ASKED = "asked", _("承保中")
    IN_FORCE = "in_force", _("已承保")
    FAILED = "failed", _("承保失败")
    CANCELLED = "cancelled", _("已退保")


class MatchState(models.TextChoices):
    """How a line of a supplier's statement compares with our rows."""

    SAME = "same", _("一致")
    AMOUNT = "amount", _("金额不符")
    ONLY_THEIRS = "only_theirs", _("仅供应商有")
    ONLY_OURS = "only_ours", _("仅我方有")


class MoneyState(models.TextChoices):
    """Where money stands that goes back to a customer."""

    WAITING = "waiting", _("待退款")
    ASKED = "asked", _("退款中")
    COUNTER = "counter", _("待柜台退款")
    ARRIVED = "arrived", _("已到账")
    FAILED = "failed", _("退款失败")
    REPLACED = "replaced", _("已重新办理")


class BatchState(models.TextChoices):
    """Where a refund of many orders at once stands. PENDING: over its maker's limit, somebody else has to agree."""

    PENDING = "pending", _("待复核")
    RUNNING = "running", _("办理中")
    DONE = "done", _("已办完")
    REFUSED = "refused", _("不予办理")


class NoticeState(models.TextChoices):
    """What became of what a supplier told. STUCK: it was tried often enough, a person has to look."""

    WAITING = "waiting", _("待处理")
    DONE = "done", _("已处理")
    REFUSED = "refused", _("未通过验证")
    STUCK = "stuck", _("处理失败")
