"""How a number stands on a page: it may go on in a new line between its groups, but its check character never stands alone there."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from tongban.kernel.journal import numbers

_LAST = 21  # where the last two groups begin, in a number that is grouped


def shown(number: str) -> SafeString:
    """Return a number in groups for the text of a page; `numbers.grouped` where no markup may stand."""
    grouped = numbers.grouped(number)
    return format_html('{}<span class="one">{}</span>', grouped[:_LAST], grouped[_LAST:])
