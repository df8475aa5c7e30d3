"""The plain stack: graphene-django and django-graphql-jwt, combined as in their documentation."""
