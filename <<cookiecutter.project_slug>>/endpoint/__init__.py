"""POST /graphql for any schema: handles HTTP, GraphQL documents and their limits, independently of accounts."""
