"""Statuses, sessions and used refresh tokens."""

import uuid

import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

import graphql_auth.fields


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="UserStatus",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="status",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("verified", models.BooleanField(default=False, verbose_name="verified")),
                ("archived", models.BooleanField(default=False, verbose_name="archived")),
                (
                    "secondary_email",
                    graphql_auth.fields.AddressField(
                        blank=True, default=None, max_length=254, null=True, verbose_name="secondary email"
                    ),
                ),
                (
                    "closed_at",
                    models.DateTimeField(
                        default=None,
                        editable=False,
                        help_text="When its owner closed the account. One that staff made inactive was never closed.",
                        null=True,
                        verbose_name="closed at",
                    ),
                ),
                (
                    "link_revision",
                    models.PositiveIntegerField(
                        default=0,
                        editable=False,
                        help_text="A link that was mailed works while this number is the same.",
                        verbose_name="link revision",
                    ),
                ),
            ],
            options={
                "verbose_name": "status",
                "verbose_name_plural": "statuses",
                "indexes": [
                    models.Index(
                        condition=models.Q(("archived", True)), fields=["user"], name="graphql_auth_status_archived"
                    ),
                    models.Index(
                        condition=models.Q(("secondary_email__isnull", False)),
                        fields=["secondary_email"],
                        name="graphql_auth_status_secondary",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("secondary_email"),
                        name="graphql_auth_secondary_email_once",
                        violation_error_code="unique",
                        violation_error_message="A user with that email already exists.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="account_sessions",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
                ("refresh_digest", models.CharField(editable=False, max_length=64, verbose_name="SHA-256 of the refresh token")),
                ("refresh_count", models.PositiveIntegerField(default=0, editable=False, verbose_name="refresh tokens used")),
                (
                    "password_fingerprint",
                    models.CharField(
                        editable=False,
                        help_text="The session counts while this fits the password of its user.",
                        max_length=64,
                        verbose_name="fingerprint of the password",
                    ),
                ),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("refreshed_at", models.DateTimeField(verbose_name="refreshed at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("ended_at", models.DateTimeField(default=None, null=True, verbose_name="ended at")),
                ("revoked", models.BooleanField(default=False, editable=False, verbose_name="ended by its owner")),
            ],
            options={
                "verbose_name": "session",
                "verbose_name_plural": "sessions",
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["user"],
                        name="graphql_auth_session_live",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("refresh_digest",), name="graphql_auth_session_refresh_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="UsedRefreshToken",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "session",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="used_refresh_tokens",
                        to="graphql_auth.session",
                        verbose_name="session",
                    ),
                ),
                ("slot", models.PositiveSmallIntegerField(editable=False, verbose_name="slot")),
                ("digest", models.CharField(max_length=64, verbose_name="SHA-256")),
                ("used_at", models.DateTimeField(verbose_name="used at")),
            ],
            options={
                "verbose_name": "used refresh token",
                "verbose_name_plural": "used refresh tokens",
                "constraints": [
                    models.UniqueConstraint(fields=("digest",), name="graphql_auth_usedrefreshtoken_once"),
                    models.UniqueConstraint(fields=("session", "slot"), name="graphql_auth_usedrefreshtoken_slot"),
                ],
            },
        ),
    ]
