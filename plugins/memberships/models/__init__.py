"""Plans, memberships and their terms, and what is written down before they are bought."""

from .benefits import BenefitCode, BenefitEntry, BenefitUse, PlanBenefit
from .cards import Card, CardBatch, Handout
from .plans import Plan
from .settling import SettlementCorrection, SettlementItem, SettlementLine, SettlementSheet
from .terms import Membership, Quote, Term, Wish

__all__ = [
    "BenefitCode",
    "BenefitEntry",
    "BenefitUse",
    "Card",
    "CardBatch",
    "Handout",
    "Membership",
    "Plan",
    "PlanBenefit",
    "Quote",
    "SettlementCorrection",
    "SettlementItem",
    "SettlementLine",
    "SettlementSheet",
    "Term",
    "Wish",
]
