"""System checks of the account system and its settings. The hint of each is its fix.

graphql_auth.E001   GRAPHQL_AUTH has an unknown key
graphql_auth.E002   GRAPHQL_AUTH, or a value in it, has a wrong type or size
graphql_auth.E003   USERS_QUERY has an unknown value
graphql_auth.E004   SEND_PASSWORD_SET_EMAIL has no effect
graphql_auth.W005   new accounts can never log in: they must be verified, and get no verification mail
graphql_auth.E006   a setting names a field that the user model does not have
graphql_auth.E007   a setting names a type that is not a scalar
graphql_auth.E008   REGISTER_MUTATION_FIELDS lacks a field that an account needs
graphql_auth.E009   UPDATE_MUTATION_FIELDS has a field that decides identity or permissions
graphql_auth.E010   RATE_LIMITS has an unknown scope
graphql_auth.E011   RATE_LIMITS has a limit that cannot be read
graphql_auth.E012   LOGIN_ALLOWED_FIELDS names a field that is not unique
graphql_auth.W013   RATE_LIMITS leaves a scope without a limit
graphql_auth.E014   LOGIN_ALLOWED_FIELDS is empty
graphql_auth.E015   USER_NODE_EXCLUDE_FIELDS does not exclude the password hash
graphql_auth.E016   a mail template is missing or has a syntax error
graphql_auth.E017   a field of registration is both required and optional
graphql_auth.E018   registration has a field that decides identity or permissions
graphql_auth.E019   a field of registration or updateAccount does not take a single value
graphql_auth.E020   two kinds of links have the same path, or a path has / at its ends
graphql_auth.E031   USER_NODE_FILTER_FIELDS has a field that UserNode does not show
graphql_auth.E032   USER_PUBLIC_FIELDS is empty, or names a field that UserNode does not show
graphql_auth.E036   registration or updateAccount has a type that does not take what UserNode shows
graphql_auth.E037   USER_NODE_FILTER_FIELDS has a lookup by which users cannot be filtered
graphql_auth.E038   two fields have one name in GraphQL
graphql_auth.W039   UserNode cannot show a column

graphql_auth.E101   an authentication backend is missing
graphql_auth.E102   a key of the access tokens is missing, short or SECRET_KEY
graphql_auth.E103   FRONTEND_URL is not the URL of a site
graphql_auth.E105   a public mutation is not in JWT_ALLOW_ANY_CLASSES
graphql_auth.E106   JWT_ALLOW_ANY_CLASSES names a mutation that is not public
graphql_auth.E107   the GraphQL schema cannot be loaded
graphql_auth.E108   an app is missing
graphql_auth.W109   a middleware is missing
graphql_auth.E110   the user model lacks a unique email address
graphql_auth.E111   GRAPHQL_JWT has an unknown key
graphql_auth.E112   GRAPHQL_JWT does not verify the expiry of a token
graphql_auth.E113   JWT_ALGORITHM does not sign with a secret
graphql_auth.E114   TRUSTED_PROXIES is not a number of proxies
graphql_auth.E115   RATE_LIMIT_STORAGE_URI is not a usable store
graphql_auth.W116   links use http in production
graphql_auth.W117   each process counts attempts separately in production
graphql_auth.W118   each process has its own cache in production
graphql_auth.E119   PASSWORD_HASHES_AT_ONCE is not a number of hashes
graphql_auth.W120   no mail is sent in production
graphql_auth.W121   mails have no sender of your own in production
graphql_auth.W122   ALLOWED_HOSTS allows any host, or contains a URL, in production
graphql_auth.E130   TRUSTED_PROXIES is not set in production
graphql_auth.W131   no proxy buffers requests in production
graphql_auth.E132   DATABASE_URL is not set in production
graphql_auth.E133   mails go to another host without encryption in production
graphql_auth.W134   RATE_LIMITS has no limit, or a useless one, for a scope in production
graphql_auth.W136   `users` lists what PREVENT_ENUMERATION keeps secret in production
graphql_auth.W137   a token or link is valid for too long in production
graphql_auth.E138   the demo users are in the database in production
graphql_auth.W139   error reports are not redacted in production
graphql_auth.E140   EMAIL_TIMEOUT is not a positive number
graphql_auth.W141   mails are sent at once in production: response times reveal who has an account
graphql_auth.E142   GraphQLAuthBackend is not the first authentication backend
graphql_auth.E143   mails have a sender that mail servers reject
graphql_auth.I144   links in mails lead to this host, but not to this site
graphql_auth.W145   the store in RATE_LIMIT_STORAGE_URI does not count
graphql_auth.E146   DATABASE_ROUTERS routes accounts to another database than the primary one
graphql_auth.E151   relations to users lead to a type of your own, which shows them to anybody
graphql_auth.E152   a field with a user, who may be hidden, is never null
graphql_auth.E153   a filter finds out about users whom the client may not see

graphql_auth.E160   the database has tables of django-graphql-auth
"""

from graphql_auth.checks import access_tokens, account_settings, production, project, relations, tables

__all__ = ["access_tokens", "account_settings", "production", "project", "relations", "tables"]
