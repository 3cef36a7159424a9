"""Places, communities, nearest outlets and serving branches."""
