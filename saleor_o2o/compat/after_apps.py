"""Adaptations of code that is importable only once the apps are loaded."""
