"""What a listener may ask of music while it is made: a key and a density. Checked when they are asked for."""

from __future__ import annotations

import dataclasses

from symgen.errors import BadOption, unknown
from symgen.sampling.choose import number
from symgen.sampling.key import scale

MOST_NOTES = 50.0  # a second


@dataclasses.dataclass(frozen=True)
class Controls:
    """`key` such as "Am", `density` in notes a second, `strict_key` bars every strike outside the key; None asks nothing."""

    key: str | None = None
    density: float | None = None
    strict_key: bool = False

    def __post_init__(self) -> None:
        if self.key is not None:
            scale(self.key)
        elif self.strict_key:
            raise BadOption("strict-key is asked without a key; add one, such as --key C")
        if self.density is not None and number("density", self.density, 0, MOST_NOTES) <= 0:
            raise BadOption(f"density {self.density!r}: expected notes a second, above 0 and up to {MOST_NOTES:g}")

    def changed(self, **changes: object) -> Controls:
        """Return these with some changed; BadOption names a control that there is not."""
        known = [f.name for f in dataclasses.fields(self)]
        for name in changes:
            if name not in known:
                raise BadOption(unknown("control", name, known))
        if changes.get("key", self.key) is None and "strict_key" not in changes:
            changes["strict_key"] = False
        return dataclasses.replace(self, **changes)  # type: ignore[arg-type]
