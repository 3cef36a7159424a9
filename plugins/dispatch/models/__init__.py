"""Rows of dispatch."""

from .entry import DispatchEntry
from .rules import ClockRule
from .task import DispatchTask

__all__ = ["ClockRule", "DispatchEntry", "DispatchTask"]
