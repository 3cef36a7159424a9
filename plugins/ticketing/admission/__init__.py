"""Admission: scenic spots, shows, matches and exhibitions, with what is on sale, when, and how much is left of it."""
