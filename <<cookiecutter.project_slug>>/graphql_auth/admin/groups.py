"""Groups, which staff grants within its own permissions."""

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest

from graphql_auth import permissions
from graphql_auth.admin.bounds import BoundedAdmin

# Replaces Django's admin for groups, to restrict the permissions that staff can grant with them.
admin.site.unregister(Group)


@admin.register(Group)
class BoundedGroupAdmin(BoundedAdmin, GroupAdmin):
    """Groups, which only staff with all of their permissions can change."""

    def in_reach(self, request: HttpRequest, rows: QuerySet[Group]) -> QuerySet[Group]:
        """Return the groups whose permissions staff has."""
        return rows.filter(pk__in=permissions.groups_held_by(request.user))
