"""Our tickets sold by others: resellers with an account, prices, a deposit, a signed interface and notices."""
