"""The second factor: an authenticator's codes (TOTP, RFC 6238), and recovery codes for whoever lost it.

Every check runs under the lock of the person's row: a code that comes twice, even at the same moment, counts once.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b32decode, b32encode
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.oath import hotp

from plugins.org_hierarchy.interfaces import access_of
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.clock import now
from saleor_o2o.kernel.crypto import blind_index
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.numbering import SHORT_ALPHABET
from saleor_o2o.kernel.request import actor_label

from ..errors import LockedOut, WrongCode
from ..models import LoginState, RecoveryCode
from ..rules import rules

ENROLLED = audit.action("login_security.second_factor_enrolled", _("绑定二次验证"))
RECOVERED = audit.action("login_security.recovery_code_used", _("使用恢复码"))
RENEWED = audit.action("login_security.recovery_codes_renewed", _("重新生成恢复码"))

ISSUER = "渝邮生活"
STEP = 30
#: Codes of the step before and the step after are taken too: clocks differ.
TOLERANCE = 1
RECOVERY_CODES = 10
_RECOVERY_PURPOSE = "login_security.recovery"


def state_of(user: Any) -> LoginState:
    """The state of a user as stored now; one that was never written when there is none."""
    return LoginState.objects.filter(user_id=user.pk).first() or LoginState(user_id=user.pk)


def needs_code(user: Any, state: LoginState) -> bool:
    """True when a role of the user's asks for a second factor, or the user has one anyway."""
    return state.confirmed_at is not None or access_of(user).needs_second_factor


def start(user: Any) -> str:
    """Return the secret (base32) to be put into the authenticator; the same until it is confirmed.

    Raises WrongCode when there is a confirmed one already: only another person may reset it.
    """
    with transaction.atomic():
        state = lock_state(user)
        if state.confirmed_at is not None:
            raise WrongCode
        if not state.secret:
            state.secret = b32encode(secrets.token_bytes(20)).decode()
            state.save(update_fields=["secret"])
    return str(state.secret)


def address_of(user: Any, secret: str) -> str:
    """What the QR code says to the authenticator."""
    told = urlencode({"secret": secret, "issuer": ISSUER}, quote_via=quote)
    return f"otpauth://totp/{quote(user.email)}?{told}"


def confirm(user: Any, code: str) -> list[str]:
    """Switch the second factor on with the first right code; returns the recovery codes, shown this once.

    Locks: the person's row. Raises WrongCode, LockedOut.
    """
    codes: list[str] = []
    with transaction.atomic():
        state = lock_state(user)
        until = _until(state)
        if until is None and state.secret and state.confirmed_at is None and _take(state, code):
            state.confirmed_at = now()
            state.failures = 0
            state.save()
            codes = _renew(state)
            audit.record(
                ENROLLED, state, after={"confirmed": True}, actor=actor_label(user), org_path=_path(user)
            )
        elif until is None:
            _fail(state)
    _refuse(until, bool(codes))
    return codes


def verify(user: Any, code: str) -> LoginState:
    """Take a code of the authenticator or a recovery code, once. Raises WrongCode, LockedOut.

    Locks: the person's row. Wrong codes are counted and lock the codes for the window, also when the password is right.
    """
    right = False
    with transaction.atomic():
        state = lock_state(user)
        until = _until(state)
        if until is None and state.confirmed_at is not None:
            right = _take(state, code) or _recover(state, code, user)
            if right:
                state.failures = 0
                state.save()
        if until is None and not right:
            _fail(state)
    _refuse(until, right)
    return state


def renew_recovery_codes(user: Any, code: str) -> list[str]:
    """Make new recovery codes, against a fresh code; the old ones are void. Raises WrongCode, LockedOut."""
    verify(user, code)
    with transaction.atomic():
        codes = _renew(lock_state(user))
        audit.record(
            RENEWED,
            state_of(user),
            after={"number": len(codes)},
            actor=actor_label(user),
            org_path=_path(user),
        )
    return codes


def lock_state(user: Any) -> LoginState:
    """Lock the person's row, written now if need be, until the transaction ends. Raises LockTimeout."""
    LoginState.objects.bulk_create([LoginState(user_id=user.pk)], ignore_conflicts=True)
    return lock_rows(LoginState.objects.filter(user_id=user.pk))[0]


def _take(state: LoginState, code: str) -> bool:
    """True for a right code of a step later than the last one taken; the step is then the last."""
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return False
    key = b32decode(state.secret)
    current = int(now().timestamp()) // STEP
    for step in range(current - TOLERANCE, current + TOLERANCE + 1):
        expected = f"{hotp(key, step):06d}"  # TOTP is HOTP of the time step
        if hmac.compare_digest(expected, digits) and step > state.last_step:
            state.last_step = step
            return True
    return False


def _recover(state: LoginState, code: str, user: Any) -> bool:
    typed = "".join(one for one in code.upper() if one in SHORT_ALPHABET)
    if len(typed) != 10:
        return False
    used = state.recovery_codes.filter(
        digest=blind_index(typed, _RECOVERY_PURPOSE), used_at__isnull=True
    ).update(used_at=now())
    if used:
        left = state.recovery_codes.filter(used_at__isnull=True).count()
        audit.record(RECOVERED, state, after={"left": left}, actor=actor_label(user), org_path=_path(user))
    return bool(used)


def _renew(state: LoginState) -> list[str]:
    state.recovery_codes.all().delete()
    codes = [
        "".join(secrets.choice(SHORT_ALPHABET) for _number in range(10)) for _code in range(RECOVERY_CODES)
    ]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(state=state, digest=blind_index(code, _RECOVERY_PURPOSE)) for code in codes
    )
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _fail(state: LoginState) -> None:
    moment = now()
    if state.failures_since is None or state.failures_since <= moment - rules().window:
        state.failures, state.failures_since = 0, moment
    state.failures += 1
    state.save(update_fields=["failures", "failures_since"])


def _until(state: LoginState) -> datetime | None:
    limits = rules()
    if state.failures < limits.failures or state.failures_since is None:
        return None
    until = state.failures_since + limits.window
    return until if until > now() else None


def _refuse(until: datetime | None, right: bool) -> None:
    # Outside the transaction: what was counted stays.
    if until is not None:
        raise LockedOut(until)
    if not right:
        raise WrongCode


def _path(user: Any) -> str | None:
    staff = access_of(user).staff
    return staff.unit.path if staff is not None else None
