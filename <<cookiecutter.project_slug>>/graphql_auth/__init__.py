"""The account system: registration, verification, login, passwords, second addresses, closing an account."""
