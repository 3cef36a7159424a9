"""Rows of WeChat Pay: merchant accounts and keys, changes that take two people, bills, shares."""

from .accounts import AccountKey, AccountState, KeyKind, MerchantAccount
from .bills import PURSES, Bill, BillKind, BillLine, BillState
from .changes import Change, ChangeKind, ChangeState
from .sharing import Receiver, ReceiverType, Relation, Share, ShareLine, ShareReturn, ShareState

__all__ = [
    "PURSES",
    "AccountKey",
    "AccountState",
    "Bill",
    "BillKind",
    "BillLine",
    "BillState",
    "Change",
    "ChangeKind",
    "ChangeState",
    "KeyKind",
    "MerchantAccount",
    "Receiver",
    "ReceiverType",
    "Relation",
    "Share",
    "ShareLine",
    "ShareReturn",
    "ShareState",
]
