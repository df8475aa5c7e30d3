"""The plain stack: graphene-django and django-graphql-jwt, put together as their documentation shows."""
