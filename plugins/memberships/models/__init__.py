"""Plans, memberships and their terms, and what is written down before they are bought."""

from .plans import Plan
from .terms import Membership, Quote, Term, Wish

__all__ = ["Membership", "Plan", "Quote", "Term", "Wish"]
