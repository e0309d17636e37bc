"""One form of a login name, whichever way it was typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.accounts.people import logins


@given(st.text(max_size=60))
def test_the_form_of_a_form_is_itself(typed: str) -> None:
    try:
        plain = logins.plain(typed)
    except logins.LoginTooLong:
        return
    assert logins.plain(plain) == plain


def test_blanks_inside_a_name_are_part_of_it() -> None:
    assert logins.plain(" Chen\u3000Yi ") == "chen yi"


def test_what_grows_too_long_is_refused_too() -> None:
    assert logins.plain("\ufdfa" * 10)
    with pytest.raises(logins.LoginTooLong):
        logins.plain("\ufdfa" * 12)
