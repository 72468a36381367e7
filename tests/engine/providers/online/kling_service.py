"""Kling as it behaves, in both of its interfaces: tokens that are verified, tasks known by two names, codes beside the status."""

import base64
import binascii
import hashlib
import hmac
import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from tests.engine.providers.online import pictures
from tests.engine.providers.online.files import file_answer
from tests.engine.providers.online.films import film
from tests.engine.providers.online.server import Answer, Received, json_answer

ACCESS, SECRET, PLAIN = "FakeAccessKeyFakeAccessKey00", "FakeSecretKeyFakeSecretKey00", "kling-fake-plain-key-0000"
KEYS = {"access_key": ACCESS, "secret_key": SECRET, "key": PLAIN}
FIRST = ("kling-v1", "kling-v1-6", "kling-v2-1", "kling-v2-1-master", "kling-v2-5-turbo", "kling-v2-6", "kling-v3")
SECOND = ("kling-3.0", "kling-3.0-turbo")
PRICES_USD = {"720p": 0.042, "1080p": 0.07}
_FIELDS = frozenset({
    "model_name", "image", "image_tail", "prompt", "negative_prompt", "mode", "duration", "cfg_scale", "external_task_id",
    "sound",
})
UNIT_USD = 0.14


class Refusal(Exception):  # noqa: N818 - the service's, not ours
    def __init__(self, answer: Answer) -> None:
        self.answer = answer


def error(status: int, code: int, message: str) -> Answer:
    return json_answer({"code": code, "message": message, "request_id": "req-1"}, status)


@dataclass(eq=False)
class Asked:
    model: str
    prompt: str
    first: pictures.Rgb8
    last: pictures.Rgb8 | None
    resolution: str
    seconds: int
    negative: str
    name: str
    external: str
    raw: list[bytes]
    looks: int = 0
    is_billed: bool = False

    @property
    def price_usd(self) -> float:
        newer = {"720p": 0.084, "1080p": 0.112, "4k": 0.112}
        return (newer if self.model in SECOND else PRICES_USD)[self.resolution] * self.seconds


