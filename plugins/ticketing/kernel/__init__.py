"""What tickets of every trade share: passengers' documents, fee rules, quotes."""
