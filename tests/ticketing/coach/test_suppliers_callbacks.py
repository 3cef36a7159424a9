"""What the networks tell by themselves: believed when it is theirs, taken once, worked on in any order."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.test import Client
from saleor.product.models import ProductVariant

from plugins.org_hierarchy.models import OrgUnit
from plugins.ticketing.coach.errors import CoachError
from plugins.ticketing.coach.models import ShiftDay, Station
from plugins.ticketing.coach.ports import FULL
from plugins.ticketing.coach.seeds import station_rows
from plugins.ticketing.coach.services.papers import refuse_collected
from plugins.ticketing.coach.services.refreshing import freshen
from plugins.ticketing.coach.services.syncing import sync_network
from plugins.ticketing.coach.suppliers.boarding import note_collected
from plugins.ticketing.coach.suppliers.province import ADAPTER, _sign
from plugins.ticketing.coach.suppliers.speaking import load
from plugins.ticketing.coach.suppliers.told import NoticeKind
from plugins.ticketing.coach.suppliers.working import TRUSTED
from plugins.ticketing.kernel.choices import CallState, OrderState, TicketState, Trade
from plugins.ticketing.kernel.models import SupplierAccount, SupplierCall, SupplierNotice, Ticket, TicketOrder
from plugins.ticketing.kernel.services import notices
from plugins.ticketing.kernel.services.goods import ticket_variant
from plugins.ticketing.kernel.services.holding import hold
from plugins.ticketing.kernel.trades import Candidate
from saleor_o2o.kernel.clock import now, today
from sandbox.client import SandboxClient

from ...threads import together
from ..orders.trips import person, want, wish
from .sandboxes import A, B, Desk, coach_address, coach_folder, control, desk, fangbian, province

__all__ = ["coach_address", "coach_folder", "control", "desk", "fangbian", "province"]
pytestmark = pytest.mark.django_db

Post = Callable[..., Any]


@dataclass
class Ear:
    """Hears what a network calls, and keeps it for the platform."""

    heard: queue.Queue[tuple[dict[str, str], bytes]] = field(default_factory=queue.Queue)
    url: str = ""

    def next(self) -> tuple[dict[str, str], bytes]:
        return self.heard.get(timeout=5)

    def until(self, words: bytes) -> tuple[dict[str, str], bytes]:
        """The next call that says so."""
        while True:
            headers, body = self.next()
            if words in body:
                return headers, body


@pytest.fixture
def ear(control: SandboxClient) -> Iterator[Ear]:
    """Both networks call here, at the platform's own addresses."""
    found = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            says = b"success" if self.path.endswith("fangbian") else b'{"code": "0000"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(says)))
            self.end_headers()
            self.wfile.write(says)
            found.heard.put((dict(self.headers.items()), body))

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing on the console."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    for name in (A, B):
        hook = f"{found.url}/hooks/ticketing/coach/{name.removeprefix('coach_')}"
        control.call("POST", f"/{name}/server", {"url": hook})
    yield found
    for name in (A, B):
        control.call("POST", f"/{name}/server", {"url": ""})
    server.shutdown()
    server.server_close()


@pytest.fixture
def deliver(client: Client, desk: Desk) -> Post:
    """Hand a call to the platform's door, as it came or changed."""

    def post(headers: dict[str, str], body: bytes, **spoil: str) -> Any:
        kind = headers["Content-Type"]
        known = {name: value for name, value in headers.items() if name.startswith("X-Coach")}
        path = f"/hooks/ticketing/coach/{desk.name.removeprefix('coach_')}"
        return client.post(path, body, content_type=kind, headers={**known, **spoil})

    return post


@pytest.fixture
def account(desk: Desk, db: None) -> SupplierAccount:
    return SupplierAccount.objects.create(
        code="NET", name="客票网", trade=Trade.COACH, adapter=desk.name, hold_minutes=15
    )


@pytest.fixture
def order_of(desk: Desk, account: SupplierAccount, org: dict[str, OrgUnit]) -> Callable[[], TicketOrder]:
    """A ticket order held at the network, or as far as it got."""
    variant: ProductVariant = ticket_variant("coach", "test-line", "龙头寺—遂宁", "full", "全票")

    def made() -> TicketOrder:
        shift = desk.shifts()[0]
        wanted = want(variant.pk, person(), price="70.00", fare=FULL)
        candidate = Candidate("NET", shift.product, {FULL: shift.costs[FULL]})
        told = replace(wish([wanted], starts=shift.departs), candidates=[candidate])
        return hold(told, key="hold-from-test-1", user=None, unit=org["B111"])

    return made


