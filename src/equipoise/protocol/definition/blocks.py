"""What every block of the protocol file is made of: strict frozen models, names, texts, dates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

Key = TypeVar("Key")
Entry = TypeVar("Entry")


class Table(dict[Key, Entry]):
    """A mapping that cannot be changed, because the blocks that hold it cannot be either."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("a protocol cannot be changed; write another one")

    __setitem__ = __delitem__ = __ior__ = clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return Table, (dict(self),)


Named = Annotated[Mapping[Key, Entry], AfterValidator(Table)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+\-]{0,39}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
RuleText = Annotated[str, StringConstraints(min_length=1, max_length=4000, strip_whitespace=True)]
Level = Annotated[float, Field(gt=0.5, lt=1)]
Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]
NotStated = Literal["not stated"]  # the source does not say; never filled in
Month = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$")]
Day = date | Month | NotStated  # a month where the source prints no day


class Block(BaseModel):
    """A block of the protocol file: strict, frozen, and without unknown keys."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class Statement(Block):
    """A statement in words, with its source."""

    text: Text
    source: Text | None = None
