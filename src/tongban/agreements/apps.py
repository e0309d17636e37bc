"""Agreements as an app: where they are shelved, the practice of their course, and the powers that posts need for it."""

from django.apps import AppConfig


class AgreementsConfig(AppConfig):
    """What two places let each other do."""

    name = "tongban.agreements"
    label = "agreements"

    def ready(self) -> None:
        """Shelve agreements, so that matters that rest on them find them; enter permissions, standard posts and practice."""
        from tongban.accounts import permissions
        from tongban.accounts.roster import standard_posts
        from tongban.agreements import agreement_papers, queries, rules_1
        from tongban.agreements.practice import AgreementPractice
        from tongban.agreements.words import NAME
        from tongban.procedures import held_papers, practice

        held_papers.shelve(
            agreement_papers.KIND.name,
            read=lambda digest: queries.document_by_digest(digest),
            signed=lambda digest: queries.agreement_by_digest(digest).document,
            names=lambda usccs: queries.names_of(usccs),
        )
        permissions.enter(
            {rules_1.READ: "查看通办协议的文本和往来意见", rules_1.WATCH: "督查通办协议的签订和变更"},
            weighty=[rules_1.WATCH],
        )
        standard_posts.grant("catalogue", rules_1.READ)
        standard_posts.grant("supervisor", rules_1.WATCH, rules_1.READ)
        standard_posts.grant("county-office", rules_1.WATCH)  # it watches, and reads nothing
        practice.enter(NAME, AgreementPractice())
