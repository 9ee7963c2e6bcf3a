"""The interface of the tokens that the models count."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Tokens(Protocol):
    """The tokens of one field for a batch of articles, as `index.analysis.FieldTokens` has them."""

    @property
    def terms(self) -> NDArray[np.int32]:
        """The index of each token's term in the batch's vocabulary."""
        ...

    @property
    def articles(self) -> NDArray[np.int32]:
        """The index of each token's article in the batch, ascending."""
        ...

    @property
    def positions(self) -> NDArray[np.int32]:
        """The position of each token in its article's field, ascending."""
        ...
