"""The components page: every shared piece of a page, as it looks, with what it takes. On demo nodes only."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from tongban.kernel.errors import NotFound
from tongban.kernel.journal import numbers
from tongban.kernel.time import clock
from tongban.notices.queries import Sent
from tongban.procedures.queries import Entry, Explained
from tongban.web import charts
from tongban.web.ahead import Ahead, Owing
from tongban.web.applicant.story import Standing
from tongban.web.consulted import Line

FOLDER: Final = Path(__file__).parent / "templates" / "components"
# These stand on every page, so this page shows them where they belong.
ON_EVERY_PAGE: Final = frozenset({"flash", "switches", "ways_to_show", "at_hand", "finder"})
# Scripts and what only they show.
UNSEEN: Final = frozenset({"uploads", "files", "htmx", "news", "form/script"})


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component with a sample of each of its states."""
    if not settings.NODE.demo:
        raise NotFound("没有这个页面。请从首页重新开始。")
    samples = samples_on(clock.official_day(clock.now()))
    rows = [
        (name, takes, [(title, _drawn(request, name, values)) for title, values in samples.get(name, ())])
        for name, takes in components()
    ]
    chart = charts.bars([("受理", 8, 2), ("审查", 12, 0), ("寄出结果", 3, 3)], title="示例", part="逾期")
    return render(
        request, "web/gallery.html", {"rows": rows, "chart": chart, "notice": "已保存（提示条示例）"}
    )


def components() -> Iterator[tuple[str, str]]:
    """Yield each component's name and its first comment, which says what it takes."""
    for path in sorted(FOLDER.rglob("*.html")):
        said = re.match(r"{% comment %}(.*?){% endcomment %}", path.read_text(encoding="utf-8"), re.DOTALL)
        yield path.relative_to(FOLDER).with_suffix("").as_posix(), said[1] if said else ""


