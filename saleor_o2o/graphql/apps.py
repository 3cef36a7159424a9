"""The Django app of the GraphQL layer (templates of the playground)."""

from django.apps import AppConfig


class GraphqlConfig(AppConfig):
    """GraphQL 接口."""

    name = "saleor_o2o.graphql"
    label = "o2o_graphql"
    verbose_name = "GraphQL 接口"
    default_auto_field = "django.db.models.BigAutoField"