def notice() -> SupplierNotice:
    return SupplierNotice.objects.latest("pk")


# --- the door


def test_what_a_network_tells_is_taken_once(desk: Desk, ear: Ear, deliver: Post) -> None:
    # given
    ask, _locked = desk.lock(desk.shifts()[0])
    headers, body = ear.next()

    # when
    answers = [deliver(headers, body) for _ in range(3)]

    # then: each network reads the word that it waits for
    assert [one.status_code for one in answers] == [200] * 3
    assert answers[0].content == (b'{"code": "0000"}' if desk.name == A else b"success")
    row = SupplierNotice.objects.get()
    assert (row.adapter, row.kind, row.subject, row.copies) == (desk.name, "locked", ask.own, 3)
    assert row.number.startswith("P0" if desk.name == A else "FB")


@pytest.mark.django_db(transaction=True)
def test_ten_at_a_time_are_one(desk: Desk, ear: Ear) -> None:
    # given
    desk.lock(desk.shifts()[0])
    headers, body = ear.next()
    known = {name: value for name, value in headers.items() if name.startswith("X-Coach")}
    path = f"/hooks/ticketing/coach/{desk.name.removeprefix('coach_')}"

    # when
    def post() -> int:
        return int(Client().post(path, body, content_type=headers["Content-Type"], headers=known).status_code)

    answers = together(*[post] * 10)

    # then
    assert answers == [200] * 10
    assert SupplierNotice.objects.get().copies == 10


def test_what_is_not_the_networks_is_kept_as_evidence_and_never_worked_on(
    desk: Desk, ear: Ear, deliver: Post
) -> None:
    # given
    desk.lock(desk.shifts()[0])
    headers, body = ear.next()

    # when: another body under the same signature
    forged = (
        body.replace(b"LOCK", b"LOCJ") if desk.name == A else body.replace(b"notify_id=FB", b"notify_id=FC")
    )
    answer = deliver(headers, forged)

    # then
    assert (answer.status_code, answer.json()) == (401, {"code": "BAD_SIGNATURE"})
    row = notice()
    assert (row.state, row.why, row.number) == ("refused", "BAD_SIGNATURE", "")
    assert notices.work(row.pk) == "" and notices.due() == []


@pytest.mark.parametrize("kind", ["bad_signature", "stale"])
def test_spoilt_deliveries_are_refused(desk: Desk, ear: Ear, deliver: Post, kind: str) -> None:
    desk.fault("notify", kind)
    desk.lock(desk.shifts()[0])
    answer = deliver(*ear.next())
    assert (answer.status_code, answer.json()) == (401, {"code": kind.upper()})


