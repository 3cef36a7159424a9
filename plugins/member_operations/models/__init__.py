"""Rows of member operations."""

from .campaigns import Campaign, CampaignMessage, ContactRule
from .figures import MemberFigures
from .segments import Segment

__all__ = ["Campaign", "CampaignMessage", "ContactRule", "MemberFigures", "Segment"]
