"""Submit, approve level by level, reject, supplement, withdraw, escalate: one flow for every matter."""
