"""A demo county whose organisations do not exist."""

from typing import Any, Final

from stdnum.cn import uscc

ROLES: Final = {
    "public_security": "演示县公安局",
    "traffic_police": "演示县公安局交通警察大队",
    "market_supervision": "演示县市场监督管理局",
    "human_resources": "演示县人力资源和社会保障局",
    "civil_affairs": "演示县民政局",
    "disabled_federation": "演示县残疾人联合会",
    "medical_insurance": "演示县医疗保障局",
    "housing_fund": "演示市住房公积金管理中心演示县管理部",
    "notary": "演示县公证处",
    "natural_resources": "演示县自然资源和规划局",
    "health": "演示县卫生健康委员会",
}


def code(number: int) -> str:
    """Return a USCC in a range that is nobody's."""
    body = f"11341723{number:09d}"
    return body + uscc.calc_check_digit(body)


COUNTY: Final[dict[str, Any]] = {
    "division": "341723",
    "node": "sm3:" + "ab" * 32,
    "organisations": {role: (code(number), name) for number, (role, name) in enumerate(ROLES.items())},
}
