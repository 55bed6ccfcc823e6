"""What goes wrong with sources, and of what kind of failure each fault is, whoever asks."""

from collections.abc import Mapping

import pytest

from signals.feeds.failure import FailureKind
from tests.venues import Fault

KINDS: Mapping[Fault, FailureKind] = {
    Fault.EMPTY: FailureKind.MALFORMED,
    Fault.HTML: FailureKind.MALFORMED,
    Fault.WRONG_TYPES: FailureKind.MALFORMED,
    Fault.CHALLENGE: FailureKind.GEO_BLOCKED,
    Fault.GEO_BLOCKED: FailureKind.GEO_BLOCKED,
    Fault.FORBIDDEN: FailureKind.PERMANENT,
    Fault.UNAUTHORIZED: FailureKind.PERMANENT,
    Fault.RATE_LIMITED: FailureKind.RATE_LIMITED,
    Fault.BANNED: FailureKind.RATE_LIMITED,
    Fault.BROKEN: FailureKind.TEMPORARY,
    Fault.CUT: FailureKind.TEMPORARY,
    Fault.CLOSED: FailureKind.TEMPORARY,
    Fault.SLOW: FailureKind.TEMPORARY,
}
_ANYWHERE = (
    Fault.EMPTY,
    Fault.HTML,
    Fault.WRONG_TYPES,
    Fault.CHALLENGE,
    Fault.GEO_BLOCKED,
    Fault.RATE_LIMITED,
    Fault.BROKEN,
    Fault.CUT,
)


def with_faults(*more: Fault) -> pytest.MarkDecorator:
    """One test a `fault` with its `kind`: what every source is tried with, and these."""
    params = [pytest.param(fault, KINDS[fault], id=fault.name) for fault in (*_ANYWHERE, *more)]
    return pytest.mark.parametrize(("fault", "kind"), params)
