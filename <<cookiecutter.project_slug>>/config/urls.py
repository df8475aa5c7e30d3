"""The project's URLs."""

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from endpoint.conf import DEVELOPMENT
from graphql_auth.pages.site import home

handler400 = "graphql_auth.pages.site.bad_request"
handler403 = "graphql_auth.pages.site.permission_denied"
handler404 = "graphql_auth.pages.site.page_not_found"
handler500 = "graphql_auth.pages.site.server_error"

admin.site.site_header = admin.site.site_title = settings.SITE_NAME

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
else:
    urlpatterns += [path("", home)]
