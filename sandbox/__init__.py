"""The outside world as one small ASGI program: what the platform talks to, made to fail on request.

Independent of the platform: it imports neither Django nor the packages beside it.
"""
