"""Seals as an app: the power to make and to end them."""

from django.apps import AppConfig


class SealsConfig(AppConfig):
    """The power is the operator's; no standard post has it."""

    name = "tongban.seals"
    label = "seals"

    def ready(self) -> None:
        """Enter the permission."""
        from tongban.accounts import permissions
        from tongban.seals.refusals import MANAGE

        permissions.enter({MANAGE: "制作、导入、更换、吊销机构的电子印章"}, weighty=[MANAGE])