def samples_on(today: date) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """Return the samples of each component: (state, what it takes)."""
    at = datetime.combine(today, datetime.min.time(), clock.OFFICIAL)
    entry = Entry(at, "受理", "accept", "handling", "", "演示县人力资源和社会保障局", "QY0001", "已受理")
    clock_ = Explained(
        "decision", "办理时限", "", today, today + timedelta(5), "行政许可法 第四十二条", ["不计：周末"]
    )
    case = SimpleNamespace(
        number="", phase_name="审查中", mode="PROXY_INTAKE", parked="", filed_on=today, accepted_on=today,
        decide_by=today + timedelta(9),
    )  # fmt: skip
    dues = [replace(clock_, due_on=today + timedelta(days)) for days in (3, 0, -1)]
    dues += [replace(clock_, due_on=None, limit=limit) for limit in ("5 工作日", "")]
    return {
        "errors": [("有错误", {"faults": [("gallery", "姓名：请填写。"), ("gallery", "手机：请填写11位手机号码。")]})],
        "places": [
            ("两地", {"here": "安徽省池州市青阳县", "there": "浙江省嘉兴市嘉善县"}),
            ("未选", {"here": "安徽省池州市青阳县", "there": "", "choose": "#main"}),
        ],
        "state": [("准予", {"standing": Standing("已办结·准予", "ok", "结果正在送给您。", "收到结果后，请确认。", "")})],
        "case_head": [("审查中", {"case": case, "item": "社会保障卡申领", "intake": "甲县", "handling": "乙县", "mine": ["林一"]})],
        "deadlines": [
            ("有期限", {"deadlines": [(one, "演示县") for one in dues], "today": today}), ("没有", {"deadlines": [], "today": today}),
        ],
        "desks": [
            ("有窗口", {"desks": [SimpleNamespace(windows=["跨省通办专窗 1"], hall=SimpleNamespace(
                name="演示县办事大厅", address="演示路1号", open_hours="工作日 8:30–17:30", phone="0566-0000001"))]}),
            ("不知道", {"desks": []}),
        ],
        "sent": [("到达和没有到达", {"sent": [
            Sent("材料已收件", "短信", "已到达", failed=False, reason="", at=at),
            Sent("需要补正", "短信", "未到达", failed=True, reason="号码已停用", at=at),
        ]}), ("没有发过", {"sent": []})],
        "consultations": [("有调阅", {"consultations": [
            Line(at, at + timedelta(hours=2), "演示县政务服务中心", "投诉核查", "核对投诉所说的材料"),
        ]}), ("没有", {"consultations": []})],
        "ahead": [("办理之后", {"ahead": Ahead("已决定", (
            Owing("办结", "演示县", today), Owing("签收", "演示县", limit="2 工作日", elsewhere=True), Owing("", "演示县", elsewhere=True),
        ))}), ("留在原处", {"ahead": Ahead()})],
        "story": [("有记录", {"entries": [(entry, [("意见", "拟同意")])]}), ("还没有", {"entries": []})],
        "drafts": [("两份，一份快到期", {"drafts": [
            SimpleNamespace(draft=SimpleNamespace(number=str(numbers.issue("341723", "x" * 64, 1, today)), changed_at=at),
                            name="社会保障卡申领", place="浙江省嘉兴市嘉善县", whom="张*", size=n << 20, ends=ends)
            for n, ends in ((1, None), (2, today + timedelta(9)))
        ]})],
        "draft_ends": [
            ("标签", {"ends": today + timedelta(9), "whole": False}), ("提示", {"ends": today + timedelta(9), "whole": True}),
            ("还早", {"ends": None, "whole": True}),
        ],
        "form/input": [("平常", {"control": _control()}), ("有错误", {"control": _control(fault="请填写。", id="g-in2")})],
        "form/longtext": [("平常", {"control": _control(id="g-long")})],
        "form/choice": [("平常", {"control": _control(id="g-choice")})],
        "form/choices": [("平常", {"control": _control(id="g-choices")})],
        "form/select": [("平常", {"control": _control(id="g-select")})],
        "form/about": [("提示", {"control": _control(id="g-about")}), ("错误", {"control": _control(fault="请填写。", id="g-ab2")})],
        "form/block": [("一组", {"control": _control(id="g-block", controls=[_control(id="g-inner")])})],
        "form/fields": [("依次", {"controls": [_control(id="g-one"), _control(id="g-two", template="promise")]})],
        "form/rows": [
            ("两项", {"control": _control(id="g-rows", rows=[
                SimpleNamespace(id=f"g-rows-{n}", name=f"g-rows-{n}", number=n + 1, controls=[_control(id=f"g-row{n}")])
                for n in range(2)
            ])}),
        ],
        "case_tabs": [("在办", {
            "tabs": [("todo", "待办", "18"), ("doing", "在办", "42"), ("done", "已办结", "1000+")], "box": "doing", "filters": "",
        })],
        "case_rows": [("两件", {"caption": "示例", "rows": [
            SimpleNamespace(
                url="#main", bearer=bearer, item="社会保障卡申领", origin="青阳县", goal="嘉善县", phase=phase, tag=tag, due="—",
                holder="我", opened_on=today, tail="…-4XW9A0QT-C",
                case=SimpleNamespace(parked="", number=str(numbers.issue("341723", "x" * 64, 1, today))),
            )
            for bearer, phase, tag in (("张*", "审查中", "brand-t"), ("", "已送达·不予", "late"))
        ]})],
        "said": [("平常", {"said": "查到 3 项。", "kind": "hint"})],
        "proof": [("密码不对", {"has_password": True, "fault": {"password": "密码不正确。请重新输入。"}})],
        "form/promise": [("平常", {"control": _control(id="g-promise")})],
    }  # fmt: skip


def _control(**more: Any) -> SimpleNamespace:
    name = more.get("id", "g-in")
    choices = [SimpleNamespace(id=f"{name}-{code}", code=code, title=title, chosen=code == "a")
               for code, title in (("a", "甲"), ("b", "乙"))]  # fmt: skip
    plain = {
        "id": name, "name": name, "title": f"示例 {name}", "type": "text", "value": "", "optional": False, "help": "提示", "unit": "",
        "when": "", "fault": "", "described_by": f"{name}-hint", "choices": choices, "autocomplete": "off", "inputmode": "",
        "template": "input", "controls": [], "rows": [], "row": 0, "row_title": "项", "may_add": True, "depends": "", "answers": "",
    }  # fmt: skip
    return SimpleNamespace(**{**plain, **more})


def _drawn(request: HttpRequest, name: str, values: dict[str, Any]) -> SafeString:
    return render_to_string(f"components/{name}.html", values, request)
