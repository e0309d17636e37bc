"""Why a token does not open a node's keys: one class and one sentence for each reason, with what to do next."""

from pathlib import Path

from tongban.configuration.tokens import TokenConfig
from tongban.kernel.crypto import sm


class TokenUnusable(sm.KeyUnreadable):
    """The token that guards the keys cannot be used."""


class TokenNotNamed(TokenUnusable):
    """The keys lie under a token, and the configuration names none."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"密钥目录 {folder} 由令牌保护，而 config.toml 没有写明令牌。"
            "请写明 keys.token_module 和 keys.token_label 后重试。"
        )


class LibraryAbsent(TokenUnusable):
    """The Python package that speaks to tokens is not installed."""

    def __init__(self) -> None:
        super().__init__("没有安装 python-pkcs11，不能使用令牌。请安装 tongban[token] 后重试。")


class ModuleUnusable(TokenUnusable):
    """The shared library of the token's maker cannot be loaded or begun."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"令牌的模块 {place.module} 不能使用。请核对 keys.token_module，并安装厂商的驱动后重试。"
        )


class TokenAway(TokenUnusable):
    """No token of that name is there, or it was pulled."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(f"找不到令牌“{place.label}”。请插好令牌，核对 keys.token_label 后重试。")


class TokenDoubtful(TokenUnusable):
    """More than one token has that name."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(f"名为“{place.label}”的令牌不止一个，没有使用任何一个。请只留下本节点的令牌后重试。")


class OtherToken(TokenUnusable):
    """The token of that name does not hold the key that the files were sealed under."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"令牌“{place.label}”里没有本节点的密钥。请换上原来的令牌；原来的令牌已毁损的，"
            "用恢复密钥换用新令牌：tongban key protect --token --recovery-key 文件。"
        )


class PinAbsent(TokenUnusable):
    """Nobody gave the PIN."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"没有给出令牌“{place.label}”的 PIN。请设置 TONGBAN_TOKEN_PIN、systemd 凭据 tongban-token-pin "
            "或 keys.token_pin_file 后重试。"
        )


class PinFileUnreadable(TokenUnusable):
    """The file of the PIN is named, but cannot be read."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"读不出存放 PIN 的文件 {path}。请核对路径，并使运行节点的用户可读。")


class PinWrong(TokenUnusable):
    """The token refused the PIN; it is not tried again."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"令牌“{place.label}”不接受所给的 PIN。同一个 PIN 不会再试，以免锁住令牌。请更正 PIN 后重试。"
        )


class PinRefusedBefore(TokenUnusable):
    """The token refused this very PIN the last time, so it was not asked."""

    def __init__(self, place: TokenConfig, note: Path) -> None:
        super().__init__(
            f"令牌“{place.label}”上次没有接受这个 PIN，这次没有再试，以免锁住令牌。请更正 PIN 后重试；"
            f"确认令牌的 PIN 现在就是它的，删除 {note} 后重试。"
        )


class PinLastTry(TokenUnusable):
    """One more wrong PIN would lock the token, so a person has to give it."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"令牌“{place.label}”只剩最后一次输入 PIN 的机会，没有尝试。请用厂商的工具以正确的 PIN 登录一次，再重试。"
        )


class PinLocked(TokenUnusable):
    """The token is locked."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(f"令牌“{place.label}”的 PIN 已锁住。请由保管管理员 PIN 的人解锁后重试。")


class KeyUnfit(TokenUnusable):
    """The key in the token can be taken out of it, or is no AES-256."""

    def __init__(self, place: TokenConfig) -> None:
        super().__init__(
            f"令牌“{place.label}”里的密钥“{place.key}”可以导出，或不是 AES-256，没有使用。请删除它，由程序在令牌里另行生成。"
        )


class TokenFailed(TokenUnusable):
    """The token was there, and did not do what it was asked for."""

    def __init__(self, place: TokenConfig, why: Exception) -> None:
        super().__init__(
            f"令牌“{place.label}”没有完成操作（{type(why).__name__}）。请核对它支持 AES-GCM、密钥目录没有改动过，再重试。"
        )


class NoCopyForThisKey(TokenUnusable):
    """There is no copy of what the token guards for that recovery key."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"密钥目录 {folder} 没有为这个恢复密钥留下副本。请换用对应的恢复密钥，或插好原来的令牌。"
        )


class TokenNotOpened(TokenUnusable):
    """The keys lie under a token that this process has not opened."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"密钥目录 {folder} 由令牌保护，而令牌没有打开。请插好令牌后重新启动。")


class TokenFileDamaged(TokenUnusable):
    """The file that the token sealed, or its copy for the recovery key, is not as it was written."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"密钥文件 {path} 已损坏。请从另行保管的密钥目录中取回。")
