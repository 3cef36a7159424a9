"""Numbers of the mall."""

from saleor_o2o.kernel.numbering import number_kind

#: What an offer is chosen by.
OFFER = number_kind("mall_offer", "DH", width=4)
#: What a coupon for points is chosen by.
SWAP = number_kind("mall_swap", "DQ", width=4)
