"""Menus on their way to WeChat: made, replaced or taken back by a task, until WeChat has said yes or no."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked
from saleor_o2o.kernel.sweeping import drive_each

from ..client import call
from ..errors import WechatRefused, WechatSilent
from ..models import Menu, MenuKind, MenuState

logger = logging.getLogger(__name__)

BUSY = (MenuState.PUBLISHING, MenuState.WITHDRAWING)
#: Tries against silence before a person is told.
MAX_ATTEMPTS = 5
#: A personalised menu that is not there (any more).
NO_SUCH_MENU = frozenset({65301, 65302, 65303, 46003})


def drive(menu_pk: int) -> None:
    """Do what was asked for with a menu; repeating it changes nothing. Calls WeChat: no transaction may be open.

    WeChat replaces an ordinary menu as a whole, so sending it twice is sending it once. A personalised one has no name
    of ours there: the one known is deleted first; what a lost answer left behind is found by its rule and deleted, too.
    """
    menu = Menu.objects.select_related("account").get(pk=menu_pk)
    if menu.state not in BUSY:
        return
    revision, state = menu.revision, menu.state
    try:
        remote = _publish(menu) if state == MenuState.PUBLISHING else _withdraw(menu)
    except WechatRefused as refused:
        words = refused.in_words
        _settle(menu_pk, state, lambda row: move_locked(row, "fail", words=words))
    except WechatSilent as silence:
        _later(menu_pk, state, silence)
    else:
        if state == MenuState.PUBLISHING:
            _settle(
                menu_pk, state, lambda row: move_locked(row, "succeed", revision=revision, remote_id=remote)
            )
        else:
            _settle(menu_pk, state, lambda row: move_locked(row, "withdrawn"))
            if menu.kind == MenuKind.ORDINARY:
                _all_gone(menu)


def drive_due(limit: int = 50) -> int:
    """Menus whose task was lost or which WeChat did not answer; returns how many."""
    due = Menu.objects.filter(state__in=BUSY, next_at__lte=now()).order_by("next_at")
    return drive_each(due.values_list("pk", flat=True)[:limit], drive)


def _publish(menu: Menu) -> str:
    if menu.kind == MenuKind.ORDINARY:
        call(menu.account, lambda api: api.menu.create({"button": menu.buttons}))
        return ""
    rule = _rule_of(menu)
    if menu.remote_id:
        _delete(menu, menu.remote_id)
    for stray in _strays(menu, rule):
        _delete(menu, stray)
    made = call(
        menu.account, lambda api: api.menu.add_conditional({"button": menu.buttons, "matchrule": rule})
    )
    return str(made.get("menuid") or "")[:32]


def _withdraw(menu: Menu) -> str:
    if menu.kind == MenuKind.ORDINARY:
        call(menu.account, lambda api: api.menu.delete())
    elif menu.remote_id:
        _delete(menu, menu.remote_id)
    return ""


def _delete(menu: Menu, remote_id: str) -> None:
    try:
        call(menu.account, lambda api: api.menu.del_conditional(remote_id))
    except WechatRefused as refused:
        if refused.errcode not in NO_SUCH_MENU:
            raise


def _strays(menu: Menu, rule: dict[str, Any]) -> list[str]:
    """Menus with this rule that a lost answer or a dead worker left at WeChat; our other rows' are theirs."""
    shown = call(menu.account, lambda api: api.menu.get())
    known = set(menu.account.menus.exclude(pk=menu.pk).values_list("remote_id", flat=True))
    return [
        str(one.get("menuid"))
        for one in shown.get("conditionalmenu", ())
        if {name: str(value) for name, value in (one.get("matchrule") or {}).items() if value} == rule
        and str(one.get("menuid")) not in known
    ]


def _rule_of(menu: Menu) -> dict[str, Any]:
    rule = {
        "tag_id": str(menu.tag_id) if menu.tag_id is not None else "",
        "client_platform_type": menu.platform,
    }
    return {name: value for name, value in rule.items() if value}


def _settle(menu_pk: int, state: str, do: Any) -> None:
    with transaction.atomic():
        [row] = lock_rows(Menu.objects.filter(pk=menu_pk))
        if row.state == state:  # another worker has been told the same
            do(row)


def _later(menu_pk: int, state: str, silence: WechatSilent) -> None:
    with transaction.atomic():
        [row] = lock_rows(Menu.objects.filter(pk=menu_pk))
        if row.state != state:
            return
        row.attempts += 1
        if row.attempts >= MAX_ATTEMPTS:
            move_locked(row, "fail", words=silence.in_words)
            return
        row.next_at, row.result = now() + timedelta(seconds=15 * 2**row.attempts), silence.in_words
        row.save(update_fields=["attempts", "next_at", "result"])


def _all_gone(ordinary: Menu) -> None:
    """WeChat deletes the personalised menus with the default one."""
    rows = Menu.objects.filter(account=ordinary.account, kind=MenuKind.PERSONAL, published_revision__gt=0)
    with transaction.atomic():
        for row in lock_rows(rows.filter(state=MenuState.PUBLISHED)):
            move_locked(row, "take_back")
            move_locked(row, "withdrawn")
