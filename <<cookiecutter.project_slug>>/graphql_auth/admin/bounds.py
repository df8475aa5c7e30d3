"""What staff sees, changes and grants is bounded by their own permissions."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import get_deleted_objects, model_format_dict, unquote
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from graphql_auth import permissions
from graphql_auth.models import Session, UserStatus

OUT_OF_REACH = _("The account has permissions that you do not have.")


def logs_refusals(attempt: Promise) -> Callable[[Callable[..., Any]], Any]:
    """Return a decorator of a view that writes into the history of its object that staff tried to `attempt` in vain."""

    def decorate(view: Callable[..., Any]) -> Any:
        @wraps(view)
        def logged_view(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            try:
                return view(self, request, *args, **kwargs)
            except PermissionDenied:
                object_id = kwargs.get("object_id") or kwargs.get("id") or next(iter(args), None)
                if object_id and request.method == "POST":
                    self.log_refusals(request, [unquote(object_id)], attempt)
                raise

        return logged_view

    return decorate


class ManagedModels:
    """The admin site of `owner`, without the models in its `kept_by_program`."""

    def __init__(self, owner: "BoundedAdmin") -> None:
        self.name = owner.admin_site.name
        self.get_model_admin = owner.admin_site.get_model_admin
        self._owner = owner

    def is_registered(self, model: type[Model]) -> bool:
        """Return whether staff needs a permission to delete rows of `model`."""
        return model not in self._owner.kept_by_program and self._owner.admin_site.is_registered(model)


class BoundedAdmin(admin.ModelAdmin):
    """Restricts what staff can see, find, change and grant to their own permissions.

    `shows` maps columns, fields and filters that show rows of other models to these models: only staff who may view
    them can see these. Lookups along relations are restricted in the same way and need not be listed.
    `kept_by_program` lists the models of related rows that nobody manages by hand: they are deleted with their object.
    """

    shows: ClassVar[dict[str, tuple[type[Model], ...]]] = {}
    kept_by_program: ClassVar[tuple[type[Model], ...]] = ()

    def in_reach(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return those of `rows` that staff may change; not called for superusers."""
        return rows

    def is_in_reach(self, request: HttpRequest, row: Any) -> bool:
        """Return whether staff may change `row`. The result is cached on the row."""
        if request.user.is_superuser:
            return True
        if not hasattr(row, "_is_in_reach"):
            stored = self.model._base_manager.filter(pk=row.pk)
            row._is_in_reach = self.in_reach(request, stored).exists()
        return bool(row._is_in_reach)

    def may_see(self, request: HttpRequest, name: str) -> bool:
        """Return whether staff may view everything that the column, field, filter or lookup `name` shows."""
        models = self.shows.get(name.split("__")[0]) or permissions.models_along(self.model, name)
        return permissions.may_view(request.user, *models)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether staff may change `obj`, or any row."""
        return super().has_change_permission(request, obj) and (obj is None or self.is_in_reach(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether staff may delete `obj`, or any row."""
        return super().has_delete_permission(request, obj) and (obj is None or self.is_in_reach(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save `obj`, and check the permission, which an editable list does not do."""
        if change and not self.has_change_permission(request, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)

    @logs_refusals(_("Change"))
    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Add or change an object."""
        return super().changeform_view(request, object_id, form_url, extra_context)

    @logs_refusals(_("Delete"))
    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Delete an object."""
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Show the list, or run an action. A refused action is written into the history of the chosen objects."""
        name = request.POST.get("action", "")
        is_known = name in {getattr(action, "__name__", action) for action in self.actions or ()}
        try:
            if is_known and name not in self.get_actions(request):
                raise PermissionDenied
            return super().changelist_view(request, extra_context)
        except PermissionDenied:
            if name:
                self.log_refusals(request, request.POST.getlist(ACTION_CHECKBOX_NAME))
            raise

    def log_refusals(self, request: HttpRequest, keys: Iterable[Any], attempt: Any = None) -> None:
        """Write into the history of the objects with `keys` that staff tried to `attempt`, or the action, in vain."""
        if attempt is None:
            action = self.get_action(request.POST.get("action", ""))
            attempt = action[2] % model_format_dict(self.opts) if action else request.POST.get("action", "")
        try:
            rows = [*self.model._base_manager.filter(pk__in=keys)]
        except (ValueError, ValidationError):  # no keys of this model
            return
        for row in rows:
            self.log_change(request, row, _("Refused: %(attempt)s") % {"attempt": attempt})

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Return the columns that staff may see."""
        return [column for column in super().get_list_display(request) if self._may_see_entry(request, column)]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Return the filters for fields that staff may see."""
        return [entry for entry in super().get_list_filter(request) if self._may_see_entry(request, entry)]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Return the search fields that staff may see."""
        return [field for field in super().get_search_fields(request) if self.may_see(request, field.lstrip("^=@"))]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Return the fields that staff may see, including the object's own relations."""
        hidden = {name for name, models in self.shows.items() if not permissions.may_view(request.user, *models)}
        fields = super().get_fields(request, obj)
        return [field for field in fields if hidden.isdisjoint([field] if isinstance(field, str) else field)]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Return whether the URL of a list may contain `lookup`."""
        return request is not None and super().lookup_allowed(lookup, value, request) and self.may_see(request, lookup)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Return the form field. Only superusers can create superusers, in any form or list."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name == "is_superuser":
            field.disabled = request is None or not request.user.is_superuser
        return field

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        """Return the form field. Staff can only grant permissions and groups that they have."""
        grantable = {Permission: permissions.held_by, Group: permissions.groups_held_by}.get(db_field.related_model)
        if grantable is not None and request is not None and not request.user.is_superuser:
            kwargs["queryset"] = grantable(request.user)
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Show the history if staff may view users and their statuses and sessions, which it mentions."""
        row = self.get_object(request, unquote(object_id))
        told = permissions.may_view(request.user, get_user_model(), UserStatus, Session)
        if row is not None and not (told and self.is_in_reach(request, row)):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what is deleted with `objs`, and what staff may not delete.

        Related rows are only listed for staff who may view them. Those of `kept_by_program` need no permission.
        """
        deleted, counts, missing, protected = get_deleted_objects(objs, request, ManagedModels(self))  # type: ignore[arg-type]
        if not permissions.may_view(request.user, get_user_model(), UserStatus, Session):
            name = self.opts.verbose_name_plural
            deleted = [entry for entry in deleted if not isinstance(entry, list)]
            counts = {name: counts[name]} if name in counts else {}
        return deleted, counts, missing, protected

    def _may_see_entry(self, request: HttpRequest, entry: Any) -> bool:
        """Return whether staff may see an entry of a list of columns, fields or filters."""
        if isinstance(entry, list | tuple):
            # A filter with its class, or several fields in one line.
            return all(self.may_see(request, name) for name in entry if isinstance(name, str))
        name = getattr(entry, "parameter_name", None) or entry
        return not isinstance(name, str) or self.may_see(request, name)
