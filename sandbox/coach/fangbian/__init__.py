"""The other network: one address, forms with signed sorted parameters, amounts in yuan, daily file as JSON."""
