"""Buying goods: placing orders, taking money, giving it back."""
