"""Valid email addresses: the same rules everywhere, and every mail reaches only the intended address."""

import email
import re
from email.policy import default
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from graphql_auth.addresses import mask, normalize_email, validate_email
from graphql_auth.errors import Refusal
from graphql_auth.mails import kinds, queue, rendering
from graphql_auth.models import UserStatus
from graphql_auth.transactions import atomic
from tests.conftest import PASSWORD, filled_in, refused

INVALID = refused("invalid", field="email")
CREDENTIALS = refused(Refusal.INVALID_CREDENTIALS)
MESSAGE = "Enter a valid email address."

CONTROLS = [chr(code) for code in (*range(1, 9), 11, 12, *range(14, 32), *range(127, 160))]
# Valid by the grammar of RFC 5321, for Django or for some mail servers, but rejected here.
ODD = {
    "quoted with a form feed": '"a\x0c\x0c<h1>text</h1>"@example.com',
    "quoted": '"verified"@example.com',
    "quoted with an at sign": '"a@b"@example.com',
    "quoted with a space": '"a b"@example.com',
    "quoted pair": r'"a\"b"@example.com',
    "quoted, full width": "＂a＂@example.com",
    "literal": "verified@[192.0.2.1]",
    "literal of IPv6": "verified@[IPv6:2001:db8::1]",
    "bare IPv4": "verified@192.0.2.10",
    "localhost": "verified@localhost",
    "dotless": "verified@com",
    "trailing dot": "verified@example.com.",
    "name and address": "Ada <verified@example.com>",
    "comment before": "(text)verified@example.com",
    "comment behind": "verified@example.com(text)",
    "comment in the domain": "verified@(text)example.com",
    "route": "@example.com:verified@example.com",
    "group": "a:verified@example.com;",
    "list": "verified@example.com,other@example.com",
    "folded": "verified@example.com\r\n Bcc: other@example.com",
    "encoded word": "=?utf-8?q?verified?=@example.com",
    "encoded word within": "a=?utf-8?q?verified?=@example.com",
    "two dots": "a..b@example.com",
    "dot first": ".a@example.com",
    "dot last": "a.@example.com",
    "space within": "a b@example.com",
    "no-break space within": "a\xa0b@example.com",
    "line separator behind": "verified@example.com\u2028",
    "zero width": "veri\u200bfied@example.com",
    "soft hyphen": "veri\xadfied@example.com",
    "bidi": "\u202everified@example.com",
    "accent": "vérified@example.com",
    "other script": "vеrified@example.com",
} | {f"control {ord(sign):#04x}": f"a{sign}b@example.com" for sign in CONTROLS}
ODD |= {f"control {ord(sign):#04x} before": f"{sign}verified@example.com" for sign in CONTROLS}
ODD |= {f"control {ord(sign):#04x} behind": f"verified@example.com{sign}" for sign in CONTROLS}
# A few of them, for slower tests.
SOME = ["quoted with a form feed", "quoted", "literal", "localhost", "bare IPv4", "encoded word", "control 0x0c behind"]
some_odd_ones = pytest.mark.parametrize("odd", [ODD[name] for name in SOME], ids=SOME)
# Of the control characters, some that a form strips and some that it does not.
TYPICAL = [name for name in ODD if "control" not in name or re.search("0x(01|0c|1f|7f|85)", name)]


@pytest.fixture
def admin(client, staff):
    """Return a browser in which staff is logged in at the admin."""
    client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["wsgi.url_scheme"] = "https"
    return client


# Everywhere


@pytest.mark.parametrize("odd", [ODD[name] for name in TYPICAL], ids=TYPICAL)
def test_an_invalid_address_is_rejected_by_every_mutation(mutate, verified, new_account, mailoutbox, odd):
    """A05."""
    answers = [
        mutate("register", **(new_account | {"email": odd}))["errors"],
        mutate("resendActivationEmail", email=odd)["errors"],
        mutate("sendPasswordResetEmail", email=odd)["errors"],
        mutate("sendSecondaryEmailActivation", login=verified, email=odd, password=PASSWORD)["errors"],
    ]

    assert answers == [INVALID] * 4
    assert mutate("tokenAuth", email=odd, password=PASSWORD)["errors"] == CREDENTIALS
    assert get_user_model().objects.count() == 1
    assert mailoutbox == []


