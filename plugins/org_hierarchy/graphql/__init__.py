"""GraphQL of the organisation, for staff."""
