"""The Bot API over HTTP: one call in, Telegram's answer (or its failure) out."""

import asyncio
import hmac
import inspect
import json
from typing import Any

from aiohttp import web

from bot.playground.call import Call, Upload
from bot.playground.faults import Fault, Faults, Mishap
from bot.playground.journal import CallRecord, Journal
from bot.playground.json_types import Json
from bot.playground.methods import METHODS
from bot.playground.refusals import RefusedError
from bot.playground.spec import ApiSpec
from bot.playground.telegram import Telegram

MAX_UPLOAD_BYTES = 50 * 1024 * 1024
_BAD_GATEWAY = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"


class BotApi:
    """Serves `/bot<token>/<method>` and `/file/bot<token>/<path>`."""

    def __init__(self, telegram: Telegram, token: str, faults: Faults, spec: ApiSpec | None) -> None:
        self.telegram = telegram
        self.token = token
        self.faults = faults
        self.spec = spec
        self.journal = Journal()
        self.violations: list[str] = []

    def routes(self) -> list[web.RouteDef]:
        """For the application that this is a part of."""
        return [
            web.route("*", "/bot{token}/{method}", self.answer_call),
            web.get("/file/bot{token}/files/{file_id}", self.send_file),
        ]

    async def answer_call(self, request: web.Request) -> web.StreamResponse:
        """One call of a method: checked, carried out unless a fault is due, and noted."""
        try:
            self._check_token(request)
            call = await read_call(request)
        except RefusedError as refusal:
            return _refused(refusal)
        self._check_spec(call)
        fault = self.faults.take(call)
        if fault is not None and fault.what is not Mishap.SLOW:
            return await self._fail(request, call, fault)
        response = await self._carry_out(call)
        if fault is not None:
            await asyncio.sleep(fault.delay_s)
        return response

    async def send_file(self, request: web.Request) -> web.StreamResponse:
        """What `getFile` gave the path of."""
        try:
            self._check_token(request)
            stored = self.telegram.files.find(request.match_info["file_id"])
        except RefusedError as refusal:
            return _refused(refusal)
        return web.Response(body=stored.content, content_type=stored.mime_type)

    def _check_token(self, request: web.Request) -> None:
        given = request.match_info["token"]
        if ":" not in given:
            raise RefusedError(404)
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise RefusedError(401)

    def _check_spec(self, call: Call) -> None:
        if self.spec is not None:
            self.violations += self.spec.violations(call)

    async def _carry_out(self, call: Call) -> web.Response:
        try:
            self.faults.check_limits(call, self.telegram.chats.get(call.number("chat_id")))
            answer = await self._dispatch(call)
        except RefusedError as refusal:
            self._record(call, refusal.status, description=refusal.description)
            return _refused(refusal)
        self._record(call, 200, answer)
        return web.json_response({"ok": True, "result": answer})

    async def _dispatch(self, call: Call) -> Any:
        method = METHODS.get(call.method)
        if method is None:
            raise RefusedError(404, ": method not found")
        answer = method(self.telegram, call)
        return await answer if inspect.isawaitable(answer) else answer

    async def _fail(self, request: web.Request, call: Call, fault: Fault) -> web.Response:
        self.telegram.changes.publish("fault", fault=str(fault), method=call.method)
        if isinstance(fault.what, RefusedError):
            self._record(call, fault.what.status, description=fault.what.description)
            return _refused(fault.what)
        if fault.what is Mishap.BAD_GATEWAY:
            self._record(call, 502, description="Bad Gateway")
            return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
        if fault.what is Mishap.DROP_AFTER:
            await self._accept_silently(call)
        else:
            self._record(call, 0, description=fault.what.value)
        if request.transport is not None:
            request.transport.close()
        return web.Response(status=500)

    async def _accept_silently(self, call: Call) -> None:
        try:
            answer = await self._dispatch(call)
        except RefusedError as refusal:
            self._record(call, 0, description=refusal.description)
        else:
            self._record(call, 0, answer, Mishap.DROP_AFTER.value)

    def _record(self, call: Call, status: int, answer: object = None, description: str = "") -> None:
        at = self.telegram.clock()
        self.journal.add(CallRecord(call.method, call.parameters, at, status, answer, description))
        self.telegram.changes.publish("call", method=call.method, status=status)


async def read_call(request: web.Request) -> Call:
    """The call in `request`: from the URL, a form, a multipart body or JSON."""
    fields: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.content_type == "application/json":
        fields |= _json_object(await request.text())
    elif request.can_read_body:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                uploads[name] = Upload(value.filename, value.content_type, value.file.read())
            else:
                fields[name] = value
    return Call(request.match_info["method"], fields, uploads)


def _json_object(body: str) -> Json:
    try:
        given = json.loads(body or "{}")
    except ValueError:
        raise RefusedError(400, "can't parse JSON object") from None
    if not isinstance(given, dict):
        raise RefusedError(400, "can't parse JSON object")
    return given


def _refused(refusal: RefusedError) -> web.Response:
    headers = {}
    if "retry_after" in refusal.parameters:
        headers["Retry-After"] = str(refusal.parameters["retry_after"])
    return web.json_response(refusal.as_json(), status=refusal.status, headers=headers)
