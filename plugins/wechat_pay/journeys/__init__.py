"""Journeys of buying goods with WeChat Pay."""
