"""What people show to be let in, and how they are: vouchers, redemption, gates with and without a network."""
