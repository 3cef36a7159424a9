"""Coupons: templates, ways of giving, use in the checkout, and who bears what they cost."""
