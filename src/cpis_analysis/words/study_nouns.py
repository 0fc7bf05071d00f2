"""What a study calls its people, its clusters and its waves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cpis_analysis.plan.level_names import names_of
from cpis_analysis.plan.naming import Noun, counted_noun
from cpis_analysis.plan.schema import PlanFile
from cpis_analysis.plan.schema_design import occasion_of
from cpis_analysis.publish.exhibit_id import slug
from cpis_analysis.publish.format import count, is_missing, one_line
from cpis_analysis.study.coding import code_of as code_text


def _one_line(noun: Noun) -> Noun:
    return Noun(one_line(noun), one_line(noun.many))


class StudyNouns:
    """Nouns of the design, as they stand in tables, figures and sentences.

    Parameters
    ----------
    content : PlanFile
        The plan.
    """

    def __init__(self, content: PlanFile) -> None:
        self.content = content
        self.design = content.design

    @property
    def trust_word(self) -> Noun:
        """What an outer cluster is called, such as trust."""
        return _one_line(self.design.trust_noun)

    @property
    def team_word(self) -> Noun:
        """What an inner cluster is called, such as team."""
        return _one_line(self.design.team_noun)

    @property
    def level_words(self) -> tuple[Noun, ...]:
        """What one cluster of each level is called, the largest first."""
        return tuple(_one_line(level.noun) for level in self.design.levels)

    @property
    def shared_words(self) -> tuple[Noun, ...]:
        """As `level_words`, of what two people can be of together: clusters, and no single people."""
        return tuple(_one_line(noun) for noun in self.design.shared_nouns)

    @property
    def person(self) -> Noun:
        """What one of those who take part is called, such as pupil."""
        return _one_line(self.design.people.noun)

    @property
    def people(self) -> str:
        """And several of them: pupils."""
        return self.person.many

    @property
    def single_person(self) -> Noun:
        """One of them who is in no cluster where others are."""
        return Noun(f"single {self.person}", f"single {self.people}")

    def counted_people(self, n: Any) -> str:
        """ "122 people"; where the number would tell of few people and is not given, that."""
        return f"number of {self.people} not given" if is_missing(n) else f"{count(n)} {counted_noun(n, self.person)}"

    def of_clusters(self, kind: str) -> str:
        """The start of the ids of figures of the smallest clusters: ``team-means``."""
        return f"{slug(names_of(self.design.clusters).smallest)}-{kind}"

    @property
    def baseline_wave(self) -> str | None:
        """Code of the wave before the intervention; None in a study without one."""
        return self.design.baseline_wave

    @property
    def first_wave(self) -> str:
        """Code of the first wave, at which characteristics are asked."""
        return self.design.wave_names[0]

    @property
    def followup_wave(self) -> str:
        """Code of the primary wave."""
        return self.design.followup_wave

    def waves_side_by_side(self, seen: Iterable[Any]) -> list[str]:
        """Waves that stand beside each other in a figure: of more than two, the first and the primary."""
        known = {code_text(code) for code in seen}
        waves = [wave for wave in self.design.wave_names if wave in known]
        ends = (self.first_wave, self.followup_wave)
        return waves if len(waves) <= 2 else [wave for wave in waves if wave in ends]

    @property
    def met(self) -> str:
        """What happened to people at a wave: they were interviewed if their files are of interviews that have a date.

        A file of one wave is called so whatever stands in it, exam results of pupils as well.
        """
        return "interviewed" if occasion_of(self.content.data, self.design) == "interview" else "seen"
