"""The periods that dates are counted by; all engines use them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.vietnamese.dates import VIETNAM
from search.request import Bucket

_UNITS = {Bucket.YEAR: "Y", Bucket.MONTH: "M", Bucket.DAY: "D"}


def periods(seconds: NDArray[np.int64], bucket: Bucket) -> NDArray[Any]:
    """Return the year, month or day in Vietnam of moments in seconds since 1970 UTC.

    An aligned array of datetime64.

    >>> periods(np.array([1_483_203_600]), Bucket.MONTH).tolist()
    [datetime.date(2017, 1, 1)]
    """
    ahead = int(VIETNAM.utcoffset(None).total_seconds())
    return (seconds + ahead).astype("datetime64[s]").astype(f"datetime64[{_UNITS[bucket]}]")
