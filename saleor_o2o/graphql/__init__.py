"""The one GraphQL schema: stock Saleor's plus the plugins', and the view that serves it."""
