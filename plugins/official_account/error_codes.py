"""Codes of the official account's errors."""

from enum import StrEnum


class OfficialAccountErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    INVALID = "INVALID"
    ACCOUNT_TAKEN = "ACCOUNT_TAKEN"
    ACCOUNT_RETIRED = "ACCOUNT_RETIRED"
    WECHAT_REFUSED = "WECHAT_REFUSED"
    WECHAT_SILENT = "WECHAT_SILENT"
    MENU_EMPTY = "MENU_EMPTY"
    MENU_TOO_MANY = "MENU_TOO_MANY"
    MENU_TOO_LONG = "MENU_TOO_LONG"
    MENU_INVALID = "MENU_INVALID"
    MENU_BUSY = "MENU_BUSY"
    MENU_NO_DEFAULT = "MENU_NO_DEFAULT"
    REPLY_EMPTY = "REPLY_EMPTY"
    REPLY_TOO_LONG = "REPLY_TOO_LONG"
    KEYWORD_TAKEN = "KEYWORD_TAKEN"
    CODE_LIMIT = "CODE_LIMIT"
