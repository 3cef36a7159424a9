"""After-sales and complaints go along when two accounts of one person become one."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import ClosingBlocker, register_closing_blocker, register_customer_move

from .choices import COMPLAINT_OVER, OVER, Party
from .models import AfterSale, Complaint, Statement


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("after_sale", _move, _("售后与投诉"))
    register_closing_blocker("after_sale", _open)


def _move(old: Any, new: Any) -> int:
    moved = AfterSale.objects.filter(customer=old).update(customer=new)
    moved += Complaint.objects.filter(customer=old).update(customer=new)
    Statement.objects.filter(author=old, party=Party.BUYER).update(author=new)
    return int(moved)


def _open(user: Any) -> list[ClosingBlocker]:
    """After-sales and complaints that are not over keep an account from being closed."""
    found = []
    sales = AfterSale.objects.filter(customer=user).exclude(state__in=OVER).count()
    if sales:
        text = _("有 %(count)d 件售后没有办结") % {"count": sales}
        found.append(ClosingBlocker(text, _("请等待处理完成，或撤销售后")))
    complaints = Complaint.objects.filter(customer=user).exclude(state__in=COMPLAINT_OVER).count()
    if complaints:
        text = _("有 %(count)d 件投诉没有办结") % {"count": complaints}
        found.append(ClosingBlocker(text, _("请等待处理完成，或撤回投诉")))
    return found
