"""Words of dispatch: states, whose turn it is, clocks, why a branch, reasons of a no, what the history tells."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """Where a task stands."""

    LOCATING = "locating", _("定位中")
    WAITING = "waiting", _("待接单")
    OFFERED = "offered", _("转派待接受")
    TAKEN = "taken", _("办理中")
    DONE = "done", _("已发出")
    CLOSED = "closed", _("已关闭")


#: Nobody has to do anything any more.
OVER = (State.DONE, State.CLOSED)
OPEN = (State.LOCATING, State.WAITING, State.OFFERED, State.TAKEN)


class Stage(TextChoices):
    """Whose turn it is; those below may still act."""

    STAFF = "staff", _("支局人员")
    MANAGER = "manager", _("支局长")
    COUNTY = "county", _("区县调度")
    AREA = "area", _("片区中心")


#: Who is asked next when a clock runs out.
NEXT = {Stage.STAFF: Stage.MANAGER, Stage.MANAGER: Stage.COUNTY, Stage.COUNTY: Stage.AREA}


class Clock(TextChoices):
    """What the clocks measure, one for each level; how long is a dated rule."""

    GRAB = "grab", _("抢单（支局人员）")
    ASSIGN = "assign", _("指派（支局长）")
    COUNTY = "county", _("调度（区县中心）")
    ACCEPT = "accept", _("接受转派（对方机构）")
    SEND = "send", _("接单后发出（承办人）")


class Basis(TextChoices):
    """Why a unit got the task."""

    AREA = "area", _("服务范围")
    COMMUNITY = "community", _("小区")
    TOWN = "town", _("乡镇街道")
    COUNTY = "county", _("行政区划")
    ORDER = "order", _("订单所属机构")
    PEOPLE = "people", _("人工派转")


class Reason(TextChoices):
    """Why somebody says no, or passes a task on."""

    OUT_OF_AREA = "out_of_area", _("不在服务范围")
    NO_HANDS = "no_hands", _("人手不足")
    ADDRESS = "address", _("地址有误")
    UNREACHABLE = "unreachable", _("联系不上收货人")
    GOODS = "goods", _("货物缺损、未备好")
    TOO_BIG = "too_big", _("超大超重")
    OTHER = "other", _("其他")


class Deed(TextChoices):
    """What the history tells."""

    PLACED = "placed", _("派达")
    NOT_FOUND = "not_found", _("定位不成")
    GRABBED = "grabbed", _("抢单")
    ASSIGNED = "assigned", _("指派")
    PASSED = "passed", _("转给同事")
    SENT_TO = "sent_to", _("改派机构")
    OFFERED = "offered", _("转派机构")
    ACCEPTED = "accepted", _("接受转派")
    DECLINED = "declined", _("拒绝转派")
    RECALLED = "recalled", _("撤回转派")
    LAPSED = "lapsed", _("转派超时退回")
    GIVEN_UP = "given_up", _("退单")
    SENT_UP = "sent_up", _("退回区县")
    ESCALATED = "escalated", _("超时升级")
    READDRESSED = "readdressed", _("地址修改")
    MERGED = "merged", _("随机构撤并移交")
    DONE = "done", _("发出")
    CLOSED = "closed", _("关闭")
    REOPENED = "reopened", _("恢复")