def test_the_province_cannot_speak_for_another_address(province: Desk, ear: Ear, client: Client) -> None:
    # given
    province.lock(province.shifts()[0])
    headers, body = ear.next()
    known = {name: value for name, value in headers.items() if name.startswith("X-Coach")}

    # when: the path is signed
    other = client.post(
        "/hooks/ticketing/coach/fangbian", body, content_type="application/json", headers=known
    )

    # then
    assert other.status_code == 401


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"\xff\xfe", b"method=fb.notify.lock&biz=%7B", b"a=1&" * 100, b"\0"],
)  # fmt: skip
def test_nonsense_is_never_a_crash(desk: Desk, client: Client, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        answer = client.post(
            f"/hooks/ticketing/coach/{desk.name.removeprefix('coach_')}", body, content_type=kind,
            headers={"X-Coach-Key": "é", "X-Coach-Signature": "é" * 5000, "X-Coach-Timestamp": "²"},
        )  # fmt: skip
        assert answer.status_code in (400, 401)


def test_doors_that_are_not_there(client: Client, settings: Any, desk: Desk) -> None:
    assert client.post("/hooks/ticketing/coach/elsewhere", b"x", content_type="text/plain").status_code == 404
    assert client.get("/hooks/ticketing/coach/province").status_code == 405
    large = client.post("/hooks/ticketing/coach/province", b"x" * (128 * 1024 + 1), content_type="text/plain")
    assert large.status_code == 413
    settings.SANDBOX_URL = ""
    assert client.post("/hooks/ticketing/coach/fangbian", b"x", content_type="text/plain").status_code == 404


def test_a_genuine_call_that_nobody_can_read(province: Desk, client: Client, control: SandboxClient) -> None:
    # given: signed, but of a kind that is not known
    config, body, stamp = (
        load(ADAPTER),
        json.dumps({"event": "WEDDING", "data": {}}).encode(),
        str(int(time.time())),
    )
    path = "/hooks/ticketing/coach/province"
    signed = _sign(config.secret, b"POST", path.encode(), stamp.encode(), b"n", body)
    headers = {
        "X-Coach-Key": config.key, "X-Coach-Timestamp": stamp, "X-Coach-Nonce": "n", "X-Coach-Signature": signed,
    }  # fmt: skip

    # then
    answer = client.post(path, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()) == (400, {"code": "MALFORMED"})
    assert notice().state == "refused"


# --- what is done with it


def test_a_hold_whose_answer_was_lost_is_held_by_the_call_back(
    desk: Desk, ear: Ear, deliver: Post, order_of: Callable[[], TicketOrder]
) -> None:
    # given: no answer, and nobody to ask
    desk.fault("lock", "answer_lost")
    desk.fault("query", "http_500")
    order = order_of()
    assert (order.state, order.calls.get().state) == (OrderState.HOLDING, CallState.UNKNOWN)

    # when
    deliver(*ear.next())
    assert notices.work(notice().pk) == "done"

    # then
    order = TicketOrder.objects.get()
    assert (order.state, order.their_number != "") == (OrderState.HELD, True)
    assert order.tickets.get().seat == ("3" if desk.name == A else "5")
    assert notices.work(notice().pk) == ""


def test_while_the_network_is_silent_it_is_tried_again_and_in_the_end_by_people(
    desk: Desk, ear: Ear, deliver: Post, order_of: Callable[[], TicketOrder]
) -> None:
    # given
    desk.fault("lock", "answer_lost")
    desk.fault("query", "http_500", times=None)
    order = order_of()
    deliver(*ear.next())
    row = notice()

    # when
    assert notices.work(row.pk) == "waiting"
    row.refresh_from_db()
    assert row.next_at is not None and timedelta(seconds=5) < row.next_at - now() < timedelta(seconds=15)
    for _ in range(notices.MOST_TRIES - 1):
        state = notices.work(row.pk)

    # then
    assert state == "stuck" and notices.due() == []
    desk.control.clear_faults()
    notices.again(row.pk)
    assert notices.due() == [row.pk] and notices.work(row.pk) == "done"
    order = TicketOrder.objects.get()
    assert order.state == OrderState.HELD


def test_a_call_back_of_nobodys_number_waits(desk: Desk, ear: Ear, deliver: Post) -> None:
    # given: a hold that our books do not have
    desk.lock(desk.shifts()[0])

    # when
    deliver(*ear.next())

    # then
    assert notices.work(notice().pk) == "waiting"
    assert "没有这笔业务" in notice().why


def test_a_hold_that_was_given_back_meanwhile_changes_nothing(
    desk: Desk, ear: Ear, deliver: Post, order_of: Callable[[], TicketOrder]
) -> None:
    # given: the call-back comes when all is over
    order = order_of()
    first = ear.next()
    desk.adapter.release("GYRELEASE1", order.their_number, "")
    second = ear.next()

    # when: in the other order, twice
    for told in (second, first, second, first):
        deliver(*told)
    states = [notices.work(pk) for pk in SupplierNotice.objects.values_list("pk", flat=True)]

    # then
    assert states == ["done", "done"]
    assert SupplierCall.objects.filter(kind="lock").get().state == CallState.DONE


def test_a_passenger_at_the_gate_is_on_the_bus(
    desk: Desk, ear: Ear, deliver: Post, order_of: Callable[[], TicketOrder]
) -> None:
    # given: a ticket of ours
    order = order_of()
    ask = desk.issue_ask(desk.ask(desk.shifts()[1]), desk.adapter.find("lock", order.calls.get().number))  # type: ignore[arg-type]
    desk.adapter.issue(ask)
    issued = ear.until(b"ORDER_ISSUED" if desk.name == A else b"fb.notify.ticket")
    said = issued[1].decode()
    data = json.loads(dict(parse_qsl(said))["biz"]) if desk.name == B else json.loads(said)["data"]
    number = data["riders"][0]["ticket_id"] if desk.name == B else data["tickets"][0]["ticketNo"]
    Ticket.objects.filter(ticket_order=order).update(state=TicketState.ISSUED, their_number=number)

    # when
    desk.control.call("POST", f"/{desk.name}/check", {"ticket_no": number})
    told = ear.until(b"TICKET_CHECKED" if desk.name == A else b"fb.notify.board")
    deliver(*told)
    deliver(*told)

    # then
    assert notices.work(notice().pk) == "done"
    ticket = order.tickets.get()
    assert (ticket.state, ticket.used) == (TicketState.USED, 1) and ticket.used_at is not None


def test_a_ticket_that_was_fetched_on_paper_goes_back_at_the_window(
    desk: Desk, ear: Ear, deliver: Post, order_of: Callable[[], TicketOrder]
) -> None:
    # given: a ticket of ours
    order = order_of()
    ask = desk.issue_ask(desk.ask(desk.shifts()[1]), desk.adapter.find("lock", order.calls.get().number))  # type: ignore[arg-type]
    desk.adapter.issue(ask)
    said = ear.until(b"ORDER_ISSUED" if desk.name == A else b"fb.notify.ticket")[1].decode()
    data = json.loads(dict(parse_qsl(said))["biz"]) if desk.name == B else json.loads(said)["data"]
    number = data["riders"][0]["ticket_id"] if desk.name == B else data["tickets"][0]["ticketNo"]
    Ticket.objects.filter(ticket_order=order).update(state=TicketState.ISSUED, their_number=number)

    # when: fetched, and once more asked for
    for _time in range(2):
        desk.control.call("POST", f"/{desk.name}/collect", {"ticket_no": number})
    told = ear.until(b"TICKET_PRINTED" if desk.name == A else b"fb.notify.fetch")
    deliver(*told)
    deliver(*told)

    # then: told once, kept with its time, and the buyer reads where to go
    assert (notice().kind, notice().subject, notices.work(notice().pk)) == ("collected", number, "done")
    ticket = order.tickets.get()
    assert (ticket.state, ticket.collected_at) == (TicketState.ISSUED, notice().received_at)
    with pytest.raises(CoachError) as refusal:
        refuse_collected(ticket)
    assert refusal.value.code.value == "COLLECTED"
    assert str(refusal.value.hint) == "请带纸质车票和证件到车站窗口办理退票、改签"
    # and one that is known stays as it was
    assert note_collected(order.supplier.adapter, number, now()) is False


def test_a_bus_that_does_not_go_is_cancelled_here(
    desk: Desk, ear: Ear, deliver: Post, account: SupplierAccount, org: dict[str, OrgUnit]
) -> None:
    # given: its buses are shown, and somebody holds one
    Station.objects.bulk_create(station_rows([]))
    sync_network(account)
    day = today() + timedelta(days=2)
    freshen([Station.objects.get(code="CQ-LTS")], day)
    shift = desk.shifts()[0]
    desk.lock(shift)
    ear.next()
    shown = ShiftDay.objects.get(offers__their_shift=shift.shift, offers__station__code="SC-SN", day=day)
    assert shown.state == "running"

    # when
    desk.control.call("POST", f"/{desk.name}/shifts/cancel", {"date": day.isoformat(), "shift": shift.shift})
    deliver(*ear.next())

    # then
    assert (notice().kind, notices.work(notice().pk)) == ("bus_cancelled", "done")
    shown.refresh_from_db()
    assert shown.state == "cancelled"


def test_a_notice_that_was_worked_on_too_late_takes_no_bus_away(
    desk: Desk, ear: Ear, deliver: Post, account: SupplierAccount, org: dict[str, OrgUnit]
) -> None:
    # given: a bus does not go, which its network's list says, too; the notice arrived, and no worker was there
    Station.objects.bulk_create(station_rows([]))
    sync_network(account)
    day = today() + timedelta(days=2)
    here = Station.objects.get(code="CQ-LTS")
    freshen([here], day)
    shift = desk.shifts()[0]
    desk.lock(shift)
    ear.next()
    shown = ShiftDay.objects.get(offers__their_shift=shift.shift, offers__station__code="SC-SN", day=day)
    there = {"date": day.isoformat(), "shift": shift.shift}
    desk.control.call("POST", f"/{desk.name}/shifts/cancel", there)
    deliver(*ear.next())
    freshen([here], day, age=timedelta(0))
    shown.refresh_from_db()
    assert (shown.state, notice().state) == ("cancelled", "waiting")

    # when it goes after all, and then the worker is there
    desk.control.call("POST", f"/{desk.name}/shifts/reopen", there)
    freshen([here], day, age=timedelta(0))
    assert (notice().kind, notices.work(notice().pk)) == ("bus_cancelled", "waiting")
    assert notice().why == "客票网仍在列出该班次，稍后再核对"

    # then
    shown.refresh_from_db()
    assert shown.state == "running"

    # when the network brings one only now: nothing in it says when it was said
    SupplierNotice.objects.update(received_at=now())
    assert notices.work(notice().pk) == "waiting"
    # then nobody is told, and after a while it is worked on
    shown.refresh_from_db()
    assert shown.state == "running"
    SupplierNotice.objects.update(received_at=now() - TRUSTED)
    assert notices.work(notice().pk) == "done"
    shown.refresh_from_db()
    assert shown.state == "running"


@pytest.mark.parametrize("resumed_since", [False, True])
def test_a_network_that_is_silent_is_believed_its_notice_after_a_while(
    desk: Desk,
    ear: Ear,
    deliver: Post,
    account: SupplierAccount,
    org: dict[str, OrgUnit],
    resumed_since: bool,
) -> None:
    # given
    Station.objects.bulk_create(station_rows([]))
    sync_network(account)
    day = today() + timedelta(days=2)
    here = Station.objects.get(code="CQ-LTS")
    freshen([here], day)
    shift = desk.shifts()[0]
    desk.lock(shift)
    ear.next()
    shown = ShiftDay.objects.get(offers__their_shift=shift.shift, offers__station__code="SC-SN", day=day)
    there = {"date": day.isoformat(), "shift": shift.shift}
    desk.control.call("POST", f"/{desk.name}/shifts/cancel", there)
    deliver(*ear.next())

    # when it answers no question
    desk.fault("*", "down", times=None)
    assert notices.work(notice().pk) == "waiting"
    shown.refresh_from_db()
    assert shown.state == "running"
    SupplierNotice.objects.update(received_at=now() - TRUSTED)
    if resumed_since:
        ShiftDay.objects.filter(pk=shown.pk).update(resumed_at=now())
    assert notices.work(notice().pk) == "done"

    # then it counts, unless the lists took it back since it arrived
    shown.refresh_from_db()
    assert (shown.state, shown.stopped_by) == (
        ("running", []) if resumed_since else ("cancelled", [desk.name])
    )
    if resumed_since:
        return

    # and when the network answers again, its list decides
    desk.control.clear_faults()
    desk.control.call("POST", f"/{desk.name}/shifts/reopen", there)
    freshen([here], day, age=timedelta(0))
    shown.refresh_from_db()
    assert shown.state == "running"


def test_a_late_bus_is_shown_late(
    desk: Desk, ear: Ear, deliver: Post, account: SupplierAccount, org: dict[str, OrgUnit]
) -> None:
    # given
    Station.objects.bulk_create(station_rows([]))
    sync_network(account)
    day = today() + timedelta(days=2)
    freshen([Station.objects.get(code="CQ-LTS")], day)
    shift = desk.shifts()[0]
    desk.lock(shift)
    ear.next()

    # when
    where = {"date": day.isoformat(), "shift": shift.shift, "minutes": 45, "gate": "8号检票口"}
    desk.control.call("POST", f"/{desk.name}/shifts/move", where)
    deliver(*ear.next())

    # then
    assert (notice().kind, notices.work(notice().pk)) == ("bus_moved", "done")
    offers = ShiftDay.objects.filter(offers__their_shift=shift.shift, day=day).distinct()
    assert {one.departs - shift.departs for one in offers} >= {timedelta(minutes=45)}


def test_what_is_stored_is_encrypted(desk: Desk, ear: Ear, deliver: Post) -> None:
    # given
    desk.lock(desk.shifts()[0])
    headers, body = ear.next()
    deliver(headers, body)

    # then
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM o2o_ticketing_suppliernotice")
        [(stored,)] = cursor.fetchall()
    assert notice().body == body.decode()
    assert "passengers" not in stored and "riders" not in stored and "tickets" not in stored


@pytest.mark.parametrize("adapter", [A, B, "coach_gone"])
def test_a_row_that_nobody_can_read_any_more_is_peoples(db: None, adapter: str) -> None:
    # given: an adapter that was taken out, or a body of another time
    row = SupplierNotice.objects.create(adapter=adapter, number="N1", kind="locked", body="?")

    # when
    states = [notices.work(row.pk) for _ in range(notices.MOST_TRIES)]

    # then
    assert (states[0], states[-1]) == ("waiting", "stuck")


def test_the_same_number_of_the_other_network_is_another_one(
    province: Desk, fangbian: Desk, client: Client
) -> None:
    # given
    told = ("N1", NoticeKind.LOCKED, "GY1", b"{}")

    # when
    first, second, again = (notices.take_in(name, *told) for name in (A, B, A))

    # then
    assert first.pk == again.pk != second.pk and again.copies == 2
