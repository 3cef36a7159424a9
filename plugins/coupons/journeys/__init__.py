"""Flows of coupons over HTTP."""
