"""Tickets of others in our catalogue, and ours in the catalogues of others: upstream, and channels."""
