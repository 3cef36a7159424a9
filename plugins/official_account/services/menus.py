"""Menus are written, published, taken back. What WeChat says to it is the task's matter (`publishing`)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from .. import audits
from ..errors import Code, OfficialAccountError
from ..menu_rules import PERSONAL_HOSTS, PLATFORMS, checked_buttons, hosts_of
from ..models import Account, Menu, MenuKind, MenuState
from ..permissions import CONTENT, PUBLISH, require_at

#: Personalised menus of one account that count.
MOST = 20
BUSY = (MenuState.PUBLISHING, MenuState.WITHDRAWING)


@transaction.atomic
def save_menu(
    user: Any,
    account_pk: int,
    values: dict[str, Any],
    menu_pk: int | None = None,
    *,
    revision: int | None = None,
) -> Menu:
    """Write a menu of an account, or change one; the followers see it when it is published.

    `values`: `kind` (new ones only), `name`, `buttons`, `tag_id`, `platform`. `revision`: the one that was edited: who
    saved meanwhile is not overwritten. Locks: account, menu. Raises NotAllowed, OfficialAccountError with the codes of
    `menu_rules`, MENU_BUSY, INVALID; LockTimeout.
    """
    [account] = lock_rows(Account.objects.filter(pk=account_pk).select_related("unit"), no_key=True)
    require_at(user, CONTENT, account.unit)
    menu = (
        Menu(account=account, revision=0)
        if menu_pk is None
        else lock_rows(account.menus.filter(pk=menu_pk))[0]
    )
    if menu_pk is not None and revision is not None and menu.revision != revision:
        raise OfficialAccountError(
            Code.MENU_BUSY, _("您编辑时，这个菜单已被别人修改"), None, _("请打开最新的版本再改")
        )
    if menu.state in BUSY:
        raise OfficialAccountError(Code.MENU_BUSY, _("菜单正在发布，请稍后再改"))
    if menu_pk is None:
        menu.kind = values.get("kind") or MenuKind.ORDINARY
    before = {"name": menu.name, "buttons": menu.buttons}
    menu.name = str(values.get("name") or menu.get_kind_display()).strip()[:40]
    menu.buttons = checked_buttons(values.get("buttons"))
    _rule(menu, values)
    _check_others(account, menu)
    menu.revision += 1
    menu.save()
    audit.record(audits.MENU_SAVED, menu, before=before, after={"name": menu.name, "buttons": menu.buttons})
    return menu


def ask_publish(user: Any, menu_pk: int) -> Menu:
    """Let the followers see a menu as it stands here; a task does it. Locks: the menu.

    Raises NotAllowed, IllegalMove while it is being done, OfficialAccountError ACCOUNT_RETIRED, MENU_NO_DEFAULT.
    """
    with transaction.atomic():
        menu = _mine(user, menu_pk)
        if not menu.account.is_active:
            raise OfficialAccountError(Code.ACCOUNT_RETIRED, _("公众号已停用"), None, _("请先恢复使用"))
        if menu.kind == MenuKind.PERSONAL and not _has_default(menu.account):
            raise OfficialAccountError(
                Code.MENU_NO_DEFAULT, _("还没有发布默认菜单"), None, _("请先发布默认菜单，再发布个性化菜单")
            )
        move_locked(menu, "ask")
        menu.published_by = user
        menu.save(update_fields=["published_by"])
        audit.record(audits.MENU_PUBLISHED, menu, after={"revision": menu.revision, "buttons": menu.buttons})
        transaction.on_commit(lambda: _start(menu_pk), robust=True)
    return menu


def ask_withdraw(user: Any, menu_pk: int) -> Menu:
    """Let the followers see it no longer; with the default menu all personalised ones go. Locks: the menu.

    Raises NotAllowed, IllegalMove.
    """
    with transaction.atomic():
        menu = _mine(user, menu_pk)
        move_locked(menu, "take_back")
        audit.record(audits.MENU_WITHDRAWN, menu)
        transaction.on_commit(lambda: _start(menu_pk), robust=True)
    return menu


def _mine(user: Any, menu_pk: int) -> Menu:
    [menu] = lock_rows(Menu.objects.filter(pk=menu_pk).select_related("account__unit"))
    require_at(user, PUBLISH, menu.account.unit)
    return menu


def _start(menu_pk: int) -> None:
    from ..tasks import publish_menu

    publish_menu.delay(menu_pk)


def _has_default(account: Account) -> bool:
    return account.menus.filter(kind=MenuKind.ORDINARY, published_revision__gt=0).exists()


def _rule(menu: Menu, values: dict[str, Any]) -> None:
    if menu.kind == MenuKind.ORDINARY:
        menu.tag_id, menu.platform = None, ""
        return
    tag, platform = values.get("tag_id"), str(values.get("platform") or "")
    if platform and platform not in PLATFORMS:
        raise OfficialAccountError(Code.INVALID, _("没有这种手机系统"), "platform")
    if tag is None and not platform:
        raise OfficialAccountError(Code.INVALID, _("个性化菜单要说明给谁看：选标签，或选手机系统"), "tag_id")
    if tag is not None and tag != menu.tag_id and not menu.account.tags.filter(remote_id=tag).exists():
        raise OfficialAccountError(
            Code.INVALID, _("这个公众号没有这个标签"), "tag_id", _("请在“粉丝标签”里新建，或从微信同步")
        )
    menu.tag_id, menu.platform = tag, platform


def _check_others(account: Account, menu: Menu) -> None:
    others = list(account.menus.exclude(pk=menu.pk))
    if menu.kind == MenuKind.ORDINARY:
        if any(other.kind == MenuKind.ORDINARY for other in others):
            raise OfficialAccountError(Code.INVALID, _("这个公众号已经有默认菜单"), "kind", _("请直接修改它"))
        return
    personal = [other for other in others if other.kind == MenuKind.PERSONAL]
    if len(personal) >= MOST:
        raise OfficialAccountError(Code.MENU_TOO_MANY, _("个性化菜单最多 20 个"))
    hosts = set.union(hosts_of(menu.buttons), *(hosts_of(other.buttons) for other in personal))
    if len(hosts) > PERSONAL_HOSTS:
        raise OfficialAccountError(
            Code.MENU_INVALID,
            _("一个公众号的所有个性化菜单最多跳转到 3 个域名，现在有：%(hosts)s")
            % {"hosts": "、".join(sorted(hosts))},
            "buttons",
        )
