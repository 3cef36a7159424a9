"""Which merchant account takes an order's money: the seller's own, else the nearest unit's above, else the default
one."""

from __future__ import annotations

from collections.abc import Iterable

from plugins.org_hierarchy.interfaces import OrderAttribution
from saleor_o2o.cashier.error_codes import CashierErrorCode
from saleor_o2o.cashier.errors import CashierError
from saleor_o2o.cashier.ports import Method

from .models import AccountState, MerchantAccount


def account_for(order_id: int, seller: str, method: Method) -> str:
    """The code of the account. Two queries. Raises CashierError NOT_CONFIGURED where there is none.

    A mini-program needs an account with its appid; accounts without one are passed over.
    """
    accounts = list(MerchantAccount.objects.filter(state=AccountState.ACTIVE).select_related("unit"))
    if method is Method.WECHAT_MINI:
        accounts = [account for account in accounts if account.mini_appid]
    chosen = _of_seller(accounts, seller) or _of_unit(accounts, order_id) or _default(accounts)
    if chosen is None:
        raise CashierError(CashierErrorCode.NOT_CONFIGURED)
    return chosen.code


def titles() -> dict[str, str]:
    """What people call the accounts, by code: name and merchant number. One query."""
    rows = MerchantAccount.objects.values_list("code", "name", "mchid")
    return {code: f"{name}（{mchid}）" for code, name, mchid in rows}


def _of_seller(accounts: Iterable[MerchantAccount], seller: str) -> MerchantAccount | None:
    return next((account for account in accounts if seller and account.seller == seller), None)


def _of_unit(accounts: Iterable[MerchantAccount], order_id: int) -> MerchantAccount | None:
    """The deepest unit with an account on the order's path: the tree as it was when the order was made."""
    path = OrderAttribution.objects.filter(order_id=order_id).values_list("org_path", flat=True).first()
    if not path:
        return None
    fitting = [
        account
        for account in accounts
        if not account.seller and account.unit is not None and path.startswith(account.unit.path)
    ]
    return max(fitting, key=lambda account: len(account.unit.path) if account.unit else 0, default=None)


def _default(accounts: Iterable[MerchantAccount]) -> MerchantAccount | None:
    return next((account for account in accounts if account.is_default), None)
