"""Which branch delivers a part of an order, and who of it."""
