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
from torchkoans.dojo.hall import Hall, RefusedError

MOST_BODY = 64 * 1024  # bytes
COOKIE = "room"
ELSEWHERE = "this room goes by the address that its board shows, and by no other name"
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
ASKING = (
    '<!doctype html><html lang="en"><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><title>Code</title>'
    '<form method="post" action="/login"><label>Code <input name="code" autocomplete="off" '
    'autocapitalize="off" spellcheck="false" autofocus></label> <button>Go in</button></form>'
)


# -- who comes in ----------------------------------------------------------------------------------


class Doorkeeper:
    """Stands before every route, those that are not there included."""

    def __init__(self, hall: Hall) -> None:
        self._gate = hall.gate

    def process_request(self, req: falcon.Request, resp: falcon.Response) -> None:  # noqa: ARG002
        """Raises an HTTP error where somebody may not come in."""
        if not self._gate.is_own(req.get_header("Host") or ""):
            raise falcon.HTTPError("421 Misdirected Request", description=ELSEWHERE)
        if (req.method, req.path) != ("POST", "/login"):  # there they bring it
            admit(self._gate, _codes(req))

    def process_response(
        self, req: falcon.Request, resp: falcon.Response, resource: object, req_succeeded: bool
    ) -> None:
        """What each answer has in its head."""
        del req, resource, req_succeeded
        resp.set_headers(HEADERS)


def admit(gate: gate.Gate, typed: list[str]) -> None:
    """Come back only if one of these is the code."""
    if any(map(gate.opens_to, typed)):
        return
    wait = gate.refuse() if typed else 0.0
    if wait:
        raise falcon.HTTPTooManyRequests(retry_after=math.ceil(wait))
    raise falcon.HTTPUnauthorized(challenges=["Bearer"])


def _codes(req: falcon.Request) -> list[str]:
    """What a request has with it: in its head, in a cookie, or in the link that was followed."""
    kind, _, typed = (req.auth or "").partition(" ")
    found = [typed] if kind.lower() == "bearer" else []
    found += req.get_cookie_values(COOKIE) or []
    return [*found, *_linked(req)]


def _linked(req: falcon.Request) -> list[str]:
    return req.get_param_as_list("code") or [] if (req.method, req.path) == ("GET", "/") else []


def _say(req: falcon.Request, resp: falcon.Response, error: falcon.HTTPError) -> None:
    """What is said with an error: a browser without a code is asked for it."""
    is_unknown = isinstance(error, falcon.HTTPUnauthorized)
    if is_unknown and "text/html" in (req.get_header("Accept") or ""):
        resp.content_type, resp.text = HTML, ASKING
    else:
        _answer(resp, {} if is_unknown else {"error": error.description or error.title})


def _refuse(req: Any, resp: falcon.Response, refused: RefusedError, params: Any) -> None:
    del req, params
    resp.status = falcon.code_to_http_status(refused.status)
    if refused.wait:
        resp.set_header("Retry-After", str(math.ceil(refused.wait)))
    _answer(resp, {"error": refused.why})


def _answer(resp: falcon.Response, values: dict[str, Any]) -> None:
    resp.content_type, resp.data = JSON, json.dumps(values).encode()


def _body(req: falcon.Request, most: int = MOST_BODY) -> bytes:
    """Raises RefusedError where it is too large."""
    data = req.bounded_stream.read(most + 1)
    if len(data) > most:
        raise RefusedError(413, f"a post has at most {most} bytes")
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

    def __init__(self, hall: Hall) -> None:
        self._text = board.page(hall.course, posts=hall.posts)

    def on_get(self, req: falcon.Request, resp: falcon.Response) -> None:
        linked = _linked(req)
        if linked:  # it was right, and is not to stay in the address bar
            _enter(resp, linked[0])
        else:
            resp.content_type, resp.text = HTML, self._text


class Login:
    """Takes the code of a form."""

    def __init__(self, hall: Hall) -> None:
        self._gate = hall.gate

    def on_post(self, req: falcon.Request, resp: falcon.Response) -> None:
        text = _body(req, 1000).decode("ascii", "replace")
        typed = parse_qs(text, max_num_fields=5).get("code", [""])[:1]
        admit(self._gate, typed)
        _enter(resp, typed[0])


def _enter(resp: falcon.Response, typed: str) -> None:
    resp.set_cookie(
        COOKIE, gate.plain(typed), path="/", secure=False, http_only=True, same_site="Strict"
    )
    resp.status = falcon.HTTP_303
    resp.location = "/"


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


def app(hall: Hall, own: frozenset[str] = frozenset()) -> falcon.App[Any, Any]:
    """The routes of a room; whoever asks from an address in `own` is at this computer."""
    made = falcon.App(middleware=[Doorkeeper(hall)])
    made.set_error_serializer(_say)
    made.add_error_handler(RefusedError, _refuse)
    made.add_route("/", Page(hall))
    made.add_route("/login", Login(hall))
    made.add_route("/data", Data(hall, own))
    made.add_route("/round", Lead(hall, own))
    made.add_route("/events", Events(hall))
    return made
