"""docs/lifecycle.md says what the rule table says."""

from pathlib import Path

from tongban.cases import lifecycle_page
from tongban.cases.words import Act, Duty, Phase

PAGE = Path(__file__).parents[2] / "docs/lifecycle.md"


class TestThePage:
    def test_is_what_the_table_says(self) -> None:
        assert PAGE.read_text(encoding="utf-8") == lifecycle_page.page(), (
            "docs/lifecycle.md is stale: make docs"
        )

    def test_leaves_out_no_act_duty_or_phase(self) -> None:
        page = lifecycle_page.page()
        assert not [code for kind in (Act, Duty) for code in kind if f"（`{code}`）" not in page]
        assert not [phase for phase in Phase if phase and f"    {phase}: " not in page]

    def test_has_as_many_cells_in_each_row_of_a_table(self) -> None:
        for table in lifecycle_page.page().split("\n## ")[2:]:
            rows = [line for line in table.splitlines() if line.startswith("|")]
            assert len({line.count(" | ") for line in rows}) == 1
