"""The account system: registration, verification, login, passwords, secondary email addresses, account closure."""
