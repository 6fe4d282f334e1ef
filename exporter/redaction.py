"""Secrets taken out of what is shown to people: addresses and connection texts carry them in known places.

A net below everything that quotes a text which somebody wrote, such as messages about a configuration and the log.
The exporter itself needs no secret but those of `--web.config.file`, which it never quotes.
"""

from __future__ import annotations

import re

HIDDEN = "***"
# All repetitions end: a text of somebody else's must not take quadratic time.
_SCHEME = r"\b[A-Za-z][A-Za-z0-9+.-]{0,30}://"
_NAME = r"(?:passw|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|signature|credential)[\w.-]{0,40}"
_RULES = (
    # user:password@ of an address, also where the password holds an @ of its own.
    (re.compile(rf"({_SCHEME})[^\s/?#\"']*@"), rf"\1{HIDDEN}@"),
    # The query of an address: signatures and tokens have many names there.
    (re.compile(rf"({_SCHEME}[^\s?#\"']{{0,1000}}\?)[^\s#\"']+"), rf"\1{HIDDEN}"),
    # password=... of a connection text, --token=... of an argument.
    (re.compile(rf"({_NAME}\s{{0,3}}=\s{{0,3}})(?:\"[^\"]*\"|'[^']*'|[^\s&;,\"']+)", re.IGNORECASE), rf"\1{HIDDEN}"),
    (re.compile(r"(\b(?:Bearer|Basic)\s+)[A-Za-z0-9+/._~-]{8,}=*", re.IGNORECASE), rf"\1{HIDDEN}"),
)


def redacted(text: str) -> str:
    """Return the text with what looks like a secret hidden.

    >>> redacted("https://reader:hunter2@logs.example/churn?sig=abc is no file")
    'https://***@logs.example/churn?*** is no file'
    >>> redacted("host=db password=hunter2 port=5432")
    'host=db password=*** port=5432'
    """
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text
