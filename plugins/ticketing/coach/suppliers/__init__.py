"""The coach networks that we sell for: an adapter each, and what they tell by themselves."""
