"""A node with offices of its own, and letters to seal."""

from functools import cache

import pytest
import typst
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.nodes import BIRTH, node
from tongban.accounts import commands as accounts
from tongban.accounts.access.actor import SYSTEM
from tongban.accounts.demo_counties import uscc_of
from tongban.accounts.models import Organisation
from tongban.seals import drawing, keys

__all__ = ["node"]

CENTRE, HRSS = uscc_of("qingyang", "service_centre"), uscc_of("qingyang", "human_resources")
ELSEWHERE = uscc_of("jiashan", "human_resources")
NAMES = {
    CENTRE: "青阳县政务服务中心",
    HRSS: "青阳县人力资源和社会保障局",
    ELSEWHERE: "嘉善县人力资源和社会保障局",
}


@cache
def spare(number: int) -> rsa.RSAPrivateKey:
    """Return a key that is made once for all tests."""
    return rsa.generate_private_key(public_exponent=65537, key_size=keys.BITS)


@pytest.fixture
def offices(node: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the offices; keys come from a stock, since making one takes a while."""
    numbers = iter(range(100))
    monkeypatch.setattr(keys, "generate", lambda: spare(next(numbers)))
    accounts.load_divisions()
    for uscc, name in NAMES.items():
        accounts.register_organisation(
            uscc=uscc, name=name, short_name=name, division="330421" if uscc == ELSEWHERE else "341723",
            kind=Organisation.Kind.COMPETENT, node="sm3:elsewhere" if uscc == ELSEWHERE else "", by=SYSTEM, at=BIRTH,
        )  # fmt: skip


LETTER = """
#set page(width: 210mm, height: 297mm)
#set text(font: "Noto Serif CJK SC")
决定书
#pagebreak()
落款 #place(bottom + right, image(bytes(sys.inputs.seal), format: "svg"))
"""


@cache
def letter() -> bytes:
    """Return a letter of two pages as PDF/A-2b, with the picture of a seal on the second."""
    seal = drawing.picture(NAMES[HRSS], "official", 45, demo=True).decode()
    made = typst.compile(
        LETTER.encode(), format="pdf", pdf_standards="a-2b", timestamp=1767600000, sys_inputs={"seal": seal}
    )
    assert isinstance(made, bytes)
    return made
