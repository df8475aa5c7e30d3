"""The GraphQL API of the account system: the only package here that imports graphene.

A mutation is a class: it declares its arguments and outputs and calls one flow.
"""
