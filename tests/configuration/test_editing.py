"""One setting is changed, and nothing else of what the operator wrote."""

import pytest

from tongban.configuration import editing
from tongban.configuration.config import ConfigError

TEXT = """# Ours.
[node]
name = "qy"  # short

[database]
# On the other machine.
url = "postgresql://u:p@h/n"

[[identity_provider]]
url = "https://id.example.cn"
"""


def test_changes_one_line() -> None:
    assert editing.put(TEXT, "database", "url", "x") == TEXT.replace("postgresql://u:p@h/n", "x")


def test_adds_a_line_to_its_table() -> None:
    found = editing.put(TEXT, "node", "folder", 'a"b\\c')
    assert found == TEXT.replace("[node]\n", '[node]\nfolder = "a\\"b\\\\c"\n')


def test_adds_a_table() -> None:
    assert editing.put("[node]\na = 1", "keys", "folder", "k") == '[node]\na = 1\n\n[keys]\nfolder = "k"\n'


@pytest.mark.parametrize(
    "text", ['database.url = "x"\n', 'database = { url = "x" }\n', '[database]\nurl = """\nx"""\n']
)
def test_refuses_what_is_written_in_another_way(text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml 的 database\.url 不能改写。"):
        editing.put(text, "database", "url", "y")
