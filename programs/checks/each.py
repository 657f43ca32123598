"""Rules that judge each item alone: what was said of an item isn't worked out again for the same patient.

Trying out fixes asks the same of the same items dozens of times; only an item that a fix changed is new.
"""

from collections.abc import Callable, Iterable, Iterator

from programs.checks.facts import ItemFacts, StageFacts, Verdict

Judge = Callable[[ItemFacts, StageFacts], Iterable[Verdict]]


def each_item(judge: Judge) -> Callable[[StageFacts], Iterator[Verdict]]:
    """Return a rule that yields what `judge` says of each item.

    A judge looks at the item, the patient, the stage's weeks and the catalog, never at the other items. What it said
    is kept with the patient, by the very item and catalog; they are kept too, so that no other takes their identity.
    """

    def find(stage: StageFacts) -> Iterator[Verdict]:
        _, kept = stage.patient.said.setdefault((judge, stage.slug, id(stage.catalog)), (stage.catalog, {}))
        for item in stage.items:
            found = kept.get(id(item))
            if found is None:
                found = kept[id(item)] = (item, tuple(judge(item, stage)))
            if found[1]:
                yield from found[1]

    return find
