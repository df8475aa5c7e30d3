"""POST /graphql for any schema: it knows HTTP, GraphQL documents and their limits, and nothing about accounts."""
