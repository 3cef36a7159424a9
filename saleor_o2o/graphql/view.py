"""The GraphQL view."""

from saleor.graphql.views import GraphQLView


class PlatformGraphQLView(GraphQLView):  # type: ignore[misc]
    """Stock's view for now."""
