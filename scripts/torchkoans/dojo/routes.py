"""What can be asked of a room's server, by whom: pairs post, browsers look, all with the code.

Whoever has none is told nothing, not even what there is.
"""

from __future__ import annotations

import json
import math
from typing import Any
from urllib.parse import parse_qs

import falcon

from torchkoans.dojo import board, gate
from torchkoans.dojo.address import PORT
from torchkoans.dojo.hall import Hall, RefusedError

MOST_BODY, MOST_FORM = 64 * 1024, 1000  # bytes
MOST_CODES = 4  # that a request may bring with it; more are not looked at
ELSEWHERE = "421 Misdirected Request"  # by a name that is none of this computer's
LOGIN = ("POST", "/login")
JSON, HTML = "application/json", "text/html; charset=utf-8"
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


# -- who comes in ----------------------------------------------------------------------------------


class Doorkeeper:
    """Stands before every route, those that are not there included."""

    def __init__(self, hall: Hall, cookie: str) -> None:
        self._gate, self._cookie = hall.gate, cookie

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:  # noqa: ARG002
        """Raises an HTTP error where somebody may not come in."""
        if not self._gate.is_own(req.get_header("Host") or ""):
            raise falcon.HTTPError(ELSEWHERE)
        if (req.method, req.path) != LOGIN:  # there they bring it
            admit(self._gate, _codes(req, self._cookie))

    def process_response(
        self, req: falcon.Request, resp: falcon.Response, resource: object, req_succeeded: bool
    ) -> None:
        """What each answer has in its head."""
        del req, resource, req_succeeded
        resp.set_headers(HEADERS)


def admit(gate: gate.Gate, typed: list[str]) -> None:
    """Come back only if one of these is the code.

    Whoever has a wrong one is told so, however many come: else nobody would know what to mend.
    """
    if any(map(gate.opens_to, typed)):
        return
    wait = gate.refuse() if typed else 0.0
    later = {"Retry-After": str(math.ceil(wait))} if wait else {}
    raise falcon.HTTPUnauthorized(challenges=["Bearer"], headers=later)


def _codes(req: falcon.Request, cookie: str) -> list[str]:
    """What a request has with it: in its head, in a cookie, or in the link that was followed."""
    kind, _, typed = (req.auth or "").partition(" ")
    found = [typed] if kind.lower() == "bearer" else []
    found += (req.get_cookie_values(cookie) or [])[:1]
    return [*found, *_linked(req)][:MOST_CODES]


def _linked(req: falcon.Request) -> list[str]:
    return req.get_param_as_list("code") or [] if (req.method, req.path) == ("GET", "/") else []


def _enter(resp: falcon.Response, typed: str, cookie: str) -> None:
    """Let a browser keep the code, and show it the page.

    Lax, not strict: the board's link may be clicked on another page, and what a page elsewhere
    could post is refused for its form.
    """
    resp.set_cookie(
        cookie, gate.plain(typed), path="/", secure=False, http_only=True, same_site="Lax"
    )
    resp.status = falcon.HTTP_303
    resp.location = "/"


def _say(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError) -> None:
    """What is said with an error: strangers are told nothing, a browser is asked for the code."""
    is_unknown = isinstance(error, falcon.HTTPUnauthorized)
    if is_unknown and "text/html" in (req.get_header("Accept") or ""):
        is_wrong = (req.method, req.path) == LOGIN  # a person has just typed it
        resp.content_type, resp.text = HTML, board.asking(is_wrong=is_wrong)
    else:
        is_strange = is_unknown or error.status == ELSEWHERE
        _answer(resp, {} if is_strange else {"error": error.description or error.title})


def _refuse(req: Any, resp: falcon.Response, refused: RefusedError, params: Any) -> None:
    del req, params
    resp.status = falcon.code_to_http_status(refused.status)
    if refused.wait:
        resp.set_header("Retry-After", str(math.ceil(refused.wait)))
    _answer(resp, {"error": refused.why})


