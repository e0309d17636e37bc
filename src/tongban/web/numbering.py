"""How a number stands on a page: it may go on in a new line between its groups, but its check character never stands alone there."""

import re

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongban.kernel.journal import numbers

_LAST = 21  # where the last two groups begin, in a number that is grouped
_NUMBER = re.compile(
    rf"(?<![0-9A-Z])\d{{6}}[{numbers.ALPHABET}]{{4}}\d{{8}}[{numbers.ALPHABET}]{{9}}(?![0-9A-Z])", re.ASCII
)


def shown(number: str) -> SafeString:
    """Return a number in groups for the text of a page; `numbers.grouped` where no markup may stand."""
    grouped = numbers.grouped(number)
    return format_html('{}<span class="one">{}</span>', grouped[:_LAST], grouped[_LAST:])


def in_sentence(sentence: str) -> str:
    """Return a sentence with the numbers in it grouped; a hyphen that holds keeps the check character where it belongs."""
    return _NUMBER.sub(lambda found: "\u2011".join(numbers.grouped(found[0]).rsplit("-", 1)), sentence)
