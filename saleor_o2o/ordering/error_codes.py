"""Codes of the errors that placing an order can give."""

from enum import StrEnum


class OrderingErrorCode(StrEnum):
    """Stable codes; the texts may change."""

    CHECKOUT_GONE = "CHECKOUT_GONE"
    INSUFFICIENT_STOCK = "INSUFFICIENT_STOCK"
    AMOUNT_CHANGED = "AMOUNT_CHANGED"
    ORDER_NOT_PAID = "ORDER_NOT_PAID"
    NOT_A_DRAFT = "NOT_A_DRAFT"
    EMPTY = "EMPTY"
    GOODS_GONE = "GOODS_GONE"
    NOTHING_TO_FULFIL = "NOTHING_TO_FULFIL"
