"""The GraphQL API of the account system: the only package here that imports graphene.

Each mutation is a class that declares its arguments and outputs and calls one flow.
"""
