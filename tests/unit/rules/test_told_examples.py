"""What coverage reads from an example without running it is what the fold makes of it."""

from importlib.resources.abc import Traversable

import pytest

from workflow.domain.patient import Block
from workflow.protocols.checks.told import told
from workflow.protocols.codes import id_of
from workflow.protocols.library import examples_of, load_folder, shipped_folders
from workflow.protocols.model import START, Protocols
from workflow.rules.examples import facts_of
from workflow.rules.fold import effective, fold


@pytest.mark.parametrize("folder", shipped_folders(), ids=lambda folder: folder.name)
def test_every_example_tells_of_the_starts_that_the_fold_knows(folder: Traversable) -> None:
    protocol = load_folder(folder)
    protocols = Protocols((protocol,))
    for example in examples_of(folder):
        story, state = told(example, protocol), fold(effective(facts_of(example, protocols)), protocols)
        course = state.current_course

        def under(block: Block) -> bool:
            return block.protocol is not None and id_of(block.protocol) == protocol.id

        in_course = [block for block in course.blocks if under(block)]
        in_life = [block for known in state.courses for block in known.blocks if under(block)]
        in_attempt = [block for block in in_course if block.attempt == course.attempt]
        failed = state.state == "refractory"
        assert story.in_course == [block.element for block in in_course], example.name
        assert story.in_life == [block.element for block in in_life], example.name
        assert story.after == (in_attempt[-1].element if in_attempt and not failed else START), example.name
        assert story.running == (course.running.element if course.running and under(course.running) else None)
        decided = course.block_decision
        assert story.decided == (decided is not None and decided.goes_on), example.name
