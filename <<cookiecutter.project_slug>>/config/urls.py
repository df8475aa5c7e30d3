"""The project's URLs."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from endpoint.conf import DEVELOPMENT

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("", include("endpoint.urls")),
    path("", include("graphql_auth.pages.urls")),
]

if DEVELOPMENT:
    urlpatterns += [
        # The URL that `make run` prints leads to GraphiQL.
        path("", RedirectView.as_view(pattern_name="graphql")),
        path("dev/mails/", include("graphql_auth.mails.preview")),
    ]