def _answer(resp: falcon.Response, values: dict[str, Any]) -> None:
    resp.content_type, resp.data = JSON, json.dumps(values).encode()


def _body(req: falcon.Request) -> bytes:
    """Raises RefusedError where it is too large."""
    data = req.bounded_stream.read(MOST_BODY + 1)
    if len(data) > MOST_BODY:
        raise RefusedError(413, f"a post has at most {MOST_BODY} bytes")
    return data


def _json(req: falcon.Request) -> Any:
    """What was posted, as plain values; a form of another page cannot. Raises RefusedError."""
    if (req.content_type or "").partition(";")[0].strip() != JSON:
        raise RefusedError(415, f"it is sent as {JSON}")
    try:
        return json.loads(_body(req))
    except (ValueError, RecursionError):
        raise RefusedError(400, "this is no JSON") from None


# -- the routes ------------------------------------------------------------------------------------


class Page:
    """The page for the wall."""

    def __init__(self, hall: Hall, cookie: str) -> None:
        self._gate, self._cookie = hall.gate, cookie
        self._text = board.page(hall.course, posts=hall.posts)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        right = next(filter(self._gate.opens_to, _linked(req)[:MOST_CODES]), None)
        if right is not None:  # it is not to stay in the address bar
            _enter(resp, right, self._cookie)
        else:  # an old link puts nobody out who is in
            resp.content_type, resp.text = HTML, self._text


class Login:
    """Takes the code of a form."""

    def __init__(self, hall: Hall, cookie: str) -> None:
        self._gate, self._cookie = hall.gate, cookie

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        typed = _typed(req.bounded_stream.read(MOST_FORM + 1))
        admit(self._gate, [typed])
        _enter(resp, typed, self._cookie)


def _typed(form: bytes) -> str:
    """The code in a form; whatever is no such form has a wrong one."""
    if len(form) > MOST_FORM:
        return ""
    try:
        return parse_qs(form.decode("ascii", "replace"), max_num_fields=5).get("code", [""])[0]
    except ValueError:
        return ""


class Data:
    """What the page asks for."""

    def __init__(self, hall: Hall, own: frozenset[str]) -> None:
        self._hall, self._own = hall, own

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        body, name = self._hall.data(_may_lead(req, self._own))
        resp.set_header("ETag", name)
        if req.get_header("If-None-Match") == name:
            resp.status = falcon.HTTP_304
        else:
            resp.content_type, resp.data = JSON, body


class Lead:
    """The facilitator's buttons, which work at the facilitator's computer alone."""

    def __init__(self, hall: Hall, own: frozenset[str]) -> None:
        self._hall, self._own = hall, own

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        if not _may_lead(req, self._own):
            raise RefusedError(403, "the round is led at the facilitator's computer")
        self._hall.lead(_json(req))
        _answer(resp, {})


def _may_lead(req: falcon.Request, own: frozenset[str]) -> bool:
    return gate.is_loopback(req.remote_addr) or req.remote_addr in own


class Events:
    """What pairs post."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        if not self._hall.posts:
            raise RefusedError(
                404, "this board takes no posts, its facilitator opens one with --serve"
            )
        have, has_gap = self._hall.post(_json(req))
        resp.status = falcon.HTTP_409 if has_gap else falcon.HTTP_200
        _answer(resp, {"have": have})


def app(hall: Hall, own: frozenset[str] = frozenset(), port: int = PORT) -> falcon.App[Any, Any]:
    """The routes of a room; whoever asks from an address in `own` is at this computer.

    Browsers keep one set of cookies for all ports of a computer: each board has a name of its own.
    """
    cookie = f"room-{port}"
    made = falcon.App(middleware=[Doorkeeper(hall, cookie)])
    made.set_error_serializer(_say)
    made.add_error_handler(RefusedError, _refuse)
    made.add_route("/", Page(hall, cookie))
    made.add_route("/login", Login(hall, cookie))
    made.add_route("/data", Data(hall, own))
    made.add_route("/round", Lead(hall, own))
    made.add_route("/events", Events(hall))
    return made
