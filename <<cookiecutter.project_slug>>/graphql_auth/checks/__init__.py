"""System checks: the account system is wired up, and its settings make sense. The hint of each is its fix.

graphql_auth.E001   GRAPHQL_AUTH has an unknown key
graphql_auth.E002   GRAPHQL_AUTH, or a value in it, has a wrong type or size
graphql_auth.E003   USERS_QUERY names nobody
graphql_auth.E004   SEND_PASSWORD_SET_EMAIL has no effect
graphql_auth.W005   nobody could log in: no mail to verify, and no login without
graphql_auth.E006   a setting names a field that the user model does not have
graphql_auth.E007   a setting names a type that is no scalar
graphql_auth.E008   REGISTER_MUTATION_FIELDS lacks a field that an account needs
graphql_auth.E009   UPDATE_MUTATION_FIELDS has a field of who somebody is or what they may do
graphql_auth.E010   RATE_LIMITS has an unknown scope
graphql_auth.E011   RATE_LIMITS has a limit that cannot be read
graphql_auth.E012   LOGIN_ALLOWED_FIELDS names a field that accounts can share
graphql_auth.W013   RATE_LIMITS leaves a scope without a limit
graphql_auth.E014   LOGIN_ALLOWED_FIELDS is empty
graphql_auth.E015   USER_NODE_EXCLUDE_FIELDS lets the password's hash be seen
graphql_auth.E016   a template of a mail is missing or broken
graphql_auth.E017   a field of registration is both required and optional
graphql_auth.E018   registration has a field of who somebody is or what they may do
graphql_auth.E019   a field of registration or updateAccount takes no single value
graphql_auth.E020   two kinds of links have one path, or a path has / at its ends
graphql_auth.E031   USER_NODE_FILTER_FIELDS filters by what UserNode does not show

graphql_auth.E101   an authentication backend is missing
graphql_auth.E102   a key of the access tokens is missing, short or SECRET_KEY
graphql_auth.E103   FRONTEND_URL is not the address of a site
graphql_auth.E104   ATOMIC_REQUESTS is on
graphql_auth.E105   a public mutation is not in JWT_ALLOW_ANY_CLASSES
graphql_auth.E106   JWT_ALLOW_ANY_CLASSES names a mutation that is not public
graphql_auth.E107   the GraphQL schema cannot be loaded
graphql_auth.E108   an app is missing
graphql_auth.W109   a middleware is missing
graphql_auth.E110   the user model lacks a unique e-mail address
graphql_auth.E111   GRAPHQL_JWT has an unknown key
graphql_auth.E112   GRAPHQL_JWT does not ask for the end of a token
graphql_auth.E113   JWT_ALGORITHM does not sign with a secret
graphql_auth.E114   TRUSTED_PROXIES is not a number of proxies
graphql_auth.E115   RATE_LIMIT_STORAGE_URI leads to no store
graphql_auth.W116   links lead to http, in production
graphql_auth.W117   each process counts tries for itself, in production
graphql_auth.W118   each process has a cache of its own, in production
graphql_auth.E119   PASSWORD_HASHES_AT_ONCE is not a number of hashes
graphql_auth.W120   no mail leaves, in production
graphql_auth.W121   mails come from nobody's address, in production
graphql_auth.W122   ALLOWED_HOSTS has any name, or no name of a host, in production
graphql_auth.E130   TRUSTED_PROXIES is not set, in production
graphql_auth.W131   no proxy in front buffers requests, in production
graphql_auth.E132   DATABASE_URL is not set, in production
graphql_auth.E133   mails go to another host without encryption, in production
graphql_auth.W134   RATE_LIMITS has no limit for a scope, or one that limits nothing, in production
graphql_auth.W136   `users` lists what PREVENT_ENUMERATION keeps secret, in production
graphql_auth.W137   a token or a link works for too long, in production
graphql_auth.E138   the demo users are in the database, in production
graphql_auth.W139   reports of errors are not redacted, in production
graphql_auth.E140   EMAIL_TIMEOUT is not a time to wait
graphql_auth.W141   mails are sent at once, so that the time of an answer tells who has an account, in production
graphql_auth.E142   GraphQLAuthBackend is not the first authentication backend
"""

from graphql_auth.checks import access_tokens, account_settings, production, project

__all__ = ["access_tokens", "account_settings", "production", "project"]
