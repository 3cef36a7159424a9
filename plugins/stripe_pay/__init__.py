"""Stripe: Saleor's own gateway with numbers of ours, 3-D Secure to its end, and no money lost on the way."""
