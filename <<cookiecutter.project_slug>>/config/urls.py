"""The project's addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from graphql_auth.conf import DEVELOPMENT
from graphql_auth.view import GraphQLView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("graphql", GraphQLView.as_view(), name="graphql"),
    path("", include("graphql_auth.urls")),
]

if DEVELOPMENT:
    urlpatterns += [
        # `make run` says that the site is served here: it opens on what there is to try.
        path("", RedirectView.as_view(pattern_name="graphql")),
        path("dev/mails/", include("graphql_auth.mail_preview")),
    ]
