"""A screen shows a code, the phone confirms, the screen is logged in: once.

The code alone lets nobody in (whoever scans it must confirm on a phone that is logged in), the secret alone neither
(the screen has it, and waits). Every step locks the row, looks at the time and the state, then moves.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import segno
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from plugins.login_security.interfaces import Place
from plugins.login_security.interfaces import Way as Door
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.states import move_locked

from ..devices import Device
from ..errors import MemberError
from ..errors import MemberErrorCode as Code
from ..kinds import QrState, Way
from ..models import Member, MemberSession, QrLogin
from .signing_in import Tokens, sign_in

CONFIRMED = audit.action("members.qr_confirmed", _("确认扫码登录"))
LIFE = timedelta(minutes=2)
KEPT = timedelta(days=1)
#: What the picture says: a phone's own scanner knows it by its beginning.
PREFIX = "yuyou-login:"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen gets: the text of the picture, its own secret, the two digits, and until when."""

    content: str
    secret: str
    match: str
    expires_at: datetime


def start(device: Device) -> Shown:
    """Make a code for a screen."""
    code, secret = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    made = QrLogin.objects.create(
        code_index=_index(code, "code"), secret_index=_index(secret, "secret"), match=f"{secrets.randbelow(100):02d}",
        device=device.name, device_key=device.index, ip=device.place.ip, expires_at=now() + LIFE,
    )  # fmt: skip
    return Shown(f"{PREFIX}{code}", secret, made.match, made.expires_at)


def picture_of(content: str) -> str:
    """The text of a code as a picture: the data address of an SVG."""
    return str(segno.make(content, error="m", micro=False).svg_data_uri(scale=6, border=2))


def scan(member: Member, content: str) -> QrLogin:
    """The phone has read the picture; answers what to show: from where somebody wants to log in, the two digits.

    The same member scanning again is shown it again. Locks: the row. Raises QR_GONE, QR_SCANNED (by somebody else).
    """
    with transaction.atomic():
        row = _locked(content)
        if row.state == QrState.SCANNED and row.member_id == member.pk:
            return row
        if row.state == QrState.SCANNED:
            raise MemberError(
                Code.QR_SCANNED, _("这个二维码已被另一部手机扫过"), hint=_("请在电脑上刷新二维码再扫")
            )
        if row.state != QrState.WAITING:
            raise _gone()
        move_locked(row, "scan", member=member)
    return row


def decide(member: Member, content: str, *, accept: bool) -> QrLogin:
    """Confirm or refuse on the phone that scanned; the same answer again changes nothing.

    Locks: the row. Raises QR_GONE, also for another member's.
    """
    with transaction.atomic():
        row = _locked(content)
        if row.member_id != member.pk:
            raise _gone()
        wanted = QrState.CONFIRMED if accept else QrState.REFUSED
        if row.state == wanted:
            return row
        if row.state != QrState.SCANNED:
            raise _gone()
        move_locked(row, "confirm" if accept else "refuse")
        if accept:
            audit.record(CONFIRMED, member, after={"device": row.device})
    return row


def poll(secret: str) -> tuple[str, Tokens | None]:
    """How far a screen's code has come; the first poll after it was confirmed logs the screen in.

    `gone` for a code that is too old, unknown, or was taken. Locks: the row. Raises NotActive.
    """
    with transaction.atomic():
        rows = lock_rows(QrLogin.objects.filter(secret_index=_index(secret, "secret")))
        if not rows or rows[0].state == QrState.TAKEN:
            return "gone", None
        row = rows[0]
        if row.state == QrState.REFUSED:
            return "refused", None
        if row.expires_at <= now():
            return "gone", None
        if row.state != QrState.CONFIRMED or row.member is None:
            return str(row.state), None
        screen = Device("", row.device, Place(Door.API, row.ip, row.device))
        tokens = sign_in(row.member, screen, Way.QR)
        MemberSession.objects.filter(pk=tokens.session_id).update(device_index=row.device_key)
        move_locked(row, "take", session=MemberSession.objects.get(pk=tokens.session_id))
    return "taken", tokens


def sweep() -> int:
    """Delete codes of before yesterday; returns how many."""
    return QrLogin.objects.filter(started_at__lt=now() - KEPT).delete()[0]


def _locked(content: str) -> QrLogin:
    code = content.strip()[:200].removeprefix(PREFIX)
    rows = lock_rows(QrLogin.objects.filter(code_index=_index(code, "code")))
    if not rows or rows[0].expires_at <= now():
        raise _gone()
    return rows[0]


def _gone() -> MemberError:
    return MemberError(Code.QR_GONE, _("二维码已失效"), hint=_("请在电脑上刷新二维码再扫"))


def _index(text: str, what: str) -> str:
    # the blind index does not look at letter case; in hexadecimal there is none to lose
    return blind_index(text.encode().hex(), f"members.qr.{what}")
