"""The project's addresses."""

from django.contrib import admin
from django.urls import include, path

from graphql_auth.conf import DEVELOPMENT
from graphql_auth.view import GraphQLView

urlpatterns = [
    path("admin/", admin.site.urls),
    path("graphql", GraphQLView.as_view(), name="graphql"),
    path("", include("graphql_auth.urls")),
]

if DEVELOPMENT:
    urlpatterns.append(path("dev/mails/", include("graphql_auth.mail_preview")))
