"""Upstream: notices in, counters brought in step, catalogue taken over."""
