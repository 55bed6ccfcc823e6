"""What rules can be about, without the coins that only a venue knows."""

from signals.own.readings import OWN_READINGS
from signals.own.rule import Ref


def refs() -> list[Ref]:
    """Every reading with every subject that is named in the table."""
    return [Ref(row.id, subject) for row in OWN_READINGS.values() for subject in row.subjects]
