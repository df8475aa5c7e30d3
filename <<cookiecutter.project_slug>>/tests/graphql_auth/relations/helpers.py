"""A schema with every kind of path to a user."""

import graphene
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import models
from graphene_django import DjangoConnectionField, DjangoListField, DjangoObjectType
from graphene_django.filter import DjangoFilterConnectionField

from endpoint.view import GraphQLView
from graphql_auth.schema import PublicUser, UserNode

USER = get_user_model()
EMAIL = "victim@example.com"


class Note(models.Model):
    owner = models.ForeignKey(USER, on_delete=models.CASCADE, related_name="+")
    editor = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, related_name="+")
    named = models.ForeignKey(USER, on_delete=models.CASCADE, null=True, to_field="email", related_name="+")
    lost = models.ForeignKey(USER, on_delete=models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    reviewer = models.OneToOneField(USER, on_delete=models.CASCADE, null=True, related_name="+")
    readers = models.ManyToManyField(USER, related_name="+")

    class Meta:
        app_label = "relations"

    def __str__(self):
        return str(self.pk)


class NoteNode(DjangoObjectType):
    class Meta:
        model = Note
        interfaces = (graphene.relay.Node,)
        fields = ["owner", "editor", "named", "lost", "reviewer", "readers"]

    author = graphene.Field(UserNode)
    writer = graphene.Field(PublicUser, source="owner")
    people = graphene.List(UserNode)
    all_people = graphene.List(graphene.NonNull(UserNode), required=True)

    def resolve_author(self, info):
        return self.owner

    def resolve_people(self, info):
        return [self.owner]

    resolve_all_people = resolve_people


class RenamedNode(DjangoObjectType):
    class Meta:
        model = Note
        skip_registry = True
        fields = ["owner"]

    def resolve_owner(self, info):
        return self.owner


class GroupNode(DjangoObjectType):
    class Meta:
        model = Group
        fields = ["user_set"]


class Anything(graphene.Union):
    class Meta:
        types = (NoteNode, UserNode)


class Query(graphene.ObjectType):
    note = graphene.Field(NoteNode)
    notes = graphene.List(NoteNode)
    renamed = graphene.Field(RenamedNode)
    group = graphene.Field(GroupNode)
    listed = DjangoListField(UserNode)
    paged = DjangoConnectionField(UserNode)
    filtered = DjangoFilterConnectionField(UserNode)
    relayed = graphene.relay.ConnectionField(UserNode._meta.connection)
    rows = graphene.List(UserNode)
    one = graphene.Field(Anything)
    many = graphene.List(graphene.NonNull(Anything))
    interface = graphene.Field(graphene.relay.Node)

    @staticmethod
    def resolve_note(root, info):
        return Note.objects.first()

    @staticmethod
    def resolve_notes(root, info):
        return Note.objects.select_related("owner").only("owner__email").order_by("pk")

    @staticmethod
    def resolve_renamed(root, info):
        return Note.objects.first()

    @staticmethod
    def resolve_group(root, info):
        return Group.objects.first()

    @staticmethod
    def resolve_relayed(root, info, **arguments):
        return USER.objects.all()

    @staticmethod
    def resolve_rows(root, info):
        return list(USER.objects.values_list("pk", "email", named=True))

    @staticmethod
    def resolve_one(root, info):
        return victim()

    @staticmethod
    def resolve_many(root, info):
        return USER.objects.filter(email=EMAIL)

    @staticmethod
    def resolve_interface(root, info):
        return victim()


schema = graphene.Schema(query=Query, types=[UserNode])
view = GraphQLView.as_view(schema=schema)
PAGE = "edges { node { email } }"
PATHS = {
    "a foreign key": "note { owner { email } }",
    "a foreign key that may be null": "note { editor { email } }",
    "a foreign key to another column": "note { named { email } }",
    "a foreign key with a resolver of one's own": "renamed { owner { email } }",
    "a one-to-one field": "note { reviewer { email } }",
    "a many-to-many field": f"note {{ readers {{ {PAGE} }} }}",
    "the other side of a many-to-many field": f"group {{ userSet {{ {PAGE} }} }}",
    "a field of one's own": "note { author { email } }",
    "a list of one's own": "note { people { email } }",
    "a list without null": "note { allPeople { email } }",
    "rows": "rows { email }",
    "a list of graphene-django's": "listed { email }",
    "a connection of graphene-django's": f"paged {{ {PAGE} }}",
    "a connection with filters": f"filtered {{ {PAGE} }}",
    "a filter": f'filtered(email: "{EMAIL}") {{ {PAGE} }}',
    "a connection of graphene's": f"relayed {{ {PAGE} }}",
    "a union": "one { ... on UserNode { email } }",
    "a list of a union": "many { ... on UserNode { email } }",
    "an interface": "interface { ... on UserNode { email } }",
}
# Those that start at a column which is never null.
REQUIRED = [path for path, document in PATHS.items() if any(name in document for name in ("owner", "author", "eople"))]
ASKING = {
    "nobody": False,
    "stranger": False,
    "victim": True,
    "clerk": False,
    "viewer": True,
    "superuser": True,
}


def victim():
    return USER.objects.filter(email=EMAIL).first()


def statements(captured):
    """Return how many statements are about something else than permissions."""
    return len([query for query in captured if "auth_permission" not in query["sql"]])
