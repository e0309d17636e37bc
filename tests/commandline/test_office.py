"""The operator registers offices, posts, people and keys."""

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.commandline.operators import call
from tongban.accounts.access import passwords
from tongban.accounts.demo_counties import uscc_of
from tongban.accounts.models import ApiKey, Division, Hall, Organisation, Person, Post, Window
from tongban.exchange.models import Peer
from tongban.kernel.time import clock
from tongban.signin.keys import BadApiKey, actor_for_token

EXAMPLE: Any = json.loads((Path(__file__).parents[2] / "docs/examples/offices.json").read_text("utf-8"))
CENTRE, HRSS = uscc_of("qingyang", "service_centre"), uscc_of("qingyang", "human_resources")
NODE = f"sm3:{'ab' * 32}"


@pytest.fixture
def offices(db: None) -> Any:
    """The example, to be changed."""
    for code, name in (("341723", "青阳县"), ("330421", "嘉善县")):
        Division.objects.create(code=code, name=name, level=Division.Level.COUNTY)
    return copy.deepcopy(EXAMPLE)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "offices.json"


def load(offices: Any, file: Path) -> Any:
    """Load the document and return what the command reports."""
    file.write_text(json.dumps(offices), encoding="utf-8")
    result = call("office", "load", file, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def refusal(offices: Any, file: Path) -> str:
    """Load the document, which is refused whole, and return why."""
    before = Organisation.objects.count(), Person.objects.count()
    file.write_text(json.dumps(offices), encoding="utf-8")
    result = call("office", "load", file)
    assert result.exit_code == 1, result.output
    assert (Organisation.objects.count(), Person.objects.count()) == before
    return result.stderr


class TestLoad:
    def test_registers_the_example_and_gives_each_new_person_a_password_that_fits(
        self, offices: Any, file: Path
    ) -> None:
        report = load(offices, file)
        assert len(report["added"]) == sum(len(EXAMPLE[kind]) for kind in EXAMPLE if kind != "format")
        assert set(report["passwords"]) == {person["username"] for person in EXAMPLE["people"]}
        for username, password in report["passwords"].items():
            assert passwords.matches(password, Person.objects.get(username=username).password)
        supervisor = Post.objects.get(code="supervisor")
        assert (supervisor.title, supervisor.supervises) == ("督办专员", "341723")
        assert Window.objects.get(label="社保窗口 2").organisation.uscc == HRSS

    def test_changes_nothing_the_second_time(self, offices: Any, file: Path) -> None:
        load(offices, file)
        again = load(offices, file)
        assert (again["added"], again["changed"], again["passwords"]) == ([], [], {})

    def test_corrects_what_may_change_and_appoints_to_further_posts(self, offices: Any, file: Path) -> None:
        load(offices, file)
        offices["organisations"][0]["name"] = "青阳县政务中心（演示）"
        offices["halls"][0]["phone"] = "0566-0000002"
        offices["windows"][1]["is_cross_province"] = True
        offices["people"].append({**offices["people"][0], "post": "supervisor"})
        report = load(offices, file)

        changed = [place.partition("（")[0] for place in report["changed"]]
        assert changed == ["organisations[0]", "halls[0]", "windows[1]"]
        assert (report["added"], report["passwords"]) == (["people[7]（第 8 个人员）"], {})
        assert Organisation.objects.get(uscc=CENTRE).name == "青阳县政务中心（演示）"
        assert Hall.objects.get().phone == "0566-0000002"

    def test_names_every_fault_with_its_place_and_no_name(self, offices: Any, file: Path) -> None:
        offices["organisations"][0]["uscc"] = CENTRE[:-1] + "0"
        del offices["halls"][0]["address"]
        offices["windows"][0]["colour"] = "red"
        offices["posts"][0]["post"] = "king"
        offices["posts"][6]["permissions"] = ["case.rule"]
        offices["people"][4]["name"] = "钱九"
        offices["people"].append(offices["people"][0])
        told = refusal(offices, file)

        assert "organisations[0]（第 1 个机构）：uscc 有误：统一社会信用代码校验位不符" in told
        assert "halls[0]（第 1 个大厅）：缺少 address。" in told
        assert "windows[0]（第 1 个窗口）：colour 不是这里的字段。" in told
        assert "posts[0]（第 1 个岗位）：post 不是标准岗位" in told
        assert "posts[6]（第 7 个岗位）：permissions 含有未知的权限。" in told
        assert "people[4]（第 5 个人员）：同一账号在前面写有另一姓名" in told
        assert "people[7]（第 8 个人员）：与 people[0]（第 1 个人员） 重复。" in told
        assert not [person for person in offices["people"] if person["name"] in told]

    @pytest.mark.parametrize("value", [None, 7, "", " ", "名" * 500, "张\u0000三", ["张三"], {"名": "张三"}])
    def test_refuses_what_is_no_name(self, offices: Any, file: Path, value: object) -> None:
        offices["people"][0]["name"] = value
        assert "people[0]（第 1 个人员）：name " in refusal(offices, file)

    @pytest.mark.parametrize("value", [{}, {"format": "tongban-offices/2"}, {"people": 7}, {"peple": []}])
    def test_refuses_another_document(self, db: None, file: Path, value: dict[str, Any]) -> None:
        assert "没有登记任何内容" in refusal({"format": "tongban-offices/1"} | value if value else {}, file)

    def test_refuses_the_whole_file_when_its_last_entry_has_no_post(self, offices: Any, file: Path) -> None:
        offices["people"][6]["post"] = "decider"
        assert "people[6]（第 7 个人员）：该机构没有 post 所写的在用岗位" in refusal(offices, file)

    def test_refuses_a_place_beyond_the_node(self, offices: Any, file: Path) -> None:
        offices["organisations"][1]["division"] = "330421"
        assert "organisations[1]（第 2 个机构）：未作更改：该机构不在您的管理范围内" in refusal(offices, file)

    def test_who_reads_the_records_of_access_has_a_post_for_that_alone(
        self, offices: Any, file: Path
    ) -> None:
        offices["posts"][6]["permissions"] = ["audit.read", "case.supervise", "accounts.manage"]
        told = refusal(offices, file)
        assert "audit.read 不能与 accounts.manage、case.supervise 在同一岗位" in told

    def test_never_changes_the_powers_of_a_post(self, offices: Any, file: Path) -> None:
        load(offices, file)
        offices["posts"][6]["permissions"].append("case.decide")
        assert "权限不作更改" in refusal(offices, file)
        assert "case.decide" not in Post.objects.get(code="reviewer").permissions

    def test_registers_where_a_known_peer_has_its_offices(self, offices: Any, file: Path) -> None:
        there = uscc_of("jiashan", "service_centre")
        theirs = {**offices["organisations"][0], "uscc": there, "division": "330421", "node": NODE}
        offices["organisations"].append(theirs)
        assert "node 不是已添加的对方节点" in refusal(offices, file)

        Peer.objects.create(
            node=NODE, name="js", url="http://127.0.0.1:8002", division="330421", organisation=there,
            added_at=clock.now(),
        )  # fmt: skip
        load(offices, file)
        assert not Organisation.objects.get(uscc=there).is_here
        offices["posts"].append({"organisation": there, "post": "window"})
        assert "岗位和人员由对方登记" in refusal(offices, file)


class TestAfterwards:
    @pytest.fixture(autouse=True)
    def loaded(self, offices: Any, file: Path) -> None:
        load(offices, file)

    def test_show_names_people_by_user_name_and_pseudonym(self) -> None:
        text = call("office", "show").stdout
        person = Person.objects.get(username="qy-window")
        assert f"qy-window  {person.pseudonym}  最近登录 从未" in text
        assert person.name not in text
        (row,) = json.loads(call("office", "show", HRSS, "--json").stdout)
        assert [post["code"] for post in row["posts"]] == ["decider", "officer", "reviewer"]
        assert call("office", "show", uscc_of("jiashan", "lead")).exit_code == 1

    def test_a_key_acts_as_its_post_until_it_is_revoked(self) -> None:
        made = json.loads(
            call("office", "key", "issue", f"{HRSS}:officer", "--label", "业务系统", "--json").stdout
        )
        actor = actor_for_token(made["token"], at=clock.now())
        assert (actor.organisation, actor.post) == (HRSS, "officer")
        assert made["token"] not in call("office", "show").stdout
        assert made["prefix"] in call("office", "show").stdout

        assert call("office", "key", "revoke", made["prefix"].lower()).exit_code == 0
        with pytest.raises(BadApiKey):
            actor_for_token(made["token"], at=clock.now())
        assert call("office", "key", "revoke", made["prefix"]).exit_code == 1

    def test_a_key_is_bounded_and_listed_with_its_bounds(self) -> None:
        last = clock.official_day(clock.now()) + timedelta(days=20)
        issued = call(
            "office", "key", "issue", f"{HRSS}:officer", "--label", "业务系统", "--until", last.isoformat(),
            "--from", "10.1.2.0/24", "--from", "10.1.3.1", "--only", "case.accept", "--json",
        )  # fmt: skip
        made = json.loads(issued.stdout)
        assert made["until"] == last.isoformat()
        (row,) = json.loads(call("office", "keys", "--json").stdout)
        assert (row["from"], row["only"], row["until"], row["expired"]) == (
            ["10.1.2.0/24", "10.1.3.1/32"], ["case.accept"], last.isoformat(), False,
        )  # fmt: skip
        text = call("office", "keys").stdout
        assert f"至 {last}（即将到期）" in text
        assert "10.1.2.0/24、10.1.3.1/32" in text
        assert made["token"] not in text
        call("office", "key", "revoke", made["prefix"])
        assert call("office", "keys").stdout == "没有密钥。\n"
        for wrong in (("--until", "2020-01-01"), ("--from", "there"), ("--only", "peers.manage")):
            done = call("office", "key", "issue", f"{HRSS}:officer", "--label", "业务系统", *wrong)
            assert (done.exit_code, ApiKey.objects.count()) == (1, 1)

    def test_a_post_is_found_by_its_number_too(self) -> None:
        post = Post.objects.get(code="decider")
        assert call("office", "key", "issue", post.pk, "--label", "签批系统").exit_code == 0
        assert ApiKey.objects.get().post == post
        for words in ("0", "king", f"{HRSS}:king", "9" * 30):
            assert call("office", "key", "issue", words, "--label", "无").exit_code == 1

    def test_a_forgotten_password_is_replaced(self) -> None:
        old = Person.objects.get(username="qy-hrss").password
        new = call("office", "password", "QY-HRSS").stdout.split()[-1]
        person = Person.objects.get(username="qy-hrss")
        assert person.password != old
        assert passwords.matches(new, person.password)
        assert call("office", "password", "nobody").exit_code == 1

    def test_who_leaves_is_gone_and_does_not_come_back_with_the_file(self, offices: Any, file: Path) -> None:
        assert call("office", "leave", "qy-hrss").exit_code == 0
        person = Person.objects.get(username="qy-hrss")
        assert not person.is_active
        assert not person.appointments.filter(ends_at=None).exists()
        assert call("office", "leave", "qy-hrss").exit_code == 1
        assert "账号已停用" in refusal(offices, file)

    def test_one_of_several_posts_can_be_taken_away_and_then_the_last(self) -> None:
        person = Person.objects.get(username="qy-hrss")
        for code in ("reviewer", "officer"):
            result = call("office", "leave", "qy-hrss", "--post", f"{HRSS}:{code}")
            assert result.exit_code == 0, result.output
        assert call("office", "leave", "qy-hrss", "--post", f"{HRSS}:officer").exit_code == 1
        assert call("office", "password", "qy-hrss").exit_code == 1
        person.refresh_from_db()
        assert person.is_active
        assert call("office", "leave", "qy-hrss").exit_code == 0