@pytest.mark.parametrize("page", ["activate", "password_reset", "password_set"])
@some_odd_ones
def test_an_invalid_address_is_rejected_by_the_pages(client, db, mailoutbox, page, odd):
    """A05."""
    response = client.post(reverse(f"account:{page}"), {"email": odd}, secure=True)

    assert response.status_code == 200
    assert response.content.decode().count(MESSAGE) == 1
    assert mailoutbox == []


@some_odd_ones
def test_an_invalid_address_is_rejected_when_staff_adds_a_user(admin, odd):
    """A05."""
    fields = {"email": odd, "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    # % if cookiecutter.login_field == "username"
    fields["username"] = "added"
    # % endif

    response = admin.post(reverse("admin:users_customuser_add"), fields)

    assert response.context["adminform"].form.errors.get_json_data() == {
        "email": [{"message": MESSAGE, "code": "invalid"}]
    }


@some_odd_ones
def test_an_invalid_address_is_rejected_when_staff_changes_one(admin, verified, odd):
    """A05."""
    address = reverse("admin:users_customuser_change", args=[verified.pk])
    fields = filled_in(admin.get(address))

    primary = admin.post(address, fields | {"email": odd})
    secondary = admin.post(address, fields | {"status-0-secondary_email": odd})

    assert primary.context["adminform"].form.errors == {"email": [MESSAGE]}
    [status, _sessions] = secondary.context["inline_admin_formsets"]
    assert status.formset.errors == [{"secondary_email": [MESSAGE]}]


@some_odd_ones
def test_a_superuser_cannot_have_an_invalid_address(db, monkeypatch, odd):
    """A05."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    options = {"email": odd}
    # % if cookiecutter.login_field == "username"
    options["username"] = "ada"
    # % endif

    with pytest.raises(CommandError) as error:
        call_command("createsuperuser", interactive=False, stdout=StringIO(), **options)

    assert str(error.value) == MESSAGE
    assert not get_user_model().objects.exists()


@some_odd_ones
def test_a_model_rejects_an_invalid_address(verified, odd):
    """A05."""
    verified.email = odd
    with pytest.raises(ValidationError) as primary:
        verified.full_clean()
    verified.refresh_from_db()
    status = UserStatus(user=verified, secondary_email=odd)
    with pytest.raises(ValidationError) as secondary:
        status.full_clean(exclude=["user"])

    assert primary.value.message_dict == {"email": [MESSAGE]}
    assert secondary.value.message_dict == {"secondary_email": [MESSAGE]}


def test_cleaning_a_model_normalises_its_address(verified):
    verified.email = " Ada@BÜCHER.example"
    verified.full_clean()
    status = UserStatus(user=verified, secondary_email="ＡDA@example.com\n")
    status.full_clean(exclude=["user"])

    assert verified.email == "ada@xn--bcher-kva.example"
    assert status.secondary_email == "ada@example.com"


@pytest.mark.parametrize("email", ["ada@example.com", "ada@Example.COM"])
def test_a_superuser_whose_address_is_taken_is_refused_in_one_line(make_user, monkeypatch, email):
    make_user("ada")
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    options = {"email": email}
    # % if cookiecutter.login_field == "username"
    options["username"] = "other"
    # % endif

    with pytest.raises(CommandError) as error:
        call_command("createsuperuser", interactive=False, **options)

    assert "\n" not in str(error.value)
    assert "already" in str(error.value)
    assert get_user_model().objects.count() == 1


def test_a_superuser_may_not_have_the_secondary_address_of_another(with_secondary, monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    options = {"email": "two_secondary@example.com"}
    # % if cookiecutter.login_field == "username"
    options["username"] = "other"
    # % endif

    with pytest.raises(CommandError, match="A user with that email already exists"):
        call_command("createsuperuser", interactive=False, **options)


# The class


def test_what_is_odd_is_no_address():
    """A05."""
    assert [name for name, odd in ODD.items() if is_address(odd)] == []


def is_address(text):
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


ATOMS = [*"abz09!#$%&'*+-/=?^_`{|}~.", "=?", "?=", "utf-8?q?", "xn--", "example", "localhost", "192.0.2.1", "com"]
SPECIALS = [*'()<>[]:;@\\," ', "\r\n", "\t", "\x0b", "\x0c", "\x00", "\x1b", "\x7f", "\x85", "\xa0", "\u2028", "\u3000"]
LOOKALIKES = [*"ａ＠＂。．éßıİа❤漢", "\u200b", "\u200d", "\u202e", "\u2066", "\xad"]
pieces = st.lists(st.sampled_from([*ATOMS * 4, *SPECIALS, *LOOKALIKES]), max_size=12).map("".join)
odd_addresses = (
    st.emails()
    | st.tuples(pieces, st.just("@"), pieces, st.sampled_from(["", ".com", ".example", ".co.uk"])).map("".join)
    | st.tuples(pieces, st.emails(), pieces).map("".join)
    | st.text(max_size=30)
)


def parsed(mail):
    """Return a mail as its recipient sees it."""
    return email.message_from_bytes(mail.message().as_bytes(), policy=default)


@examples(max_examples=300, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
@example("a" * 64 + "@" + ".".join(["b" * 60] * 3) + ".com")
@example("=?utf-8?q?a?=@example.com")
@given(odd_addresses)
def test_a_mail_to_a_valid_address_reaches_only_that_address(odd):
    """A05: accepted addresses can be written into a header and are read there unchanged."""
    try:
        address = validate_email(odd)
    except ValidationError as error:
        assert error.code == "invalid"  # noqa: PT017
        return
    assert validate_email(address) == normalize_email(address) == address
    assert re.fullmatch(r"[!-~]+", address)
    mail = EmailMultiAlternatives("Hello", "text", "shop@example.com", [address])

    received = parsed(mail)

    assert [one.addr_spec for one in received["To"].addresses] == [address]
    assert received.defects == [] == list(received["To"].defects)
    assert set(received.keys()) == set(mail.message().keys())


@examples(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=[*HealthCheck])
@example(name="=?utf-8?q?Free_watches?=")
@example(name="Shop\r\nBcc: other@example.com")
@given(name=st.lists(st.sampled_from([*ATOMS, *SPECIALS, *LOOKALIKES, "Tom & Co", "🎉"]), max_size=15).map("".join))
def test_a_subject_is_read_as_it_was_written(settings, name):
    """A05: a template of the project's own may put anything into a subject."""
    settings.SITE_NAME = name
    mail = rendering.render(kinds.ACCOUNT_EXISTS, get_user_model()(email="ada@example.com"), "ada@example.com")

    received = parsed(mail)

    # A long one begins on the next line, after a space.
    assert received["Subject"].strip() == mail.subject
    assert set(received.keys()) == set(mail.message().keys())


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("us@example.com", ""),
        ("Shop <us@example.com>", "Shop"),
        ('"Tom & Co, Ltd" <us@example.com>', "Tom & Co, Ltd"),
        ("Lädchen <us@example.com>", "Lädchen"),
    ],
)
def test_a_sender_is_read_as_it_was_written(configure, sender, name):
    configure(EMAIL_FROM=sender)
    mail = rendering.render(kinds.ACCOUNT_EXISTS, get_user_model()(email="ada@example.com"), "ada@example.com")

    [read] = parsed(mail)["From"].addresses

    assert (read.addr_spec, read.display_name) == ("us@example.com", name)


@pytest.mark.parametrize("odd", [ODD[name] for name in SOME[:4]], ids=SOME[:4])
def test_no_mail_is_built_for_a_stored_address_that_is_invalid(verified, mailoutbox, caplog, odd):
    """A05: such mails failed again and again, and filled the dead letters."""
    get_user_model().objects.filter(pk=verified.pk).update(email=odd)
    verified.refresh_from_db()

    for kind in kinds.KINDS.values():
        with atomic():
            queue.add(kind, verified, to=odd)

    assert mailoutbox == []
    assert len(caplog.records) == len(kinds.KINDS)
    assert odd not in caplog.text


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("ada@example.com", "a...@example.com"),
        ("a@example.com", "a...@example.com"),
        ("a.very.long.name@mail.example.com", "a...@mail.example.com"),
    ],
)
def test_a_masked_address_keeps_its_first_letter_and_its_domain(address, masked):
    assert mask(address) == masked
