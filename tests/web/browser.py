"""Somebody at a browser without scripts: follows links and sends the forms that pages hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.api.front import show_time
from tests.world import World
from tongban.accounts import demo


@dataclass
class Form:
    """A form as the page shows it: where it goes, what is filled in."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    offered: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Reader(HTMLParser):
    """Reads forms, ids and labels of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.inputs: list[dict[str, str]] = []
        self.headings = 0
        self._open: Form | None = None
        self._select = self._area = ""
        self._in_label = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if "id" in at:
            self.ids.append(at["id"])
        assert not [name for name in at if name == "style" or name.startswith("on")], (tag, at)
        if tag == "h1":
            self.headings += 1
        elif tag == "label":
            self._in_label = True
            self.labelled.add(at.get("for", ""))
        elif tag == "form":
            self._open = Form(at.get("action", ""), at.get("method", "get"))
            self.forms.append(self._open)
        elif tag in ("input", "select", "textarea", "button", "option"):
            self._field(tag, at)

    def _field(self, tag: str, at: dict[str, str]) -> None:
        if tag in ("input", "select", "textarea") and at.get("type") != "hidden":
            if self._in_label:
                self.labelled.add(at.get("id", "") or "-inside-")
                at.setdefault("id", "-inside-")
            self.inputs.append(at)
        form = self._open
        if form is None:
            return
        name = at.get("name", "")
        if tag == "input" and at.get("type") in ("radio", "checkbox"):
            form.offered.setdefault(name, []).append(at.get("value", ""))
            if "checked" in at and "disabled" not in at:
                form.values.setdefault(name, []).append(at.get("value", ""))
        elif tag == "input" and at.get("type") != "file":
            form.values.setdefault(name, []).append(at.get("value", ""))
        elif tag == "select":
            self._select = name
            form.values[name] = [""]
        elif tag == "option" and self._select:
            form.offered.setdefault(self._select, []).append(at.get("value", ""))
            if "selected" in at:
                form.values[self._select] = [at.get("value", "")]
        elif tag == "textarea":
            self._area = name
            form.values[name] = [""]
        elif tag == "button":
            form.buttons.append((name, at.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""
        elif tag == "label":
            self._in_label = False

    def handle_data(self, data: str) -> None:
        if self._area and self._open:
            self._open.values[self._area] = [self._open.values[self._area][0] + data.removeprefix("\n")]


@dataclass
class Browser:
    """One person's browser at one node."""

    world: World
    node: str = "qingyang"
    client: Client = field(default_factory=lambda: Client(enforce_csrf_checks=True))
    url: str = "/"
    status: int = 0
    text: str = ""

    def open(self, url: str) -> "Browser":
        """Go to an address, following where it leads."""
        return self._done(self._call("get", url))

    def fetch(self, url: str) -> Any:
        """Return the answer of an address that is no page, such as a file; the page stays."""
        return self._call("get", url)

    def send(
        self, values: dict[str, Any] | None = None, *, button: str = "", to: str = "", file: tuple[str, bytes] | None = None,
        field: str = "file",
    ) -> "Browser":  # fmt: skip
        """Send a form of this page with `values` in place of what stands there: the one whose action ends so."""
        form = self.form(to)
        for name in values or {}:
            assert name in form.values or name in form.offered or name.startswith("-"), (name, form)
        sent: dict[str, Any] = {**form.values, **(values or {})}
        if button:
            name, _, value = button.partition("=")
            assert (name, value) in form.buttons, (button, form.buttons)
            sent[name] = value
        if file:
            sent[field] = SimpleUploadedFile(*file)
        target = form.action or self.url
        return self._done(self._call(form.method, target, sent))

    def ask(self, url: str, data: dict[str, Any] | None = None, **headers: str) -> Any:
        """Ask for a part as htmx does, by POST if there is something to send; the page that is shown stays."""
        asked = {"HX-Request": "true", "HX-Request-Type": "partial", **headers}
        if data is not None:
            data = {**self.form().values, **data}
        return self._call("post" if data is not None else "get", url, data, asked)

    def form(self, to: str = "") -> Form:
        """Return the page's form: the one whose action or hidden code is `to`, else the last of the page's own."""
        found = [f for f in self.page.forms if "sign-out" not in f.action]
        if to:
            found = [f for f in found if f.action.endswith(to) or f.values.get("code") == [to]]
        assert found, (to, self.page.forms)
        return found[0] if to else found[-1]

    def sign_in(self, login: str, *, who: str = "applicant", password: str = demo.PASSWORD) -> "Browser":
        """Sign in, in as many steps as it takes; on the page of it that is shown, or on a new one."""
        if not any("who" in form.offered for form in self.page.forms):
            self.open("/sign-in/")
        self.send({"who": who, "name": login, "password": password})
        return self.take_second_step()

    def take_second_step(self) -> "Browser":
        """Type the code that the page of a demo node shows, if this is the page of the second step."""
        while self.url.startswith("/sign-in/second/"):
            shown = re.search(r"<strong>([0-9]{6})</strong>", self.text)
            if shown:
                return self.send({"code": shown[1]})
            self.world.at += timedelta(seconds=30)  # all that count now were used
            self.open(self.url)
        return self

    @property
    def page(self) -> Reader:
        """The page that is shown, read; what every page must keep is checked."""
        reader = Reader()
        reader.feed(self.text)
        return reader

    @property
    def words(self) -> str:
        """The page's text without tags."""
        body = self.text.partition("<main")[2].partition("</main>")[0]
        body = re.sub(
            r'<span class="one">([^<]*)</span>', r"\1", body
        )  # a number is one word, whatever keeps its end together
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))

    def is_sound(self) -> None:
        """Check what every page keeps: one h1, ids once, all inputs labelled, error links lead somewhere, its weight."""
        page = self.page
        assert page.headings == 1, self.text
        assert len(page.ids) == len(set(page.ids)), sorted(i for i in page.ids if page.ids.count(i) > 1)
        assert not [i for i in page.inputs if i.get("id", "") not in page.labelled], page.inputs
        for target in re.findall(r'href="#([^"]+)"', self.text):
            assert target in page.ids, target
        assert len(self.text.encode()) < 60 * 1024

    def _call(self, method: str, url: str, data: Any = None, more: Mapping[str, str] | None = None) -> Any:
        show_time(self.world)
        headers = {"referer": "http://testserver/", **(more or {})}
        if method == "post":
            headers["origin"] = "http://testserver"  # as browsers say
        with self.world.on(self.node):
            return getattr(self.client, method)(url.partition("#")[0], data, headers=headers)

    def _done(self, answer: Any) -> "Browser":
        self.url = answer.wsgi_request.get_full_path()
        for _ in range(5):
            if answer.status_code not in (301, 302):
                break
            self.url = answer.headers["Location"].partition("#")[0]
            answer = self._call("get", self.url)
            self.url = answer.wsgi_request.get_full_path()
        self.status, self.text = answer.status_code, answer.content.decode(errors="replace")
        if "text/html" in answer.headers["Content-Type"]:
            self.is_sound()
        return self
