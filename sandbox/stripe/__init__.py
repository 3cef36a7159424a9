"""Stripe: localstripe (a process of its own) behind a thin layer that speaks the API of 2020-08-27."""
