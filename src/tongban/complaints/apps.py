"""Complaints as an app: their practice, and the powers that posts need for them."""

from django.apps import AppConfig


class ComplaintsConfig(AppConfig):
    """No tables of its own: a complaint is found as a matter."""

    name = "tongban.complaints"
    label = "complaints"

    def ready(self) -> None:
        """Enter permissions, standard posts and practice."""
        from tongban.accounts import permissions
        from tongban.accounts.roster import standard_posts
        from tongban.complaints import rules_1
        from tongban.complaints.practice import ComplaintPractice
        from tongban.complaints.procedure import NAME
        from tongban.procedures import practice

        permissions.enter({
            rules_1.TAKE: "受理投诉并答复投诉人", rules_1.HANDLE: "承办投诉的核查和答复",
            rules_1.APPROVE: "批准延长投诉期限，督查投诉办理", rules_1.READ: "查看投诉内容",
        }, weighty=[rules_1.APPROVE])  # fmt: skip
        standard_posts.grant("window", rules_1.TAKE, rules_1.READ)
        standard_posts.grant("supervisor", rules_1.TAKE, rules_1.HANDLE, rules_1.APPROVE, rules_1.READ)
        # It watches, and reads nothing but complaints about the centre itself, which are its own to look into.
        standard_posts.grant("county-office", rules_1.TAKE, rules_1.HANDLE, rules_1.APPROVE, rules_1.READ)
        practice.enter(NAME, ComplaintPractice())
