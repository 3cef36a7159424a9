"""After-sales and complaints go along when two accounts of one person become one."""

from __future__ import annotations

from typing import Any

from plugins.org_hierarchy.interfaces import register_customer_move

from .choices import Party
from .models import AfterSale, Complaint, Statement


def install() -> None:
    """Register; called once when the app is ready."""
    register_customer_move("after_sale", _move)


def _move(old: Any, new: Any) -> int:
    moved = AfterSale.objects.filter(customer=old).update(customer=new)
    moved += Complaint.objects.filter(customer=old).update(customer=new)
    Statement.objects.filter(author=old, party=Party.BUYER).update(author=new)
    return int(moved)
