"""
The demo counties as data: three real places with constructed offices and people who do not exist.

Every name ends in （演示）, every telephone number and address is invented, and every USCC carries
"DEM" in its organisation part; only the check characters are right.
"""

from dataclasses import dataclass

from stdnum.cn import uscc as uscc_rules


@dataclass(frozen=True, slots=True)
class Office:
    """One kind of office: its role, what a county calls it, who registers it, and its staff accounts."""

    role: str
    name: str  # after the county's name
    kind: str = "competent"  # of Organisation.Kind; data alone, so that no database need be set up to read it
    registered_as: str = (
        "11"  # first two places of the USCC: 11 authority, 12 public institution, 13 mass body
    )
    staff: tuple[tuple[str, str], ...] = ()  # user name after the county's letters, standard post


def _department(role: str, name: str, login: str, registered_as: str = "11") -> Office:
    staff = ((login, "officer"), (f"{login}-head", "decider"))
    return Office(role, name, registered_as=registered_as, staff=staff)


# The order is part of the USCCs: append, never insert.
OFFICES = (
    Office(
        "service_centre",
        "政务服务中心",
        "service_centre",
        "12",
        (
            ("window", "window"),
            ("window2", "window"),
            ("supervisor", "supervisor"),
            ("accounts", "accounts"),
            ("archive", "archive"),
            ("signer", "catalogue"),
        ),
    ),
    _department("public_security", "公安局", "police"),
    _department("market_supervision", "市场监督管理局", "market"),
    _department("human_resources", "人力资源和社会保障局", "hrss"),
    _department("civil_affairs", "民政局", "civil"),
    _department("disabled_federation", "残疾人联合会", "cdpf", "13"),
    _department("medical_insurance", "医疗保障局", "medical"),
    _department("housing_fund", "住房公积金管理部", "fund", "12"),
    _department("notary", "公证处", "notary", "12"),
    _department("natural_resources", "自然资源和规划局", "land"),
    _department("traffic_police", "公安局交通管理大队", "traffic"),
    _department("health", "卫生健康委员会", "health"),
    Office("county_office", "人民政府办公室", "county_office", staff=(("office", "county-office"),)),
    Office("lead", "数据资源管理局", "lead", staff=(("lead", "catalogue"),)),
    Office("township", "", "township", staff=(("town", "window"),)),
)
SMALL = frozenset(
    {
        "service_centre",
        "public_security",
        "market_supervision",
        "human_resources",
        "civil_affairs",
        "disabled_federation",
        "medical_insurance",
        "lead",
    }
)


@dataclass(frozen=True, slots=True)
class County:
    """A demo county: where it lies, what it is called, and who applies there."""

    letters: str  # begins every user name
    name: str
    division: str
    town: tuple[str, str]  # name and nine-digit code (GB/T 10114) of the pilot township
    area_code: str
    applicants: tuple[tuple[str, str, str], ...]  # login after the letters, name, identity number
    roles: frozenset[str] = frozenset(office.role for office in OFFICES)

    def offices(self) -> tuple[Office, ...]:
        """Return the offices that this county has."""
        return tuple(office for office in OFFICES if office.role in self.roles)


# Numbers of sequence 001–003: right by their check characters, held by nobody the authors know of.
COUNTIES = {
    "qingyang": County(
        "qy",
        "青阳县",
        "341723",
        ("蓉城镇", "341723100"),
        "0566",
        (("chen", "陈一", "341723199003070016"), ("lin", "林二", "341723198510200036")),
    ),
    "jiashan": County(
        "js",
        "嘉善县",
        "330421",
        ("魏塘街道", "330421001"),
        "0573",
        (("shen", "沈一", "330421198805120023"), ("xu", "许二", "330421199208180014")),
    ),
    "third": County(
        "tn",
        "潼南区",
        "500152",
        ("", ""),
        "023",
        (("tang", "唐一", "50015219911111001X"),),
        SMALL,
    ),
}

STAFF_NAMES = (
    "张三", "李四", "王五", "赵六", "孙七", "周八", "吴九", "郑十", "冯十一", "陈十二", "褚十三", "卫十四", "蒋十五",
    "沈十六", "韩十七", "杨十八", "朱十九", "秦二十", "尤廿一", "许廿二", "何廿三", "吕廿四", "施廿五", "张廿六",
    "孔廿七", "曹廿八", "严廿九", "华三十", "金卅一", "魏卅二", "陶卅三", "姜卅四",
)  # fmt: skip


def uscc_of(county: str, role: str) -> str:
    """Return the constructed USCC of the office that fills `role` in the demo county of this key."""
    position = next(index for index, office in enumerate(OFFICES) if office.role == role)
    body = f"DEM0{list(COUNTIES).index(county) + 1}{position:03d}"
    first = f"{OFFICES[position].registered_as}{COUNTIES[county].division}{body}{_gb11714(body)}"
    return first + str(uscc_rules.calc_check_digit(first + "0"))


def _gb11714(body: str) -> str:
    """Return the check character of an organisation code (GB 11714)."""
    total = sum(
        int(place, 36) * weight for place, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return "0X987654321"[total % 11]
