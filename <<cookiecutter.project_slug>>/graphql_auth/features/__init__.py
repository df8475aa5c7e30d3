"""What optional features add to the account system, in lists that the other modules read.

docs/extending.md says how to remove a feature.
"""

# The fields of a status that the API and the admin show.
STATUS_FIELDS = [
    "archived",
    "verified",
    "secondary_email",
]

# Where the email addresses of an account are stored, as paths from the user. An address other than the primary one can
# log in if the setting of that name is on.
ADDRESSES = {
    "email": "",
    "status__secondary_email": "ALLOW_LOGIN_WITH_SECONDARY_EMAIL",
}
