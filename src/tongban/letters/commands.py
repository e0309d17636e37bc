"""Entering what the letters of organisations need to say of them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from tongban.accounts import queries as accounts
from tongban.cases import phrases
from tongban.kernel.db import write
from tongban.kernel.errors import InvalidInput
from tongban.letters.models import Issuer

_WORD: Final = r"[\u4e00-\u9fff（）]{2,8}"
_TEXTS: Final = {"review": 120, "court": 120, "review_url": 200, "contact": 300}


class IssuersInvalid(InvalidInput):
    """The list of issuers names what does not fit; nothing of it was entered."""

    code = "issuers_invalid"


def load(entries: Sequence[Mapping[str, Any]]) -> int:
    """
    Enter what the letters of organisations of this node need: `organisation` (USCC), `authority`, `word`, and what else there is.

    Returns how many were entered. All or nothing.

    Raises:
        IssuersInvalid: an organisation that is not here, a kind, a word or an address that cannot be.
    """
    read = [_read(number, entry) for number, entry in enumerate(entries, start=1)]
    with write():
        for organisation, values in read:
            Issuer.objects.update_or_create(organisation=organisation, defaults=values)
    return len(read)


def _read(number: int, entry: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    organisation = str(entry.get("organisation", ""))
    where = f"第 {number} 项（{organisation or '没有写机构'}）"
    if not accounts.works_here(organisation):
        raise IssuersInvalid(f"{where}：本节点没有这个机构，全部未登记。请核对统一社会信用代码。")
    if entry.get("authority") not in Issuer.Authority.values:
        raise IssuersInvalid(f"{where}：机关类别须为 {'、'.join(Issuer.Authority.values)} 之一，全部未登记。")
    if not re.fullmatch(_WORD, str(entry.get("word", ""))):
        raise IssuersInvalid(f"{where}：机关代字须为 2 至 8 个汉字，全部未登记。")
    texts = {name: str(entry.get(name, "")).strip() for name in _TEXTS}
    for name, most in _TEXTS.items():
        if len(texts[name]) > most:
            raise IssuersInvalid(f"{where}：{name} 超过 {most} 字，全部未登记。")
    if texts["review_url"] and not re.fullmatch(r"https?://[!-~]+", texts["review_url"]):
        raise IssuersInvalid(f"{where}：网上复议渠道须为网址，全部未登记。")
    own = list(entry.get("phrases", ()))
    try:
        phrases.read_all(own)
    except phrases.PhraseInvalid as refusal:
        raise IssuersInvalid(f"{where}：{refusal}") from refusal
    return organisation, {
        "authority": entry["authority"], "word": entry["word"], **texts, "phrases": own,
    }  # fmt: skip
