"""What the people of the demo counties hand in: forms that fit the day, files as large as real ones, time that passes."""

from datetime import date
from pathlib import Path

import pytest

from tests.catalogue import county
from tongban.catalogue import forms, seed
from tongban.demonstration import filled, pacing, papers
from tongban.materials import inspection

HERE, THERE = "安徽省池州市青阳县", "浙江省嘉兴市嘉善县"
DOCUMENTS = {document["offering"]: document for document in seed.documents_for(county.COUNTY)}
PHOTO_LIMIT = 50 << 10  # what the strictest guide allows


@pytest.mark.parametrize("key", sorted(seed.templates()))
@pytest.mark.parametrize("on", [date(2026, 11, 24), date(2028, 1, 10), date(2027, 12, 31)])
def test_a_form_fits_the_day_and_the_places(key: str, on: date) -> None:
    template = seed.templates()[key]
    schema = DOCUMENTS[seed.offering_code(key, county.COUNTY["organisations"][template["role"]][0])]["form"]
    answers = filled.fitting(key, on, HERE, THERE)
    assert answers.keys() <= template["example"].keys()
    if answers:
        assert forms.judge(schema, {**template["example"], **answers}, on=on) == []
    for name in ("expires_on", "starts_on", "certificate_expires_on"):
        assert f"{on}" < answers.get(name, "9")


@pytest.mark.parametrize("accept", [["application/pdf"], ["image/jpeg", "image/png"], ["image/png"]])
def test_a_file_is_as_large_as_a_scan_and_passes_inspection(accept: list[str]) -> None:
    name, data = papers.file_for(accept)
    limit = PHOTO_LIMIT if "application/pdf" not in accept else 200 << 10
    assert 3_000 < len(data) < limit
    assert inspection.inspect(data, name, accept, limit).media_type == accept[0]
    assert papers.file_for(accept)[1] != data or accept == ["image/png"]


@pytest.mark.slow
def test_time_that_runs_quickly_stops_at_the_present(tmp_path: Path) -> None:
    pacing.set_to(tmp_path, -40.0)
    with pacing.quickly(tmp_path):
        pass
    assert float((tmp_path / "clock").read_text()) == 0.0
