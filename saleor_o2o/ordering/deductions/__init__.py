"""What lowers an order beside stock's sales and voucher: member prices, coupons, points; the seam for such sources.

- `sources`: what a source is, what it is shown of a checkout, what it answers;
- `choosing`: what the shopper chose for a checkout or basket;
- `reckoning`: what all sources together take off a checkout, for showing; no row is locked;
- `taking`: the same once more in the transaction that writes the order, under the sources' locks, and its rows;
- `keeping`: what an order's rows say, and giving everything back when it ends unpaid.
"""
