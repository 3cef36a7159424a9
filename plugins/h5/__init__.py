"""Serves the shopper's pages."""
