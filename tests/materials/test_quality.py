"""Hints about a scanned page."""

import io

import pytest
from PIL import Image, ImageDraw, ImageFilter

from tests.crowds import crowd, others
from tests.stories import PDF
from tongban.kernel.gates import Busy
from tongban.materials import images, quality

A4 = (1654, 2339)


def written(size: tuple[int, int] = A4) -> Image.Image:
    page = Image.new("L", size, 245)
    pen = ImageDraw.Draw(page)
    for row in range(60, size[1], 40):
        for column in range(60, size[0], 24):
            pen.rectangle((column, row, column + 14, row + 20), outline=20, width=3)
    return page


def hints(page: Image.Image, most: int = 20 * 1024 * 1024) -> str:
    buffer = io.BytesIO()
    page.save(buffer, "PNG")
    return "；".join(quality.hints(buffer.getvalue(), "image/png", most))


@pytest.mark.slow
class TestHints:
    def test_a_readable_page_gets_none(self) -> None:
        assert hints(written()) == ""

    @pytest.mark.parametrize(
        "page, said",
        [
            (written((600, 800)), "像素偏低"),
            (written().point(lambda light: light // 6), "太暗"),
            (Image.new("L", A4, 255), "空白页"),
            (written().filter(ImageFilter.GaussianBlur(40)), "模糊"),
        ],
    )
    def test_name_what_is_wrong(self, page: Image.Image, said: str) -> None:
        assert said in hints(page)

    def test_a_portrait_may_be_small(self) -> None:
        assert hints(written((358, 441)), most=50 * 1024) == ""

    def test_documents_are_left_alone(self) -> None:
        assert quality.hints(b"%PDF-1.4", "application/pdf", 1) == []

    def test_tells_pages_of_a_pdf_on_which_nothing_is_drawn(self) -> None:
        assert "第 1 页是空白页" in quality.hints(PDF, "application/pdf", 1)[0]

    def test_a_picture_waits_for_its_turn(self) -> None:
        with others(images.GATE, crowd(images.GATE)):
            with pytest.raises(Busy, match="正在检查的图片太多"):
                hints(written())
            assert quality.hints(PDF, "application/pdf", 1)
        assert hints(written()) == ""
