"""An app of an old project that refers to its users."""

from django.conf import settings
from django.db import models


class Note(models.Model):
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notes")
    readers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="read_notes")
    text = models.TextField()

    def __str__(self):
        return self.text
