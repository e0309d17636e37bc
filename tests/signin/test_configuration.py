"""Identity providers as `config.toml` names them."""

from pathlib import Path

import pytest

from tongban.configuration import config

NODE = (Path(__file__).parents[1] / "fixtures/node/config.toml").read_text(encoding="utf-8")
PROVIDER = {
    "key": '"province"', "name": '"省政务服务网"', "issuer": '"https://id.example.gov.cn/"', "client_id": '"node"',
    "secret_file": '"../keys/province"', "levels": '[["loa1", 1], ["loa2", 2]]',
}  # fmt: skip


def load(folder: Path, *tables: dict[str, str]) -> config.NodeConfig:
    text = NODE
    for table in tables:
        text += "\n[[identity_provider]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items())
    (folder / config.CONFIG_NAME).write_text(text, encoding="utf-8")
    return config.load(folder)


STAFF = {
    "key": '"office"', "name": '"县政务认证平台"', "issuer": '"https://sso.example.gov.cn/"', "client_id": '"node"',
    "secret_file": '"../keys/office"', "two_factors_acr": '["mfa"]', "two_factors_amr": '["otp", "hwk"]',
}  # fmt: skip


def load_staff(folder: Path, *tables: dict[str, str], beside: str = "") -> config.NodeConfig:
    text = NODE + beside
    for table in tables:
        text += "\n[[staff_identity_provider]]\n" + "".join(
            f"{key} = {value}\n" for key, value in table.items()
        )
    (folder / config.CONFIG_NAME).write_text(text, encoding="utf-8")
    return config.load(folder)


class TestOfStaff:
    def test_reads_what_is_written(self, tmp_path: Path) -> None:
        node = load_staff(tmp_path, STAFF)
        (one,) = node.staff_providers
        assert (one.issuer, one.max_age, one.subject_claim) == ("https://sso.example.gov.cn", 900, "sub")
        assert one.secret_file == (tmp_path.parent / "keys/office").resolve()
        assert (node.identity_providers, node.staff_passwords) == ((), "all")

    @pytest.mark.parametrize(
        ("acr", "amr", "counts"),
        [
            ("mfa", None, True), ("pwd", ["pwd", "otp"], True), ("", ["hwk"], True), ("MFA", None, False),
            ("", ["pwd"], False), (None, "otp", False), (["mfa"], None, False), (None, [["otp"]], False),
        ],
    )  # fmt: skip
    def test_says_what_counts_as_two_factors(
        self, tmp_path: Path, acr: object, amr: object, counts: bool
    ) -> None:
        (one,) = load_staff(tmp_path, STAFF).staff_providers
        assert one.are_two_factors(acr, amr) is counts

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"issuer": '"http://sso.example.gov.cn"'}, "https://"),
            ({"max_age": "-1"}, "max_age"),
            ({"max_age": "36001"}, "max_age"),
            ({"max_age": "true"}, "max_age"),
            ({"subject_claim": '"email"'}, "subject_claim"),
            ({"subject_claim": '"name"'}, "subject_claim"),
            ({"subject_claim": '""'}, "subject_claim"),
            ({"two_factors_amr": '"otp"'}, "two_factors_amr"),
            ({"two_factors_acr": '[""]'}, "two_factors_acr"),
            ({"scope": '"profile"'}, "openid"),
            ({"levels": '[["loa1", 1]]'}, "不认识的设置 levels"),
            ({"issuer": f'"https://{"x" * 200}"'}, "200"),
        ],
    )
    def test_names_the_setting_that_is_wrong(self, tmp_path: Path, change: dict[str, str], said: str) -> None:
        with pytest.raises(config.ConfigError, match=said):
            load_staff(tmp_path, {**STAFF, **change})

    @pytest.mark.parametrize("age", ["0", "36000"])
    def test_takes_the_ages_at_the_bounds(self, tmp_path: Path, age: str) -> None:
        assert load_staff(tmp_path, {**STAFF, "max_age": age}).staff_providers[0].max_age == int(age)

    @pytest.mark.parametrize("shared", ["key", "issuer"])
    def test_nobody_speaks_for_both(self, tmp_path: Path, shared: str) -> None:
        other = {**PROVIDER, shared: STAFF[shared]}
        beside = "\n[[identity_provider]]\n" + "".join(f"{key} = {value}\n" for key, value in other.items())
        with pytest.raises(config.ConfigError, match="不能重复"):
            load_staff(tmp_path, STAFF, beside=beside)

    @pytest.mark.parametrize(
        ("wanted", "tables", "said"),
        [
            ("unbound", (), "至少须有一个"),
            ("none", (STAFF,), "staff_passwords"),
            ("", (STAFF,), "staff_passwords"),
        ],
    )
    def test_passwords_are_not_switched_off_by_a_slip(
        self, tmp_path: Path, wanted: str, tables: tuple[dict[str, str], ...], said: str
    ) -> None:
        with pytest.raises(config.ConfigError, match=said):
            load_staff(tmp_path, *tables, beside=f'\n[signin]\nstaff_passwords = "{wanted}"\n')

    def test_passwords_can_be_switched_off(self, tmp_path: Path) -> None:
        node = load_staff(tmp_path, STAFF, beside='\n[signin]\nstaff_passwords = "unbound"\n')
        assert node.staff_passwords == config.UNBOUND


def test_a_node_without_any_has_none(tmp_path: Path) -> None:
    assert load(tmp_path).identity_providers == ()


def test_reads_what_is_written(tmp_path: Path) -> None:
    (one,) = load(tmp_path / ".", PROVIDER).identity_providers
    assert one.issuer == "https://id.example.gov.cn"
    assert one.secret_file == (tmp_path.parent / "keys/province").resolve()
    assert (one.assurance_of("loa2"), one.assurance_of("loa9")) == (2, 0)
    assert one.asked_for() == ["loa2"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": '"http://id.example.gov.cn"'}, "https://"),
        ({"levels": '[["loa2", 2], ["loa1", 1]]'}, "由弱到强"),
        ({"levels": '[["loa4", 4]]'}, "等级"),
        ({"level_unstated": "3"}, "level_unstated"),
        ({"lowest": "0"}, "lowest"),
        ({"key": '"Province One"'}, "key"),
        ({"types": '{ "111" = "citizen" }'}, "types"),
        ({"scope": '"profile"'}, "openid"),
        ({"secret": '"in the open"'}, "不认识的设置 secret"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_names_the_setting_that_is_wrong(tmp_path: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(config.ConfigError, match=said):
        load(tmp_path, {**PROVIDER, **change})


@pytest.mark.parametrize("name", ["key", "name", "issuer", "client_id", "secret_file"])
def test_names_the_setting_that_is_missing(tmp_path: Path, name: str) -> None:
    with pytest.raises(config.ConfigError, match=f"缺少 {name}"):
        load(tmp_path, {key: value for key, value in PROVIDER.items() if key != name})


def test_refuses_two_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(config.ConfigError, match="不能重复"):
        load(tmp_path, PROVIDER, PROVIDER)
