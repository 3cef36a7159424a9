"""Numbers of coupons."""

from saleor_o2o.kernel.numbering import number_kind

#: Read out at a counter: date, running number, check digit.
COUPON = number_kind("coupon", "Q")
