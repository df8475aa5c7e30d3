"""The account system: registration, verification, login, passwords, email addresses, account closure."""
