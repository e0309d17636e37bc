"""What the tools report is read whole, and only what is explained is left out."""

from tests.attacks import tools

REPORT = {
    "vulnerabilities": {
        "SQL Injection": [
            {"method": "GET", "path": "/desk/3417234T8120260302DK7BKS51M/?q=1", "parameter": "q", "info": "…"}
        ],
        "Backup file": [],
    },
    "anomalies": {
        "Internal Server Error": [{"method": "POST", "path": "/items/", "parameter": "", "info": "…"}]
    },
}


def test_every_alarm_is_read_without_the_number_of_a_case() -> None:
    assert dict(tools.alarms_of(REPORT)) == {
        "wapiti: SQL Injection: GET /desk/NUMBER/ q": "…",
        "wapiti: Internal Server Error: POST /items/": "…",
    }


def test_only_what_is_explained_is_left_out() -> None:
    alarms = dict(tools.alarms_of(REPORT))
    reason = {"what": r"wapiti: SQL Injection: GET /desk/NUMBER/ q: …", "because": "…"}
    assert list(tools.unexplained(alarms, [reason])) == ["wapiti: Internal Server Error: POST /items/"]


def test_every_explanation_says_why() -> None:
    assert all(set(one) == {"what", "because"} and len(one["because"]) > 20 for one in tools.explanations())
