"""What may read more with more history, and why; and what opens for nobody here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Exempt:
    """Statements that hold a fragment, at some routes."""

    routes: frozenset[str]
    fragment: str
    reason: str

    def covers(self, route: str, shape: str) -> bool:
        return route in self.routes and self.fragment in shape


EXEMPT = (
    Exempt(frozenset({"web:desk-list"}), "LIMIT 1001) subquery", "counts a box, to a thousand and no further"),
    Exempt(frozenset({"web:journal"}), "LIMIT 50001) subquery", "looks whether there are more than 50,000 events"),
    Exempt(frozenset({"web:audit"}), "kernel_access", "an auditor searches the whole record by what was done, which is rare"),
    Exempt(
        frozenset({"web:desk-matter", "web:desk-print"}), '"kernel_access"."content"',
        "goes by the day or by the matter, whichever has fewer looks: here the day's, which are the walk's own",
    ),
)  # fmt: skip

# Routes whose page nobody gets here, and where it is walked instead.
CLOSED = {
    **dict.fromkeys(
        ("web:sign-in-with", "web:sign-in-back", "web:sign-in-post", "web:signed-out", "web:sign-out-with"),
        "there is no provider of identities: tests/signin",
    ),
    **dict.fromkeys(
        ("web:lookup-case", "web:lookup-letter"),
        "opens by a code sent to a telephone: tests/web/test_visiting.py",
    ),
    **dict.fromkeys(
        ("web:consulted-case", "web:consulted-file"),
        "opens to who consults the case: tests/web/test_consulting.py",
    ),
    **dict.fromkeys(("web:matter", "web:draft", "web:display", "web:box-open"), "lead on to another page"),
}
