"""What a report was made from: enough to make it again and to see that nothing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of a report, passed in by the caller: a report reads no clock and no environment.

    protocol_name, protocol_hash: the protocol and the SHA-256 of its content.  data_hash: SHA-256 of the
    snapshot or of the data sets.  data_source: name and SHA-256 of each file.  cutoff: as it is shown.
    log_length: number of facts, where there is a log.  versions: software → version.
    synthetic: True puts a banner on the page.  command: what makes the report again.
    """

    protocol_name: str
    protocol_hash: str
    data_hash: str
    cutoff: str
    data_source: tuple[tuple[str, str], ...] = ()
    log_length: int | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    command: str = ""
