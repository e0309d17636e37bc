"""What the letters of the demo counties' offices say of them; courts and reviewing authorities are named after the county."""

from typing import Final

from tongban.accounts.demo_counties import COUNTIES, uscc_of
from tongban.letters import commands

# By the role of an office: what it is to those who turn against its decisions, and its word after the county's first character.
_OFFICES: Final = {
    "public_security": ("department", "公"), "market_supervision": ("department", "市监"),
    "human_resources": ("agency", "人社"), "civil_affairs": ("department", "民政"),
    "disabled_federation": ("disabled", "残联"), "medical_insurance": ("department", "医保"),
    "housing_fund": ("fund", "公积金"), "notary": ("notary", "证"), "natural_resources": ("department", "自然资源"),
    "traffic_police": ("station", "公交"), "health": ("department", "卫健"),
}  # fmt: skip


def seed(key: str) -> None:
    """Enter the issuers of the demo county `key`, which is seeded already."""
    commands.load(entries(key))


def entries(key: str) -> list[dict[str, str]]:
    """Return what is entered of the offices of a demo county that decide anything."""
    county = COUNTIES[key]
    return [
            {
                "organisation": uscc_of(key, role), "authority": authority, "word": f"{county.name[0]}{word}",
                "review": f"{county.name}司法局" if authority == "notary" else f"{county.name}人民政府",
                "court": f"{county.name}人民法院",
                "contact": f"承办：行政审批股\n电话：{county.area_code}-0000100\n地址：{county.name}演示路1号",
            }
            for role, (authority, word) in _OFFICES.items()
            if role in county.roles
        ]  # fmt: skip
