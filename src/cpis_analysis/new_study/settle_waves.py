"""Which waves a new study has, and when they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cpis_analysis.errors import DataError, Problem
from cpis_analysis.new_study.asking import Asker
from cpis_analysis.new_study.names import wave_name
from cpis_analysis.new_study.proposals import words_of
from cpis_analysis.new_study.propose_kinds import propose_kind
from cpis_analysis.new_study.raw_files import Column, RawFile, column_named
from cpis_analysis.new_study.settled import SAID, Told, WaveOf
from cpis_analysis.new_study.wide_waves import distinct_parts, months_of, order_of, wide_outcomes, words_of_wave
from cpis_analysis.study_words import A_PERSON

_MOST = 12
_UNITS = ("month", "months", "week", "weeks", "wk", "day", "days", "year", "years")


@dataclass(frozen=True)
class FoundWaves:
    """Waves of the files.

    Attributes
    ----------
    waves : tuple of WaveOf
    columns : mapping of str to mapping
        Of wide files: by variable its column at each wave, as written.
    reason : str
    remarks : tuple of str
    """

    waves: tuple[WaveOf, ...]
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    reason: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class FoundBaseline:
    """Whether the first of several waves lies before the intervention, and why.

    Attributes
    ----------
    is_one : bool
    reason : str
    remarks : tuple of str
    """

    is_one: bool
    reason: str
    remarks: tuple[str, ...] = ()


class WavesOf:
    """The waves of some files.

    Parameters
    ----------
    files : sequence of RawFile
    told : Told
    ask : Asker
    """

    def __init__(self, files: Sequence[RawFile], told: Told, ask: Asker) -> None:
        self.files, self.told, self.ask = files, told, ask

    def settled(self, row: str, wave_column: str, free: Sequence[Column]) -> FoundWaves:
        """Waves by what a row is: values of a column, ends of names of columns, or files."""
        if row == "person-and-wave":
            return self.of_column(self.files[0][wave_column])
        if len(self.files) > 1:
            return self._made([file.wave for file in self.files], "", {}, "each file was said to be of one wave")
        if self.told.outcome_columns:
            return self.of_lists(self.told.outcome_columns)
        told = self.told.outcomes or ()
        could = [column.name for column in free if column.is_number or propose_kind(column).value]
        found = None if row == "visit" else wide_outcomes(could)
        if found is not None and found.by_number and not self._meant(told, found.columns):
            # bare digits are as often numbers of items; columns of one kind must be told to be waves
            found = None
        if found is None:
            return self._made(
                [self.files[0].wave or "end"], "", {}, f"one row {A_PERSON}, and no names of columns tell of waves"
            )
        reason = f"names of columns end so: {', '.join(list(found.columns[next(iter(found.columns))].values())[:4])}"
        return self._made(list(found.waves), "", found.columns, reason)

    def _meant(self, told: Sequence[str], columns: Mapping[str, Mapping[str, str]]) -> bool:
        """Whether bare digits are waves: an outcome was named by what they stand behind, or there is one such pair."""
        if told:
            return any(name in columns for name in told)
        return len(columns) == 1 and all(len(found) == 2 for found in columns.values())

    def of_lists(self, lists: Mapping[str, tuple[str, ...]]) -> FoundWaves:
        """Waves of columns that were listed in their order; called by what is not common to the names."""
        named = {
            title: [column_named(self.files, one, f"outcome {title}") for one in columns]
            for title, columns in lists.items()
        }
        written = {title: distinct_parts(columns) for title, columns in named.items()}
        longest = max(written.values(), key=len)
        if any(not set(parts) <= set(longest) for parts in written.values()):
            # the names have nothing in common: the first of each list is the first wave
            written = {title: [f"wave {at + 1}" for at in range(len(columns))] for title, columns in named.items()}
            longest = max(written.values(), key=len)
        columns = {title: dict(zip(written[title], named[title], strict=True)) for title in named}
        return self._made(longest, "", columns, "columns were listed in the order of the waves")

    def of_column(self, column: Column) -> FoundWaves:
        """Waves of a long file."""
        if not 1 <= len(column.counts) <= _MOST:
            raise DataError(
                "Waves are not told apart.",
                Problem(
                    f"the column has {len(column.counts):,} values; a study may have up to {_MOST} waves",
                    str(self.files[0].path),
                    variable=column.name,
                    hint="name the column that numbers the visits with --wave, not the one with dates",
                ),
            )
        unit = next((word for word in words_of(column.name) if word in _UNITS), "")
        values = sorted(column.values, key=lambda value: (order_of(column.label_of(value)), order_of(value), value))
        labels = {value: column.label_of(value) for value in values}
        return self._made(values, unit, {}, f"the values of {column.name}", labels, column.name)

    def _made(
        self,
        written: list[str],
        unit: str,
        columns: Mapping[str, Mapping[str, str]],
        reason: str,
        labels: Mapping[str, str] | None = None,
        called: str = "",
    ) -> FoundWaves:
        waves: list[WaveOf] = []
        unknown = []
        for place, one in enumerate(written):
            label = (labels or {}).get(one, one)
            months = months_of(f"{label} {unit}") if unit else months_of(label)
            if months is None and unit:
                months = months_of(f"{one} {unit}")
            months = self.told.months.get(one, months)
            if months is None:
                months = max(float(place), waves[-1].months + 1 if waves else 0.0)
                unknown.append(label)
            label = self.told.nouns.get(one, words_of_wave(label) if label == one else label)
            shown = label.replace("_", " ") if label != one or not one.isdigit() else f"{called or 'wave'} {one}"
            name = wave_name(one, place, [wave.name for wave in waves])
            waves.append(WaveOf(one, name, shown[:1].upper() + shown[1:], months))
        remarks: tuple[str, ...] = ()
        if unknown and len(written) > 1:
            remarks = (
                f"months: nothing says how many months after the start these waves were: {', '.join(unknown)}. They "
                "are numbered in their order; put design.waves right",
            )
        return FoundWaves(tuple(waves), columns, reason, remarks)

    def baseline(self, waves: Sequence[WaveOf], adjusted: Sequence[str]) -> FoundBaseline:
        """Whether the first of several waves lies before the intervention."""
        if len(waves) == 1:
            return FoundBaseline(False, "there is one wave")
        if self.told.baseline is not None:
            return FoundBaseline(self.told.baseline, SAID)
        if adjusted:
            why = f"the value before the intervention stands in a column of its own ({', '.join(adjusted)})"
            return FoundBaseline(False, why)
        first = waves[0]
        if months_of(first.written) == 0 or months_of(first.label) == 0 or first.written in ("0", "0.0"):
            return FoundBaseline(True, f"'{first.written}' is what a wave before the intervention is called")
        why = "nothing says whether the first wave lies before the intervention"
        if self.ask.answers:
            return FoundBaseline(self.ask.yes(f"Was '{first.label}' before the intervention?", True, why), why)
        taken = (
            f"baseline: {why}. '{first.label}' is taken for before the intervention; if it is not, write baseline: "
            "false under design"
        )
        return FoundBaseline(True, why, (taken,))
