"""Two people: one proposes, another decides; the decision and what it does are one step.

What calls WeChat (an abnormal refund) is done before the decision is written, outside of any transaction, and is
safe to
repeat: the refund's number stays the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from plugins.org_hierarchy.interfaces import OrgUnit
from saleor_o2o.kernel import audit
from saleor_o2o.kernel.locks import lock_rows
from saleor_o2o.kernel.scope import get_row, require
from saleor_o2o.kernel.states import move

from ..checks import check_account, checked_key
from ..error_codes import WechatPayErrorCode as Code
from ..errors import WechatPayError
from ..models import AccountKey, Change, ChangeKind, ChangeState, MerchantAccount
from ..permissions import DECIDE, PROPOSE, REDIRECT, require_at
from .accounts import add_account, edit_account, retire_account, revive_account
from .keys import add_key, refuse_in_force, retire_key

PROPOSED = audit.action("wechat_pay.change_proposed", _("申请变更（待双人复核）"))
DECIDED = audit.action("wechat_pay.change_decided", _("复核变更"))

Told = Sequence[tuple[str, str]]


def propose_account(user: Any, values: dict[str, Any], reason: str) -> Change:
    """Propose a new account. Raises NotAllowed, WechatPayError INVALID (with the field), ALREADY_PROPOSED."""
    unit = _unit_of(user, values.get("unit_id"))
    check_account(values)
    checked_key("api_certificate", values.get("serial", ""), values.get("private_key", ""))
    checked_key("apiv3", "", values.get("apiv3_key", ""))
    if values.get("public_key_id") or values.get("public_key"):
        checked_key("public_key", values.get("public_key_id", ""), values.get("public_key", ""))
    if MerchantAccount.objects.filter(code=values["code"]).exists():
        raise WechatPayError(Code.ACCOUNT_TAKEN, "code")
    return _propose(user, ChangeKind.ACCOUNT_ADD, values["code"], values, _told(values), reason, None, unit)


def propose_edit(user: Any, account: MerchantAccount, values: dict[str, Any], reason: str) -> Change:
    """Propose other values for an account. Errors as `propose_account`."""
    require(user, PROPOSE, account)
    unit = _unit_of(user, values.get("unit_id"))
    given = {**values, "code": account.code, "mchid": account.mchid}
    check_account(given)
    return _propose(user, ChangeKind.ACCOUNT_EDIT, account.code, given, _told(given), reason, account, unit)


def propose_key(
    user: Any, account: MerchantAccount, kind: str, serial: str, value: str, reason: str
) -> Change:
    """Propose a key beside those in force. Errors as `propose_account`, and KEY_KNOWN."""
    require(user, PROPOSE, account)
    serial, value, _until = checked_key(kind, serial, value)
    refuse_in_force(account, kind, value)
    values = {"kind": kind, "serial": serial, "value": value}
    told = [
        (str(_("种类")), str(dict(AccountKey._meta.get_field("kind").choices or ())[kind])),
        (str(_("序列号")), serial or "—"),
    ]
    return _propose(user, ChangeKind.KEY_ADD, f"{account.code}:{kind}", values, told, reason, account)


def propose_key_end(user: Any, key: AccountKey, reason: str) -> Change:
    """Propose to end an old key. Errors as `propose_account`."""
    require(user, PROPOSE, key)
    told = [(str(_("密钥")), str(key))]
    subject = f"{key.account.code}:{key.pk}"
    return _propose(user, ChangeKind.KEY_RETIRE, subject, {"key": key.pk}, told, reason, key.account)


def propose_state(user: Any, account: MerchantAccount, *, retire: bool, reason: str) -> Change:
    """Propose to retire an account, or to use it again. Errors as `propose_account`."""
    require(user, PROPOSE, account)
    kind = ChangeKind.ACCOUNT_RETIRE if retire else ChangeKind.ACCOUNT_REVIVE
    return _propose(user, kind, account.code, {}, [(str(_("商户号")), str(account))], reason, account)


def propose_redirect(user: Any, refund: Any, values: dict[str, str], reason: str) -> Change:
    """Propose to send an abnormal refund to a bank card. ``values``: type, bank_type, bank_account, real_name.

    Raises NotAllowed, WechatPayError NOT_ABNORMAL, INVALID, ALREADY_PROPOSED.
    """
    from .redirecting import check_redirect, unit_of

    unit = unit_of(refund)
    require_at(user, REDIRECT, unit)
    told = check_redirect(refund, values)
    account = MerchantAccount.objects.filter(code=refund.account).first()
    return _propose(
        user, ChangeKind.ABNORMAL_REFUND, refund.number, dict(values), told, reason, account, unit
    )


def decide(user: Any, change_pk: int, *, agree: bool, note: str = "") -> Change:
    """The second person decides; agreed changes are done with it. Locks: the change, then what it touches.

    Raises OutOfScope, NotAllowed, WechatPayError SAME_PERSON, ALREADY_DECIDED, and what doing it raises (then
    nothing is
    decided either).
    """
    change = get_row(user, Change, pk=change_pk)
    require(user, DECIDE, change)
    if change.proposer_id == user.pk:
        raise WechatPayError(Code.SAME_PERSON)
    if agree and change.kind == ChangeKind.ABNORMAL_REFUND:
        _tell_wechat(change)
    with transaction.atomic():
        change = _waiting(change_pk)
        if agree:
            _do(change)
        move(change, "finish" if agree else "refuse", decider=user, note=note, reason=note)
        audit.record(DECIDED, change, after={"kind": change.kind, "agreed": agree, "subject": change.subject})
    return change


def _tell_wechat(change: Change) -> None:
    """Before the decision is written, for what WeChat refuses is not done; under the refund's own number, so once."""
    from .redirecting import redirect

    if change.state != ChangeState.WAITING:
        raise WechatPayError(Code.ALREADY_DECIDED)
    redirect(change.subject, change.values or {})


