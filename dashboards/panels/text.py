"""A few words between the figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from dashboards.panels.panel import Panel


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Panel):
    """``content`` is Markdown."""

    kind: ClassVar[str] = "text"

    content: str

    def options(self) -> dict[str, Any]:
        code = {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False}
        return {"code": code, "content": self.content, "mode": "markdown"}

    def field_config(self) -> dict[str, Any]:
        return {"defaults": {}, "overrides": []}
