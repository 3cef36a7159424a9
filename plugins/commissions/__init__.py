"""Commission plans: rules, and what they come to for one sale."""
