"""Type aliases that several modules use; do not declare another one with the same name.

    from symgen.types import Array, Floats, Ints, Progress

Names of arrays say the dtype: `Ints` is int64, `Floats` is float64, `Floats32` is float32. `Array`
is an array of any dtype, such as a table of notes; a docstring says which.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

Progress = Callable[[int, int, str], None]
"""Called with the number done, the total, and the name of the current item."""
