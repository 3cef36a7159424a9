"""Stock's mutations of accounts: tokens, own account, customers, staff, groups, apps."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core import mail
from graphql_jwt.shortcuts import get_token
from saleor.account.models import Address, CustomerEvent, User
from saleor.app.models import App

from .conftest import make_picture
from .graphql_api import Api
from .world import ADDRESS, World, gid

URL = "https://www.example.com/account"


def link(number: int = -1) -> dict[str, str]:
    """The parameters of the link in a mail."""
    found = re.search(r"https://www\.example\.com/account\?\S+", mail.outbox[number].body)
    assert found
    return {key: values[0] for key, values in parse_qs(urlsplit(found.group()).query).items()}


def test_tokens_as_stock(anyone: Api, world: World) -> None:
    document = (
        "mutation($email: String!, $password: String!) { tokenCreate(email: $email, password: $password) "
        "{ token user { email } errors { field message } accountErrors { field code } } }"
    )
    # when the password is wrong
    answer = anyone.post(document, {"email": "li@example.com", "password": "wrong"})["data"]["tokenCreate"]
    # then there is an answer, with no token
    assert (answer["token"], answer["user"]) == (None, None)
    assert len(answer["errors"]) == 1
    assert answer["accountErrors"] == [{"field": "email", "code": "INVALID_CREDENTIALS"}]
    # when it is right
    answer = anyone.post(document, {"email": "li@example.com", "password": "password-2"})["data"][
        "tokenCreate"
    ]
    # then
    assert answer["user"] == {"email": "li@example.com"}
    assert (answer["errors"], answer["accountErrors"]) == ([], [])
    token = answer["token"]
    payload = jwt.decode(token, django_settings.SECRET_KEY, algorithms=["HS256"])
    # a shopper's token also names its login, by which it can be ended
    assert set(payload) - {"o2oSession"} == {
        "email",
        "exp",
        "origIat",
        "user_id",
        "is_staff",
        "is_superuser",
    } - (set() if "origIat" in payload else {"origIat"})
    verified = anyone.call("mutation", "tokenVerify", 0, {"token": token})
    assert verified["payload"]["email"] == "li@example.com"
    me = anyone.post("mutation($t: String!) { tokenVerify(token: $t) { user { email } } }", {"t": token})
    assert me["data"]["tokenVerify"]["user"]["email"] == "li@example.com"
    assert (
        anyone.post('mutation { tokenVerify(token: "nonsense") { payload } }')["data"]["tokenVerify"] is None
    )
    fresh = anyone.call("mutation", "tokenRefresh", 0, {"token": token})
    assert fresh["payload"]["email"] == "li@example.com"
    assert fresh["token"]
    world.customer.refresh_from_db()
    assert world.customer.last_login is not None


def test_own_account(shopper: Api, anyone: Api, world: World, unhandled: list[Any]) -> None:
    # register and confirm
    made = anyone.post(
        "mutation($i: AccountRegisterInput!) { accountRegister(input: $i) "
        "{ requiresConfirmation accountErrors { field code } } }",
        {"i": {"email": "new@example.com", "password": "password-3", "redirectUrl": URL}},
    )["data"]["accountRegister"]
    assert made == {"requiresConfirmation": True, "accountErrors": []}
    assert anyone.refused(
        "accountRegister", input={"email": "li@example.com", "password": "password-3", "redirectUrl": URL}
    ) == [("email", "UNIQUE")]
    confirm = (
        "mutation($e: String!, $t: String!) { confirmAccount(email: $e, token: $t) { errors { field } } }"
    )
    bad = anyone.post(confirm, {"e": "new@example.com", "t": "no"})["data"]["confirmAccount"]
    assert bad["errors"] == [{"field": "token"}]
    good = anyone.post(confirm, {"e": "new@example.com", "t": link()["token"]})["data"]["confirmAccount"]
    assert good["errors"] == []
    assert User.objects.get(email="new@example.com").is_active

    # forgotten password
    anyone.post(
        'mutation($u: String!) { requestPasswordReset(email: "li@example.com", redirectUrl: $u) { errors { field } } }',
        {"u": URL},
    )
    wanted = (
        'mutation($t: String!, $p: String!) { setPassword(email: "li@example.com", token: $t, password: $p) '
        "{ token user { email } accountErrors { field code } } }"
    )
    refused = anyone.post(wanted, {"t": "no", "p": "password-4"})["data"]["setPassword"]
    assert refused == {"token": None, "user": None, "accountErrors": [{"field": "token", "code": "INVALID"}]}
    done = anyone.post(wanted, {"t": link()["token"], "p": "password-4"})["data"]["setPassword"]
    assert (done["user"], done["accountErrors"]) == ({"email": "li@example.com"}, [])
    assert done["token"]
    change = 'mutation($o: String!) { passwordChange(oldPassword: $o, newPassword: "password-5") { errors { field } } }'
    assert shopper.post(change, {"o": "no"})["data"]["passwordChange"]["errors"] == [{"field": "oldPassword"}]
    assert shopper.post(change, {"o": "password-4"})["data"]["passwordChange"]["errors"] == []

    # another e-mail
    shopper.post(
        'mutation($u: String!) { requestEmailChange(newEmail: "li9@example.com", password: "password-5", '
        "redirectUrl: $u) { accountErrors { field code } } }",
        {"u": URL},
    )
    confirmed = shopper.post(
        "mutation($t: String!) { confirmEmailChange(token: $t) { user { email } accountErrors { code } } }",
        {"t": link()["token"]},
    )["data"]["confirmEmailChange"]
    assert confirmed == {"user": {"email": "li9@example.com"}, "accountErrors": []}
    assert mail.outbox[-1].to == ["li@example.com"]


def test_own_addresses_and_end(schema: Any, world: World) -> None:
    shopper = Api(schema, get_token(world.customer))

    def run(name: str, **arguments: Any) -> None:
        field = shopper.schema.get_mutation_type().fields[name]
        declared = ", ".join(f"${key}: {field.args[key].type}" for key in arguments)
        passed = ", ".join(f"{key}: ${key}" for key in arguments)
        answer = shopper.post(
            f"mutation({declared}) {{ {name}({passed}) {{ errors {{ field }} }} }}", arguments
        )
        assert answer == {"data": {name: {"errors": []}}}

    run("accountUpdate", input={"firstName": "小红", "defaultShippingAddress": ADDRESS})
    run("accountAddressCreate", input=ADDRESS, type="BILLING")
    address = world.customer.addresses.last()
    run(
        "accountAddressUpdate", id=gid("Address", address), input={**ADDRESS, "streetAddress1": "人民路 1 号"}
    )
    run("accountSetDefaultAddress", id=gid("Address", address), type="SHIPPING")
    run("accountAddressDelete", id=gid("Address", address))
    meta = {"namespace": "o2o", "clientName": "h5", "key": "k", "value": "v"}
    run("accountUpdateMeta", input=meta)
    world.customer.refresh_from_db()
    assert (world.customer.first_name, world.customer.metadata) == ("小红", {"k": "v"})
    run("accountRequestDeletion", redirectUrl=URL)
    shopper.call("mutation", "accountDelete", 0, {"token": link()["token"]})
    assert not User.objects.filter(pk=world.customer.pk).exists()


def test_customers(api: Api, world: World) -> None:
    made = api.mutate(
        "customerCreate",
        input={
            "email": "wang@example.com",
            "firstName": "王",
            "redirectUrl": URL,
            "defaultBillingAddress": ADDRESS,
        },
    )
    customer = User.objects.get(email="wang@example.com")
    identity = gid("User", customer)
    assert made["user"]["defaultBillingAddress"]["city"] == "渝中区"
    assert link()["email"] == "wang@example.com"
    assert api.refused("customerCreate", input={"email": "li@example.com"}) == [("email", "UNIQUE")]
    api.mutate("customerUpdate", id=identity, input={"note": "老客户", "isActive": True, "lastName": "五"})
    api.mutate("addressCreate", userId=identity, input=ADDRESS)
    address = customer.addresses.last()
    api.mutate("addressUpdate", id=gid("Address", address), input={**ADDRESS, "phone": "+8613900139000"})
    wrong = api.refused("addressUpdate", id=gid("Address", address), input={**ADDRESS, "phone": "123"})
    assert wrong == [("phone", "INVALID")]
    api.mutate("addressSetDefault", addressId=gid("Address", address), userId=identity, type="SHIPPING")
    api.mutate("addressDelete", id=gid("Address", address))
    api.mutate("userBulkSetActive", ids=[identity], isActive=False)
    customer.refresh_from_db()
    assert customer.is_active is False
    meta = {"namespace": "o2o", "clientName": "desk", "key": "k"}
    for name in ("Metadata", "PrivateMetadata"):
        api.mutate(f"userUpdate{name}", id=identity, input={**meta, "value": "v"})
        api.mutate(f"userClear{name}", id=identity, input=meta)
    api.mutate("customerDelete", id=identity)
    assert api.refused("customerDelete", id=gid("User", world.admin)) == [("id", "DELETE_OWN_ACCOUNT")]
    assert api.mutate("customerBulkDelete", ids=[gid("User", world.customer)])["count"] == 1
    assert CustomerEvent.objects.filter(user=world.admin, type="customer_deleted").count() == 2


def test_staff_and_groups(api: Api, world: World) -> None:
    # groups
    made = api.mutate(
        "permissionGroupCreate",
        input={"name": "客服", "addPermissions": ["MANAGE_ORDERS"], "addUsers": [gid("User", world.admin)]},
    )
    group = Group.objects.get()
    assert made["group"]["permissions"][0]["code"] == "MANAGE_ORDERS"
    assert api.refused("permissionGroupCreate", input={"name": "客服"}) == [("name", "UNIQUE")]
    created = api.mutate(
        "staffCreate",
        input={
            "email": "chen@example.com",
            "firstName": "陈",
            "addGroups": [gid("Group", group)],
            "redirectUrl": URL,
        },
    )
    staff = User.objects.get(email="chen@example.com")
    identity = gid("User", staff)
    assert created["user"]["isStaff"] is True
    assert "员工" in mail.outbox[-1].subject
    api.mutate("staffUpdate", id=identity, input={"lastName": "六", "isActive": True})
    api.mutate(
        "permissionGroupUpdate",
        id=gid("Group", group),
        input={"name": "客服组", "addPermissions": ["MANAGE_USERS"], "removePermissions": ["MANAGE_ORDERS"],
               "removeUsers": [identity]},
    )  # fmt: skip
    assert list(group.permissions.values_list("codename", flat=True)) == ["manage_users"]
    api.mutate("staffDelete", id=identity)
    other = User.objects.create_user("zhao@example.com", "password-6", is_staff=True)
    assert api.mutate("staffBulkDelete", ids=[gid("User", other)])["count"] == 1
    # a group nobody is in, and one without permissions
    empty = Group.objects.create(name="空组")
    api.mutate("permissionGroupDelete", id=gid("Group", empty))
    api.mutate("permissionGroupDelete", id=gid("Group", group))
    assert not Group.objects.exists()


def test_groups_of_a_plain_manager(schema: Any, world: World) -> None:
    # given a member of staff with one group, and groups without users or permissions
    from django.contrib.auth.models import Permission

    manager = User.objects.create_user("manager@example.com", "password-7", is_staff=True)
    own = Group.objects.create(name="主管")
    own.permissions.set(Permission.objects.filter(codename__in=["manage_staff", "manage_orders"]))
    own.user_set.add(manager)
    empty = Group.objects.create(name="空组")
    api = Api(schema, get_token(manager))
    # when / then
    api.mutate("permissionGroupDelete", id=gid("Group", empty))
    assert api.refused("permissionGroupDelete", id=gid("Group", own)) == [
        ("id", "LEFT_NOT_MANAGEABLE_PERMISSION")
    ]


def test_avatar(api: Api, world: World) -> None:
    document = (
        "mutation($image: Upload!) { userAvatarUpdate(image: $image) "
        "{ errors { field } user { avatar(size: 445) { url } } } }"
    )
    answer = api.upload(document, {"image": None}, "image", make_picture("me.jpg"))["data"][
        "userAvatarUpdate"
    ]
    assert answer["errors"] == []
    assert answer["user"]["avatar"]["url"].startswith("http://testserver/media/__sized__/user-avatars/")
    api.mutate("userAvatarDelete")
    world.admin.refresh_from_db()
    assert not world.admin.avatar


@pytest.mark.parametrize("kind", ["app", "serviceAccount"])
def test_apps(api: Api, schema: Any, world: World, kind: str) -> None:
    type_name = kind[0].upper() + kind[1:]
    made = api.mutate(f"{kind}Create", input={"name": "柜台", "permissions": ["MANAGE_ORDERS"]})
    token, app = made["authToken"], App.objects.get()
    assert Api(schema, app=token).query("orders", depth=0, first=1)["edges"] == []
    Api(schema, app=token).denied("apps", first=1)
    identity = gid(type_name, app)
    api.mutate(f"{kind}Update", id=identity, input={"isActive": False})
    Api(schema, app=token).denied("orders", first=1)
    second = api.mutate(f"{kind}TokenCreate", input={kind: identity, "name": "二号"})
    assert second["authToken"]
    api.mutate(f"{kind}TokenDelete", id=gid(f"{type_name}Token", app.tokens.last()))
    if kind == "serviceAccount":
        meta = {"namespace": "o2o", "clientName": "desk", "key": "k"}
        api.mutate("serviceAccountUpdatePrivateMetadata", id=gid("App", app), input={**meta, "value": "v"})
        api.mutate("serviceAccountClearPrivateMetadata", id=gid("App", app), input=meta)
    api.mutate(f"{kind}Delete", id=identity)
    assert not App.objects.exists()
    assert Address.objects.exists()