class KlingService:
    """`ends` are what tasks fail with, one after another; `looks` how often they still work; `made` makes each one's file.

    `says_units` lets finished tasks say what they took off the pack.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.looks = 2
        self.ends: list[str | None] = []
        self.base_url = ""
        self.made: Callable[[Asked], bytes] = lambda _asked: film()
        self.says_units = False
        self.clock_s = 0.0
        """How far its clock is ahead."""
        self.bill_usd = 0.0

    def __call__(self, request: Received) -> Answer:
        try:
            return self._answer(request)
        except Refusal as refusal:
            return refusal.answer

    def _answer(self, request: Received) -> Answer:
        if (file := re.fullmatch(r"/cdn/(\d+)\.mp4", request.path)) is not None:
            if "authorization" in request.headers:
                raise AssertionError("a key where none is needed")
            return file_answer(request, self.made(self.asked[int(file.group(1))]))
        self._check_key(request)
        if request.path == "/v1/videos/image2video" and request.method == "POST":
            return self._taken(self._first(request), is_second=False)
        if (made := re.fullmatch(r"/image-to-video/([\w.-]+)", request.path)) is not None and request.method == "POST":
            return self._taken(self._second(made.group(1), request), is_second=True)
        if (named := re.fullmatch(r"/v1/videos/image2video/([\w-]+)", request.path)) is not None:
            return self._looked(named.group(1))
        if request.path == "/tasks":
            return self._listed(request.target.partition("?")[2])
        raise Refusal(error(404, 1202, "the requested method is invalid"))

    def _check_key(self, request: Received) -> None:
        given = request.headers.get("authorization", "")
        if not given:
            raise Refusal(error(401, 1001, "Authorization is empty"))
        bearer = given.removeprefix("Bearer ")
        if bearer.count(".") != 2:
            if bearer != PLAIN:
                raise Refusal(error(401, 1002, "access key not found"))
            return
        head, load, signature = bearer.split(".")
        if json.loads(_unpacked(head)) != {"alg": "HS256", "typ": "JWT"}:
            raise Refusal(error(401, 1000, "signature failed"))
        wanted = hmac.new(SECRET.encode(), f"{head}.{load}".encode(), hashlib.sha256).digest()
        claims = json.loads(_unpacked(load))
        if not hmac.compare_digest(wanted, _unpacked(signature)) or claims.get("iss") != ACCESS:
            raise Refusal(error(401, 1002, "access key not found"))
        now = time.time() + self.clock_s
        if claims["nbf"] > now:
            raise Refusal(self._with_date(error(401, 1003, "the token is not valid yet")))
        if claims["exp"] < now:
            raise Refusal(self._with_date(error(401, 1004, "the token has expired")))

    def _with_date(self, answer: Answer) -> Answer:
        answer.headers["Date"] = formatdate(time.time() + self.clock_s, usegmt=True)
        return answer

    def _first(self, request: Received) -> Asked:
        body = request.json()
        if unknown := set(body) - _FIELDS:
            raise Refusal(error(400, 1201, f"unknown field {unknown.pop()}"))
        model = body.get("model_name", "kling-v1")
        if model not in FIRST:
            raise Refusal(error(404, 1203, "the requested model does not exist"))
        if not isinstance(body.get("duration"), str) or body["duration"] not in _seconds(model):
            raise Refusal(error(400, 1201, "duration value is invalid"))
        if body.get("mode", "std") not in {"std", "pro"}:
            raise Refusal(error(400, 1201, "mode value is invalid"))
        if "image_tail" in body and ("master" in model or (model.startswith("kling-v2") and body.get("mode") != "pro")):
            raise Refusal(error(400, 1201, "model/mode/duration is not supported with image_tail"))
        raw = [_picture(body[name]) for name in ("image", "image_tail") if name in body]
        return self._checked(
            model, body.get("prompt", ""), raw, "720p" if body.get("mode", "std") == "std" else "1080p", int(body["duration"]),
            body.get("negative_prompt", ""), body.get("external_task_id", ""),
        )

    def _second(self, model: str, request: Received) -> Asked:
        body = request.json()
        if model not in SECOND:
            raise Refusal(error(404, 1203, "the requested model does not exist"))
        settings, options = body.get("settings", {}), body.get("options", {})
        seconds = settings.get("duration")
        if not isinstance(seconds, int) or isinstance(seconds, bool) or not 3 <= seconds <= 15:
            raise Refusal(error(400, 1201, "duration must be a number from 3 to 15"))
        if "aspect_ratio" in settings or set(settings) - {"resolution", "duration", "audio", "multi_shot"}:
            raise Refusal(error(400, 1201, "settings value is invalid"))
        contents = {one["type"]: one for one in body["contents"]}
        if "last_frame" in contents and ("first_frame" not in contents or model.endswith("-turbo")):
            raise Refusal(error(400, 1201, "last_frame is not supported"))
        raw = [_picture(contents[name]["url"]) for name in ("first_frame", "last_frame") if name in contents]
        return self._checked(
            model, contents.get("prompt", {}).get("text", ""), raw, settings.get("resolution", "720p"), seconds, "",
            options.get("external_task_id", ""),
        )

    def _checked(
        self, model: str, prompt: str, raw: list[bytes], resolution: str, seconds: int, negative: str, external: str
    ) -> Asked:
        if not raw:
            raise Refusal(error(400, 1201, "image is required"))
        if max(len(prompt), len(negative)) > 2500:
            raise Refusal(error(400, 1201, "prompt is too long"))
        if external and any(one.external == external for one in self.asked):
            raise Refusal(error(400, 1201, "external_task_id must be unique"))
        seen = [pictures.decoded(one) for one in raw]
        for one in seen:
            height, width = one.shape[:2]
            if min(height, width) < 300 or not 1 / 2.5 <= width / height <= 2.5:
                raise Refusal(error(400, 1201, "image size or ratio is invalid"))
        return Asked(
            model, prompt, seen[0], seen[1] if len(seen) > 1 else None, resolution, seconds, negative,
            f"task{len(self.asked) + 1}", external, raw,
        )

    def _taken(self, asked: Asked, *, is_second: bool) -> Answer:
        self.asked.append(asked)
        if is_second:
            return json_answer({"code": 0, "message": "SUCCEED", "request_id": "req-1", "data": self._second_task(asked)})
        return json_answer({"code": 0, "message": "SUCCEED", "request_id": "req-1", "data": self._first_task(asked, "submitted")})

    def _looked(self, name: str) -> Answer:
        asked = next((one for one in self.asked if name in {one.name, one.external} and one.model in FIRST), None)
        if asked is None:
            raise Refusal(error(404, 1203, "the requested resource does not exist"))
        status, price = self._status(asked)
        task = self._first_task(asked, {"done": "succeed"}.get(status, status))
        return json_answer({"code": 0, "message": "SUCCEED", "request_id": "req-2", "data": task}, bill_usd=price)

    def _listed(self, query: str) -> Answer:
        name, _, wanted = query.partition("=")
        found = [one for one in self.asked if one.model in SECOND and (
            one.name in wanted.split(",") if name == "task_ids" else one.external in wanted.split(",")
        )]
        statuses = [self._status(one) for one in found]
        tasks = [self._second_task(one, {"done": "succeeded"}.get(status, status)) for one, (status, _) in zip(
            found, statuses, strict=True
        )]
        return json_answer({"code": 0, "message": "SUCCEED", "data": tasks}, bill_usd=sum(price for _, price in statuses))

    def _status(self, asked: Asked) -> tuple[str, float]:
        asked.looks += 1
        if asked.looks <= self.looks:
            return ("submitted" if asked.looks == 1 else "processing"), 0.0
        number = self.asked.index(asked)
        if number < len(self.ends) and self.ends[number] is not None:
            return "failed", 0.0
        price = 0.0 if asked.is_billed else asked.price_usd
        asked.is_billed = True
        self.bill_usd += price
        return "done", price

    def _first_task(self, asked: Asked, status: str) -> dict[str, Any]:
        task: dict[str, Any] = {
            "task_id": asked.name, "task_status": status, "created_at": 1, "updated_at": 2,
            "task_info": {"external_task_id": asked.external},
        }
        if status == "failed":
            task["task_status_msg"] = self.ends[self.asked.index(asked)]
        if status == "succeed":
            task["task_result"] = {"videos": [{"id": "v1", "url": self._url(asked), "duration": str(asked.seconds)}]}
            if self.says_units:
                task["final_unit_deduction"] = str(round(asked.price_usd / UNIT_USD, 6))
        return task

    def _second_task(self, asked: Asked, status: str = "submitted") -> dict[str, Any]:
        task: dict[str, Any] = {"id": asked.name, "status": status, "external_task_id": asked.external}
        if status == "failed":
            task["message"] = self.ends[self.asked.index(asked)]
        if status == "succeeded":
            task["outputs"] = [{"type": "video", "url": self._url(asked), "duration": str(asked.seconds)}]
            if self.says_units:
                task["billing"] = [{"charge_type": "unit", "amount": round(asked.price_usd / UNIT_USD, 6)}]
        return task

    def _url(self, asked: Asked) -> str:
        return f"{self.base_url}/cdn/{self.asked.index(asked)}.mp4"


def _seconds(model: str) -> set[str]:
    return {str(one) for one in range(3, 16)} if model == "kling-v3" else {"5", "10"}


def _picture(text: str) -> bytes:
    if text.startswith("data:"):
        raise Refusal(error(400, 1201, "image base64 must not have a data: prefix"))
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise Refusal(error(400, 1201, "image is neither a URL nor base64")) from None
    if len(data) > 10_000_000 or not data.startswith((b"\x89PNG", b"\xff\xd8\xff")):
        raise Refusal(error(400, 1201, "image format or size is invalid"))
    return data


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
