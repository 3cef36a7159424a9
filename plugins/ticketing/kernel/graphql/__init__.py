"""The API of the ticketing kernel."""
