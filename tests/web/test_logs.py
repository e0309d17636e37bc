"""What the log says of pages: which route failed and where in the program, never what somebody typed into an address."""

import logging
import re
from collections.abc import Iterator
from io import StringIO

import pytest
from django.conf import settings

from tests.web.browser import Browser
from tests.web.test_officer import staff
from tests.world import World
from tongban.assembly import logs
from tongban.web.applicant import lookup

pytestmark = pytest.mark.database

NUMBER, MOBILE, NAME = "341723199003070016", "13800000001", "张三"


@pytest.fixture
def said() -> Iterator[StringIO]:
    """What the node's own handler writes, with its own filters."""
    text = StringIO()
    handler = logging.StreamHandler(text)
    for name in settings.LOGGING["handlers"]["stderr"]["filters"]:
        assert (
            settings.LOGGING["filters"][name]["()"] == f"tongban.assembly.logs.{logs.WithoutValues.__name__}"
        )
        handler.addFilter(logs.WithoutValues())
    loggers = [logging.getLogger(name) for name in ("django.request", "django.security", "tongban")]
    for logger in loggers:
        logger.addHandler(handler)
    yield text
    for logger in loggers:
        logger.removeHandler(handler)


def test_only_an_entry_begins_at_the_margin_and_says_when_with_its_zone() -> None:
    forged = "kind\r\n2026-11-26T10:00:00+0800 ERROR tongban all is lost\x1b[2J\u2028x"
    record = logging.LogRecord("tongban", logging.WARNING, "", 0, "message of %s", (forged,), None)
    first, *others = logs.Entry().format(record).split("\n")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} WARNING tongban message of kind", first)
    assert others == ["  2026-11-26T10:00:00+0800 ERROR tongban all is lost\ufffd[2J", "  x"]
    assert settings.LOGGING["formatters"]["line"] == {"()": f"{logs.__name__}.{logs.Entry.__name__}"}


@pytest.mark.attack("C1")
@pytest.mark.parametrize(
    "path",
    [
        f"/drafts/{NUMBER}/", f"/my-cases/{MOBILE}/", f"/items/{NAME}{NUMBER}/", f"/nothing/{NUMBER}/", f"/desk/{NUMBER}/",
        f"/matters/complaint/{NUMBER}/", f"/numbers/{MOBILE}/", f"/supervision/cases/{NUMBER}/", f"/counter/cases/{NAME}/",
        f"/api/v1/cases/{NUMBER}", f"/api/v1/nothing/{NUMBER}", f"/uploads/{NUMBER}/",
    ],
)  # fmt: skip
def test_an_address_stands_in_no_log(counties: World, said: StringIO, path: str) -> None:
    for browser in (Browser(counties, "qingyang"), staff(counties, "qingyang", "qy-supervisor")):
        browser.fetch(path)
        with counties.on("qingyang"):
            browser.client.post(path, {"x": NUMBER})
    for value in (NUMBER, MOBILE, NAME, NUMBER[:12]):
        assert value not in said.getvalue()


@pytest.mark.attack("C1", "C2")
def test_a_bug_is_told_by_its_place_and_by_a_page_in_words(
    counties: World, said: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError(f"quoting {NUMBER}")

    monkeypatch.setattr(lookup, "_found", broken)
    browser = Browser(counties, "qingyang")
    browser.client.raise_request_exception = False
    page = browser.open("/lookup/").send({"number": NUMBER, "proof": MOBILE})
    assert page.status == 500
    assert "系统出现故障" in page.words
    assert "RuntimeError" in said.getvalue()
    assert "lookup.py" in said.getvalue()
    assert NUMBER not in said.getvalue()
