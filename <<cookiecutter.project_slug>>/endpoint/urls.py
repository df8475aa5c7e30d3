"""The URL of the endpoint."""

from django.urls import re_path

from endpoint.view import GraphQLView

# Some clients add a slash; reverse("graphql") returns the URL without it.
urlpatterns = [re_path("^graphql/?$", GraphQLView.as_view(), name="graphql")]
