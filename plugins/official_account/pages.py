"""Which account speaks on a page for shoppers, which pages are ours, and their signature for the JS-SDK."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.pace import asker_of, retry_after

from .errors import Code, OfficialAccountError
from .models import Account, AccountState
from .tokens import current_ticket

#: Longest address of a page.
LONGEST = 1024
#: How often one shopper may ask in a minute for what costs a call to WeChat.
PER_MINUTE = 60


@dataclass(frozen=True)
class JsConfig:
    """What `wx.config` of the JS-SDK is called with; `timestamp` in seconds."""

    app_id: str
    timestamp: int
    nonce_str: str
    signature: str


def account_of_page(code: str = "") -> Account:
    """The account of a page: the one named, else the city's. Raises OfficialAccountError NO_ACCOUNT."""
    rows = Account.objects.select_related("unit").filter(state=AccountState.ACTIVE)
    found = rows.filter(code=code).first() if code else rows.order_by("unit__level", "pk").first()
    if found is None:
        raise OfficialAccountError(
            Code.NO_ACCOUNT, _("公众号不存在或已停用"), "account", _("请从公众号菜单重新进入")
        )
    return found


def check_page(address: str) -> str:
    """A page of ours without its fragment. Raises OfficialAccountError FOREIGN_PAGE for any other."""
    page = address.split("#", 1)[0]
    ours, asked = urlsplit(settings.PUBLIC_URL), urlsplit(page)
    if len(page) > LONGEST or (asked.scheme, asked.netloc) != (ours.scheme, ours.netloc):
        raise OfficialAccountError(Code.FOREIGN_PAGE, _("只能用于本站的页面"), "url")
    return page


def sign_page(account: Account, address: str) -> JsConfig:
    """Sign a page of ours. Raises OfficialAccountError FOREIGN_PAGE, WechatRefused, WechatSilent. May call WeChat."""
    page = check_page(address)
    stamp, nonce = int(now().timestamp()), secrets.token_hex(8)
    text = f"jsapi_ticket={current_ticket(account)}&noncestr={nonce}&timestamp={stamp}&url={page}"
    told = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
    return JsConfig(account.appid, stamp, nonce, told)


def keep_pace(request: Any) -> None:
    """Raise OfficialAccountError TOO_MANY_REQUESTS for whoever asks too often."""
    wait = retry_after("official-account-page", asker_of(request), PER_MINUTE)
    if wait:
        raise OfficialAccountError(
            Code.TOO_MANY_REQUESTS, _("操作太频繁"), None, _("请 %(seconds)d 秒后再试") % {"seconds": wait}
        )
