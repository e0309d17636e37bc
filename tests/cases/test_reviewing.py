"""What is said to an event whose writer saw more than is held here: it is neither lawful nor a crash."""

from tests.kernel.matters import Matter
from tongban.procedures import reviewing


def test_who_saw_what_is_not_held_saw_another_history() -> None:
    matter = Matter()
    matter.found()
    matter.forward()
    seen = matter.write("intake/1")
    matter.write("handling/1")
    last = matter.write("handling/1")
    known = [event for event in matter.written if event not in (seen, last)]
    assert reviewing.verdict(matter.state, known, last) == "saw_other_history"
