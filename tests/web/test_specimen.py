"""The example of a filled-in form (样表): right by the judge of every guide, plainly invented, marked on paper."""

import io
from datetime import date

import pypdf
import pytest

from tests.web.browser import Browser
from tests.world import World
from tongban.catalogue import forms, seed
from tongban.catalogue import queries as catalogue
from tongban.web.specimen import specimen


@pytest.mark.parametrize("on", [date(2026, 3, 2), date(2028, 2, 29)])
def test_nothing_of_it_would_be_refused(counties: World, on: date) -> None:
    for template in seed.templates():
        with counties.on("jiashan"):
            schema = catalogue.current_guide(counties["jiashan"].offering(template)).body["form"]
        form = specimen(schema, on=on)
        assert forms.judge(schema, form, on=on) == [], template
        assert forms.cleaned(schema, form) == form, template  # nothing that its own answers hide


def test_is_printed_beside_the_blank_one(counties: World) -> None:
    offering = counties["jiashan"].offering("company-registration")
    page = Browser(counties).open(f"/items/{offering}/")
    assert (
        page.text.count(f'href="/items/{offering}/example.pdf"') == 2
    )  # beside the form, and beside the material that it is
    answer = page.fetch(f"/items/{offering}/example.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = [
        sheet.extract_text().replace("\n", "") for sheet in pypdf.PdfReader(io.BytesIO(answer.content)).pages
    ]
    assert all("样表" in words for words in pages)
    assert "张三" in "".join(pages)
