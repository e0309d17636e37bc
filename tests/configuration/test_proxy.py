"""From where a request comes: what a trusted proxy says, and nobody else."""

import pytest

from tongban.configuration import proxy

TRUSTED = proxy.read(["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"])


class TestCaller:
    @pytest.mark.parametrize(("remote", "forwarded", "expected"), [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "1.1.1.1, 203.0.113.7", "203.0.113.7"),  # what the caller made up stands before
        ("127.0.0.1", "1.1.1.1, 203.0.113.7, 10.0.0.5", "203.0.113.7"),
        ("127.0.0.1", "10.0.0.5, 10.0.0.6", "10.0.0.5"),
        ("203.0.113.9", "1.1.1.1", "203.0.113.9"),  # who is no proxy speaks for nobody
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "1.1.1.1, nonsense, 10.0.0.5", "10.0.0.5"),
        ("127.0.0.1", "1.1.1.1,", "127.0.0.1"),
        ("127.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("2001:db8:1::5", "2001:db8:2::7", "2001:db8:2::7"),
        ("", "1.1.1.1", ""),
    ])  # fmt: skip
    def test_is_the_last_who_is_no_proxy(self, remote: str, forwarded: str, expected: str) -> None:
        assert proxy.caller(remote, forwarded, TRUSTED) == expected

    def test_is_who_knocks_where_no_proxy_is_trusted(self) -> None:
        assert proxy.caller("127.0.0.1", "1.1.1.1", ()) == "127.0.0.1"


class TestCounted:
    @pytest.mark.parametrize(("address", "expected"), [
        ("203.0.113.7", "203.0.113.7"), ("2001:db8:2:3:4::7", "2001:db8:2:3::/64"),
        ("2001:db8:2:3::9", "2001:db8:2:3::/64"), ("::ffff:203.0.113.7", "203.0.113.7"), ("", ""),
        ("x" * 500, "x" * 64),
    ])  # fmt: skip
    def test_is_one_household(self, address: str, expected: str) -> None:
        assert proxy.counted(address) == expected


class TestRead:
    @pytest.mark.parametrize(
        "raw", ["127.0.0.1", ["localhost"], ["10.0.0.1/8"], ["0.0.0.0/0"], ["::/0"], [""], {}]
    )
    def test_refuses_what_is_no_list_of_networks(self, raw: object) -> None:
        with pytest.raises(proxy.ProxyConfigError):
            proxy.read(raw)
