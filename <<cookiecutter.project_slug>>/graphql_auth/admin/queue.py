"""The queue of mails and other tasks."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from graphql_auth.admin.bounds import BoundedAdmin
from graphql_auth.models import UserStatus

# Replaces the app's read-only admin, to allow retrying failed mails.
admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class TaskAdmin(BoundedAdmin, DBTaskResultAdmin):
    """The tasks in the queue: waiting, finished and failed.

    Only staff who may view users and their statuses see arguments and tracebacks, which may contain email addresses.
    """

    shows = dict.fromkeys(
        ("args_kwargs", "formatted_traceback", "return_value", "traceback"), (get_user_model(), UserStatus)
    )
    actions = ("try_again",)

    def has_try_again_permission(self, request: HttpRequest) -> bool:
        """Return whether staff may retry tasks, which requires the permission to change them."""
        return request.user.has_perm("django_tasks_database.change_dbtaskresult")

    @admin.action(description=_("Try the selected failed tasks again"), permissions=["try_again"])
    def try_again(self, request: HttpRequest, queryset: Any) -> None:
        """Put failed tasks back into the queue."""
        for task in queryset.failed():
            self.log_change(request, task, str(_("Put back into the queue")))
        again = queryset.failed().update(status="READY", run_after=timezone.now())
        self.message_user(request, _("Tasks put back into the queue: %d") % again)
