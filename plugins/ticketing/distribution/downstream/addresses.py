"""Where notices may be sent: to the outside world by HTTPS, never into our own network.

A name is resolved here and the connection goes to exactly that address, so that a name cannot point elsewhere a moment
later. In development the sandbox's own address is allowed, too.
"""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from .errors import ResaleError
from .errors import ResaleErrorCode as Code

#: Seconds that a worker waits for a name; the system's resolver may take half a minute, and cannot be interrupted.
LOOK_UP = 3.0
#: So many questions of one process may wait for the resolver; where it is down, further ones fail at once.
AT_ONCE = 4
_NAT64 = IPv6Network("64:ff9b::/96")
_free = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to connect to (`url`, an address of numbers), and who is meant (`host`)."""

    url: str
    host: str
    secure: bool


def check_address(url: str) -> None:
    """Refuse an address by its looks, when somebody types it; nothing is looked up. Raises ADDRESS_REFUSED."""
    parts = _read(url)
    if _is_sandbox(parts):
        return
    if parts.scheme != "https" or parts.username or parts.password or parts.port not in (None, 443, 8443):
        raise _refused(_("通知地址须为 https 地址，端口为 443 或 8443，不带账号密码"))
    try:
        literal = ip_address(parts.hostname or "")
    except ValueError:
        if "." not in (parts.hostname or ""):
            raise _refused(_("通知地址须为公网域名")) from None
        return
    if not _outside(literal):
        raise _refused(_("通知地址不能是内网地址"))


def target_of(url: str) -> Target:
    """Resolve an address for one request, within `LOOK_UP` seconds.

    Raises ADDRESS_REFUSED; OSError where the name is not known, or nobody says so in time; UnicodeError for no name.
    """
    check_address(url)
    parts = _read(url)
    host, port = parts.hostname or "", parts.port or 443
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if _is_sandbox(parts):
        return Target(url, parts.netloc, False)
    found = {str(one[4][0]) for one in _looked_up(host, port)}
    addresses = [ip_address(one.partition("%")[0]) for one in sorted(found)]
    if not addresses or not all(_outside(one) for one in addresses):
        raise _refused(_("通知地址解析到内网"))
    chosen = next((one for one in addresses if one.version == 4), addresses[0])
    literal = f"[{chosen}]" if chosen.version == 6 else str(chosen)
    named = host if port == 443 else f"{host}:{port}"
    return Target(f"https://{literal}:{port}{path}", named, True)


def _looked_up(host: str, port: int) -> list[Any]:
    """As `socket.getaddrinfo`; raises TimeoutError where the resolver takes longer than `LOOK_UP`."""
    if not _free.acquire(blocking=False):
        raise TimeoutError("the resolver does not answer")
    answers: SimpleQueue[list[Any] | Exception] = SimpleQueue()

    def ask() -> None:
        found: list[Any] | Exception
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            found = error
        finally:
            _free.release()
        answers.put(found)

    # a pool would be waited for when the process ends
    threading.Thread(target=ask, name="resale-look-up", daemon=True).start()
    try:
        found = answers.get(timeout=LOOK_UP)
    except Empty:
        raise TimeoutError("the resolver does not answer") from None
    if isinstance(found, Exception):
        raise found
    return found


def _outside(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is of the outside world. What NAT64 turns into an address of IPv4 is judged by that one."""
    if address in _NAT64:
        return _outside(IPv4Address(int(address) & 0xFFFFFFFF))
    local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not address.is_multicast and not local


def _read(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        raise _refused(_("通知地址不正确")) from None
    if any(sign <= " " or sign == "\\" for sign in url) or not parts.hostname:
        raise _refused(_("通知地址不正确"))
    return parts


def _is_sandbox(parts: SplitResult) -> bool:
    if not (settings.O2O_SANDBOX_ALLOWED and settings.SANDBOX_URL):
        return False
    home = urlsplit(settings.SANDBOX_URL)
    return (parts.scheme, parts.netloc) == (home.scheme, home.netloc)


def _refused(words: object) -> ResaleError:
    return ResaleError(Code.ADDRESS_REFUSED, str(words), "hook", _("请填写对方提供的公网接收地址"))
