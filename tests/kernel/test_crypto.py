import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from saleor_o2o.kernel.crypto import (
    DecryptionError,
    blind_index,
    decrypt,
    encrypt,
    key_problems,
    mask_bank_card,
    mask_id_number,
    mask_name,
    mask_phone,
    rotate_encrypted,
)

from .models import Secret

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def keys(settings: object) -> None:
    settings.O2O_FIELD_KEYS = [OLD]
    settings.O2O_BLIND_INDEX_KEY = "index-key"


def stored() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, papers FROM o2o_kernel_tests_secret ORDER BY id")
        return cursor.fetchall()


@pytest.mark.django_db
def test_the_database_never_sees_the_plain_text() -> None:
    # given
    papers = {"id_number": "500103199001011234", "pages": [1, None, "页"]}

    # when
    Secret.objects.create(phone="13812340000", papers=papers)

    # then
    secret = Secret.objects.get()
    assert (secret.phone, secret.papers) == ("13812340000", papers)
    assert all(value.startswith("gAAAA") for value in stored()[0])
    assert list(Secret.objects.values_list("phone", flat=True)) == ["13812340000"]


@pytest.mark.django_db
@pytest.mark.parametrize("papers", [None, "", 0, [], {}, False])
def test_empty_values_keep_their_kind(papers: object) -> None:
    Secret.objects.create(phone=None, papers=papers)
    Secret.objects.create(phone="", papers=papers)
    assert [(one.phone, one.papers) for one in Secret.objects.order_by("pk")] == [
        (None, papers),
        ("", papers),
    ]
    assert stored()[0][0] is None
    assert Secret.objects.filter(phone__isnull=True).count() == 1


@pytest.mark.django_db
def test_encrypted_fields_cannot_be_searched_by_accident() -> None:
    for lookup in ("phone", "phone__contains", "phone__in", "papers__key"):
        with pytest.raises(FieldError):
            Secret.objects.filter(**{lookup: "1"}).exists()


@pytest.mark.django_db
def test_plain_text_cannot_come_in_through_an_expression() -> None:
    Secret.objects.create(phone="1", phone_index="plain")
    with pytest.raises(TypeError, match="computed"), transaction.atomic():
        Secret.objects.update(phone=F("phone_index"))
    assert Secret.objects.get().phone == "1"


@pytest.mark.django_db
def test_rows_are_found_by_their_blind_index() -> None:
    Secret.objects.create(phone="13812340000", phone_index=blind_index("13812340000", "member.phone"))
    found = Secret.objects.get(phone_index=blind_index(" １３８12340000 ", "member.phone"))
    assert found.phone == "13812340000"


def test_indexes_depend_on_key_purpose_and_value(settings: object) -> None:
    one = blind_index("x", "a")
    assert len(one) == 64
    assert len({one, blind_index("x", "b"), blind_index("y", "a")}) == 3
    settings.O2O_BLIND_INDEX_KEY = "other"
    assert blind_index("x", "a") != one
    settings.O2O_BLIND_INDEX_KEY = ""
    with pytest.raises(ImproperlyConfigured):
        blind_index("x", "a")


@pytest.mark.django_db
def test_keys_are_rotated(settings: object) -> None:
    # given
    for number in range(5):
        Secret.objects.create(phone=f"1380000000{number}", papers={"n": number})
    Secret.objects.create(phone=None, papers=None)
    settings.O2O_FIELD_KEYS = [NEW, OLD]
    assert Secret.objects.first().papers == {"n": 0}

    # when
    assert rotate_encrypted(Secret, batch=2) == 6

    # then
    settings.O2O_FIELD_KEYS = [NEW]
    assert [(one.phone, one.papers) for one in Secret.objects.order_by("pk")] == [
        *[(f"1380000000{number}", {"n": number}) for number in range(5)],
        (None, None),
    ]


@pytest.mark.django_db
def test_a_lost_key_is_told_without_the_value(settings: object) -> None:
    Secret.objects.create(phone="13812340000")
    settings.O2O_FIELD_KEYS = [NEW]
    with pytest.raises(DecryptionError) as caught:
        Secret.objects.get()
    assert "O2O_FIELD_KEYS" in str(caught.value)
    assert "gAAAA" not in str(caught.value)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_text_survives_encryption(text: str) -> None:
    assert decrypt(encrypt(text)) == text
    assert encrypt(text) != encrypt(text)


def test_missing_and_broken_keys_fail_the_system_check(settings: object) -> None:
    assert key_problems() == []
    for bad in ([], ["short"]):
        settings.O2O_FIELD_KEYS = bad
        settings.O2O_BLIND_INDEX_KEY = ""
        assert [problem.split()[0] for problem in key_problems()] == ["O2O_FIELD_KEYS", "O2O_BLIND_INDEX_KEY"]


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_phone, "13812340000", "138****0000"),
        (mask_phone, "+86 138-1234-0000", "138****0000"),
        (mask_phone, "12345", "*****"),
        (mask_id_number, "500103199001011234", "500***********1234"),
        (mask_id_number, "1234567", "*******"),
        (mask_bank_card, "6222 0000 1111 2222", "************2222"),
        (mask_name, "张三丰", "张**"),
        (mask_name, "张", "*"),
        (mask_name, "", ""),
    ],
)
def test_masks(mask: object, value: str, shown: str) -> None:
    assert mask(value) == shown


@given(st.text("0123456789", max_size=30))
def test_masks_never_show_the_whole(value: str) -> None:
    for mask in (mask_phone, mask_id_number, mask_bank_card):
        assert not value or mask(value) != value
