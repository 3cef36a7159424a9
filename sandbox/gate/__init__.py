"""A gate that works without a network: it keeps a signed list, lets people in by it, and tells afterwards."""
