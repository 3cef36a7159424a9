"""The insurer of tickets: takes in at once, issues on its own time."""
