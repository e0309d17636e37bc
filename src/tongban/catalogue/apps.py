"""The catalogue as an app: where guides are shelved, how their filing is practised, and the powers that posts need for it."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Items, offerings and their guides."""

    name = "tongban.catalogue"
    label = "catalogue"

    def ready(self) -> None:
        """Shelve guides, so that matters that rest on them find them; enter permissions, standard posts and practice of their filing."""
        from tongban.accounts import permissions
        from tongban.accounts.roster import standard_posts
        from tongban.catalogue import guide_papers, queries
        from tongban.catalogue.filing import rules_1
        from tongban.catalogue.filing.practice import FilingPractice
        from tongban.catalogue.filing.procedure import NAME
        from tongban.procedures import held_papers, practice

        held_papers.shelve(
            guide_papers.KIND.name,
            read=lambda digest: queries.document_by_digest(digest),
            signed=lambda digest: queries.guide_by_digest(digest).signed,
            names=lambda usccs: queries.names_of(usccs),
        )
        permissions.enter({
            rules_1.DRAFT: "起草和修改本机构的办事指南", rules_1.FILE: "对报送的办事指南备案或退回修改",
            rules_1.SUPERVISE: "督查指南备案", rules_1.READ: "查看备案的指南内容",
        }, weighty=[rules_1.FILE, rules_1.SUPERVISE])  # fmt: skip
        standard_posts.grant("officer", rules_1.DRAFT, rules_1.READ)
        standard_posts.grant("catalogue", rules_1.DRAFT, rules_1.READ)
        # Who is answerable for a department answers for its guides: checks what others drafted, and publishes.
        standard_posts.grant("decider", rules_1.DRAFT, rules_1.READ, rules_1.PUBLISH)
        standard_posts.grant("supervisor", rules_1.FILE, rules_1.SUPERVISE, rules_1.READ)
        standard_posts.grant("county-office", rules_1.SUPERVISE)  # it watches, and reads nothing
        practice.enter(NAME, FilingPractice())
