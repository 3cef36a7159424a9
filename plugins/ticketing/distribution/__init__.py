"""Tickets of others in our catalogue, and ours in the catalogues of others: what the upstream tells, what channels ask."""