def withdraw(user: Any, change_pk: int) -> Change:
    """The proposer takes it back. Raises OutOfScope, NotAllowed, WechatPayError ALREADY_DECIDED."""
    from saleor_o2o.kernel.scope import NotAllowed

    change = get_row(user, Change, pk=change_pk)
    if change.proposer_id != user.pk:
        raise NotAllowed
    with transaction.atomic():
        change = _waiting(change_pk)
        move(change, "withdraw", decider=user, note="")
    return change


def _waiting(change_pk: int) -> Change:
    change = lock_rows(Change.objects.filter(pk=change_pk))[0]
    if change.state != ChangeState.WAITING:
        raise WechatPayError(Code.ALREADY_DECIDED)
    return change


def _do(change: Change) -> None:
    """Do it, in the transaction of the decision."""
    values = change.values or {}
    if change.kind == ChangeKind.ACCOUNT_ADD:
        change.account = add_account(values)
        change.save(update_fields=["account"])
    elif change.kind == ChangeKind.ABNORMAL_REFUND:
        return  # done before, outside of the transaction
    elif change.account_id is None:
        raise WechatPayError(Code.INVALID)
    elif change.kind == ChangeKind.ACCOUNT_EDIT:
        edit_account(change.account_id, values)
    elif change.kind == ChangeKind.ACCOUNT_RETIRE:
        retire_account(change.account_id)
    elif change.kind == ChangeKind.ACCOUNT_REVIVE:
        revive_account(change.account_id)
    elif change.kind == ChangeKind.KEY_ADD:
        account = MerchantAccount.objects.get(pk=change.account_id)
        add_key(account, values["kind"], values["serial"], values["value"])
    else:
        retire_key(values["key"])


def _propose(
    user: Any,
    kind: ChangeKind,
    subject: str,
    values: dict[str, Any],
    told: Told,
    reason: str,
    account: MerchantAccount | None,
    unit: OrgUnit | None = None,
) -> Change:
    if not reason.strip():
        raise WechatPayError(Code.INVALID, "reason", _("请填写原因"))
    try:
        with transaction.atomic():
            change = Change.objects.create(
                kind=kind,
                subject=subject[:64],
                values=values,  # type: ignore[misc]  # encrypted JSON: text in the database, a dict here
                told=[list(pair) for pair in told],
                reason=reason.strip()[:200],
                account=account,
                unit=unit if unit is not None or account is None else account.unit,
                proposer=user,
            )
            audit.record(PROPOSED, change, after={"kind": kind, "subject": subject})
    except IntegrityError as error:
        raise WechatPayError(Code.ALREADY_PROPOSED) from error
    return change


def _unit_of(user: Any, unit_id: Any) -> OrgUnit | None:
    """The unit that gets an account, in the user's reach; none at all only for those who reach everything."""
    if unit_id is None:
        require_at(user, PROPOSE, None)
        return None
    unit = get_row(user, OrgUnit, pk=unit_id)
    require_at(user, PROPOSE, unit)
    return unit


def _told(values: dict[str, Any]) -> list[tuple[str, str]]:
    """What the second person reads; no key among it."""
    words = [
        (
            str(getattr(MerchantAccount._meta.get_field(name), "verbose_name", name)),
            str(values.get(name) or "—"),
        )
        for name in ("code", "name", "mchid", "appid", "mini_appid", "seller", "base_url", "notify_url")
    ]
    unit = OrgUnit.objects.filter(pk=values["unit_id"]).first() if values.get("unit_id") else None
    words.append((str(_("所属机构")), str(unit) if unit else str(_("全市"))))
    words.append((str(_("默认账户")), str(_("是")) if values.get("is_default") else str(_("否"))))
    words.append((str(_("支持分账")), str(_("是")) if values.get("shares") else str(_("否"))))
    return words
