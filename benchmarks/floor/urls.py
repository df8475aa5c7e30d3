"""A URL for each operation."""

from django.urls import path

from benchmarks.floor import views

urlpatterns = [
    path("verifyToken", views.verify_token),
    path("me", views.me),
    path("users", views.users),
    path("refreshToken", views.refresh_token),
    path("tokenAuth", views.token_auth),
    path("register", views.register),
]
