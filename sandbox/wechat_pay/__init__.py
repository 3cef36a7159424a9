"""WeChat Pay API v3 for a direct merchant: prepay, query, close, refund, notifications."""
