"""The test cards: Stripe's own where it has one, ours (from 4000000000990001) where it has none."""

from __future__ import annotations

from dataclasses import dataclass

GOOD = "4242424242424242"
#: What localstripe knows: declines, asks for 3-D Secure, declines after it.
DECLINED = "4000000000000341"
CHALLENGED = "4000002760003184"
CHALLENGED_DECLINED = "4000008260003178"


@dataclass(frozen=True, slots=True)
class Card:
    """A card: its number, Stripe's name of a ready payment method, what it does, and what localstripe is told."""

    number: str
    token: str
    title: str
    plays: str = GOOD
    brand: str = "visa"
    code: str = ""
    decline_code: str = ""
    message: str = ""
    #: slow, lost, twice, unauthenticated
    trick: str = ""

    @property
    def challenges(self) -> bool:
        """Whether the bank wants to ask the payer."""
        return self.plays in (CHALLENGED, CHALLENGED_DECLINED)


def _no(
    number: str, token: str, title: str, decline_code: str, message: str, code: str = "card_declined"
) -> Card:
    return Card(number, token, title, DECLINED, "visa", code, decline_code, message)


_DECLINED = "Your card was declined."

CARDS = (
    Card(GOOD, "pm_card_visa", "付款成功"),
    Card("5555555555554444", "pm_card_mastercard", "付款成功（万事达卡）", brand="mastercard"),
    Card("6200000000000005", "pm_card_unionpay", "付款成功（银联卡）", brand="unionpay"),
    Card("4000000000003220", "pm_card_threeDSecure2Required", "要求 3-D Secure 验证", CHALLENGED),
    Card(
        "4000008400001629", "pm_card_threeDSecureRequiredChargeDeclined", "验证通过后仍被拒", CHALLENGED_DECLINED,
        code="card_declined", decline_code="generic_decline", message=_DECLINED,
    ),
    Card("4000000000990001", "pm_card_threeDSecureFails", "怎么答都验证失败", CHALLENGED, trick="unauthenticated"),
    _no("4000000000000002", "pm_card_chargeDeclined", "拒付：未说明原因", "generic_decline", _DECLINED),
    _no(
        "4000000000009995", "pm_card_chargeDeclinedInsufficientFunds", "拒付：余额不足", "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    _no("4000000000009987", "pm_card_chargeDeclinedLostCard", "拒付：挂失卡", "lost_card", _DECLINED),
    _no("4000000000009979", "pm_card_chargeDeclinedStolenCard", "拒付：被盗卡", "stolen_card", _DECLINED),
    _no(
        "4000000000000069", "pm_card_chargeDeclinedExpiredCard", "拒付：卡已过期", "", "Your card has expired.",
        "expired_card",
    ),
    _no(
        "4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "拒付：安全码错误", "",
        "Your card's security code is incorrect.", "incorrect_cvc",
    ),
    _no(
        "4000000000000119", "pm_card_chargeDeclinedProcessingError", "拒付：处理出错", "",
        "An error occurred while processing your card. Try again in a little bit.", "processing_error",
    ),
    _no("4100000000000019", "pm_card_chargeDeclinedFraudulent", "拒付：有欺诈风险", "fraudulent", _DECLINED),
    _no(
        "4000000000006975", "pm_card_chargeDeclinedVelocityLimitExceeded", "拒付：超过限额",
        "card_velocity_exceeded", "Your card was declined for making repeated attempts too frequently.",
    ),
    Card("4000000000990002", "pm_card_slow", "三秒后才答复", trick="slow"),
    Card("4000000000990003", "pm_card_lostAnswer", "扣了款，但答复丢失", trick="lost"),
    Card("4000000000990004", "pm_card_duplicateWebhooks", "通知各来两次", trick="twice"),
)  # fmt: skip
BY_TOKEN = {card.token: card for card in CARDS}
BY_NUMBER = {card.number: card for card in CARDS}


def card_of(text: str) -> Card | None:
    """The card of a ready payment method or of a number."""
    return BY_TOKEN.get(text) or BY_NUMBER.get(text)
