"""The people of a demonstration: each signs in to the HTTP API of their own node and acts there."""

import base64
import time
import uuid
from collections.abc import Callable
from typing import Any

import httpx

from tongban.demonstration import pacing
from tongban.demonstration.building import Built, DemonstrationFailed
from tongban.demonstration.papers import page

PATIENCE = 90.0  # seconds until something that was sent must have arrived
AGAIN = {
    "second_factor_needed",
    "wrong_second_factor",
}  # refusals of a sign-in that goes on with the next code
SIGN_IN = "/sign-in/"
WAIT = 1.0  # seconds until a code is asked for again
type Json = dict[str, Any]


class MovedMeanwhile(DemonstrationFailed):
    """The case is no longer as it was looked at."""


def problem_of(reply: httpx.Response) -> Json:
    """Return what a refusal says (RFC 9457); nothing of an answer that is none."""
    if reply.status_code < 400 or "json" not in reply.headers.get("content-type", ""):
        return {}
    problem: Json = reply.json()
    return problem


class Person:
    """Somebody with an account on a node."""

    def __init__(
        self, at: Built, username: str, *, staff: bool = True, post: str = "desk", pause: float = 0.0
    ) -> None:
        self.at, self.username, self.staff, self.post = at, username, staff, post
        self._pause = pause  # seconds they take before an act
        self._http = httpx.Client(base_url=at.url, timeout=30, trust_env=False, follow_redirects=True)
        self._csrf = ""
        self._seen: dict[str, int] = {}  # the version at which somebody last acted on a case

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def get(self, path: str, **query: str) -> Any:
        """Read something; sign in (again) where needed."""
        return self._call("GET", path, params=query)

    def send(self, method: str, path: str, **more: Any) -> Any:
        """Write something, once: the idempotency key makes a repeated call harmless."""
        return self._call(method, path, headers={"Idempotency-Key": uuid.uuid4().hex}, **more)

    def act(self, number: str, act: str, **body: Any) -> Json:
        """Do one act on a case as it was left or stands now; look again where news of it came in between."""
        path, looks = f"/api/v1/cases/{number}/acts/{act}", 5
        time.sleep(self._pause)
        while True:
            version = self._seen.get(number) or self.case(number)["version"]
            try:
                done: Json = self.send("POST", path, json={"version": version, **body})
                self._seen[number] = done["version"]
                return done
            except MovedMeanwhile:
                self._seen.pop(number, None)
                looks -= 1
                if not looks:
                    raise

    def case(self, number: str) -> Json:
        """Return the case as this person's node holds it."""
        found: Json = self.get(f"/api/v1/cases/{number}")
        return found

    def wait(self, number: str, until: Callable[[Json], bool]) -> Json:
        """Return the case as soon as `until` holds; raises DemonstrationFailed when patience ends."""
        patience = time.monotonic() + PATIENCE
        seen = "还没有到"
        while time.monotonic() < patience:
            reply = self._request("GET", f"/api/v1/cases/{number}")
            if reply.status_code == 200:
                case: Json = reply.json()
                if until(case):
                    return case
                seen = case["phase"]
            time.sleep(0.2)
        raise DemonstrationFailed(f"办件 {number} 在 {self.at.node.title} 没有等到（{seen}）。")

    def open(self, procedure: str, **values: str) -> str:
        """Open a matter of a procedure and return its number."""
        begun: Json = self.send("POST", "/api/v1/matters", json={"procedure": procedure, "values": values})
        return str(begun["number"])

    def do(self, number: str, act: str, codes: Json | None = None, **texts: str) -> Json:
        """Do one act on a matter as it stands now."""
        version = self.matter(number)["version"]
        body = {"version": version, "codes": codes or {}, "texts": texts}
        done: Json = self.send("POST", f"/api/v1/matters/{number}/acts/{act}", json=body)
        return done

    def attach(self, number: str, act: str, label: str) -> None:
        """Do an act on a matter that brings a scan."""
        file = {"name": "scan.pdf", "data": base64.b64encode(page()).decode()}
        body = {"version": self.matter(number)["version"], "files": {label: file}}
        self.send("POST", f"/api/v1/matters/{number}/acts/{act}", json=body)

    def matter(self, number: str) -> Json:
        """Return a matter as this person's node holds it."""
        found: Json = self.get(f"/api/v1/matters/{number}")
        return {**found["matter"], "state": found["state"]}

    def wait_for_matter(self, number: str, kind: str) -> Json:
        """Return a matter as soon as a duty of a kind is open; with no kind, as soon as nothing is on its way."""
        patience = time.monotonic() + PATIENCE
        while time.monotonic() < patience:
            if self._request("GET", f"/api/v1/matters/{number}").status_code == 200:
                matter = self.matter(number)
                owed = {duty["kind"] for duty in matter["state"]["duties"].values()}
                if kind in owed or (not kind and "deliver" not in owed):
                    return matter
            time.sleep(0.2)
        raise DemonstrationFailed(f"{number} 在 {self.at.node.title} 没有等到（{kind}）。")

    def wait_for_phase(self, number: str, phase: str) -> Json:
        """Return a matter as soon as it is in a phase and nothing is on its way."""
        patience = time.monotonic() + PATIENCE
        while (matter := self.wait_for_matter(number, ""))["state"]["phase"] != phase:
            if time.monotonic() > patience:
                raise DemonstrationFailed(f"{number} 在 {self.at.node.title} 没有等到（{phase}）。")
            time.sleep(0.2)
        return matter

    def wait_for_duty(self, number: str, kind: str) -> Json:
        """Return the case as soon as a duty of a kind is open."""
        return self.wait(number, lambda c: any(d["kind"] == kind for d in c["state"]["duties"].values()))

    def content(self, number: str, digest: str) -> bytes:
        """Return a piece of a case's content as this person's node hands it out."""
        return self._answer("GET", f"/api/v1/cases/{number}/materials/{digest}").content

    def page(self, path: str) -> str:
        """Return a page of the node as this person sees it."""
        return self._answer("GET", path).text

    def fill_in(self, path: str, **fields: Any) -> None:
        """Send a form of one of the node's pages."""
        self._answer("POST", path, data=fields)

    def pseudonym(self) -> str:
        """Return how the node calls this person where others can read it."""
        called: str = self.get("/api/v1/sessions")["actor"]["pseudonym"]
        return called

    def find(self, typed: str) -> str:
        """Return the page that answers a search at the desk (查找办件)."""
        return self._answer("POST", "/find/", data={"q": typed, "why": "work"}).text

    def _call(self, method: str, path: str, **more: Any) -> Any:
        reply = self._answer(method, path, **more)
        return reply.json() if reply.content else None

    def _answer(self, method: str, path: str, **more: Any) -> httpx.Response:
        reply = self._request(method, path, **more)
        patience = time.monotonic() + PATIENCE
        # A node whose clock was moved first asks its neighbours whether it is right; it says so, and has done nothing.
        while problem_of(reply).get("code") == "clock_disagrees" and time.monotonic() < patience:
            time.sleep(0.2)
            reply = self._request(method, path, **more)
        if reply.status_code >= 400:
            problem = problem_of(reply)
            kind = MovedMeanwhile if problem.get("code") == "moved_meanwhile" else DemonstrationFailed
            raise kind(
                f"{self.username} {method} {path}：{reply.status_code} {problem.get('detail', reply.text[:200])}"
            )
        return reply

    def _request(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        if not self._csrf:
            self._sign_in()
        reply = self._ask(method, path, headers, **more)
        # The demo clock moved on, and the session with it; pages lead to where one signs in.
        if reply.status_code == 401 or reply.url.path == SIGN_IN:
            self._sign_in()
            reply = self._ask(method, path, headers, **more)
        return reply

    def _ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        sent = {"X-CSRFToken": self._csrf, **(headers or {})}
        try:
            return self._http.request(method, path, headers=sent, **more)
        except httpx.RemoteProtocolError:
            # The server hung up on a line that had been idle, just as it was used again: nothing was done, and the
            # idempotency key would see to it if something was.
            return self._http.request(method, path, headers=sent, **more)

    def _sign_in(self) -> None:
        password = self.at.accounts[0][1]
        self._http.cookies.clear()
        if self.staff:
            path, body = (
                "/api/v1/sessions",
                {"username": self.username, "password": password, "channel": self.post},
            )
        else:
            path, body = "/api/v1/sessions/applicant", {"login": self.username, "password": password}
        reply, patience = self._both_steps(path, body), time.monotonic() + PATIENCE
        # Where all codes that count now were used, the next is there in half a minute. A code counts once, also where the
        # answer to it was lost on its way: then all is asked anew, with the next one.
        while problem_of(reply).get("code") in AGAIN and time.monotonic() < patience:
            time.sleep(WAIT)
            reply = self._both_steps(path, body)
        if reply.status_code >= 400:
            raise DemonstrationFailed(f"{self.username} 无法登录：{reply.status_code} {reply.text[:200]}")
        self._csrf = reply.json()["csrf_token"]

    def _both_steps(self, path: str, body: Json) -> httpx.Response:
        with pacing.STILL:
            reply = self._ask("POST", path, json=body)
            if code := problem_of(reply).get("demo_code"):  # a demo node says which code counts now
                reply = self._ask("POST", "/api/v1/sessions/second", json={"code": code})
        return reply
