"""Members: one person, many identities, over Saleor's users."""
