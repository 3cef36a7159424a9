"""The kernel: what every plugin needs and none owns. Knows Django, never Saleor or GraphQL."""
