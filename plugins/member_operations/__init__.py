"""Member operations: segments, campaigns, and what they brought."""
