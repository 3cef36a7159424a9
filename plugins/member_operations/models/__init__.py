"""Rows of member operations."""

from .campaigns import Campaign, CampaignMessage, ContactRule
from .exports import MemberExport
from .figures import MemberFigures
from .segments import Segment
from .surveys import Survey

__all__ = ["Campaign", "CampaignMessage", "ContactRule", "MemberExport", "MemberFigures", "Segment", "Survey"]
