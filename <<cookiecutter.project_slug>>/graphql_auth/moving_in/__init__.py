"""Takes over the users of a project that used another package: `manage.py move_in`.

`sources` reads the old tables, `plan` decides what each account keeps, and `in_place` or `copying` writes.
Delete this folder, its command and its tests when your users have moved in.
"""
