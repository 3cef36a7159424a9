"""Points for services of the post."""
