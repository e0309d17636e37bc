"""Which kind of identity provider stands behind a name in the configuration; so far all speak OpenID Connect."""

from tongban.signin.oidc import OpenIDProvider
from tongban.signin.providers import IdentityProvider, ProviderUnknown, offered


def provider(key: str) -> IdentityProvider:
    """
    Return the provider of this name.

    Raises:
        ProviderUnknown: the node has none.
    """
    for config in offered():
        if config.key == key:
            return OpenIDProvider(config)
    raise ProviderUnknown("未登录：本节点没有接入这个认证平台。请从登录页选择登录方式。")
