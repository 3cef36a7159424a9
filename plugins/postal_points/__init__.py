"""Points for services of the post: savings, insurance, parcels."""
