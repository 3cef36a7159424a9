"""Orders made for a customer at a counter or in a micro-shop, paid in cash or by code."""
