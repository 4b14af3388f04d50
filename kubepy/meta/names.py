"""What names, keys and values may look like.

Each rule takes a text and returns Kubernetes' complaints about it; none means that it is fine.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache, wraps

from kubepy.base.memo import cache

Rule = Callable[[str], list[str]]

KNOWN_TEXTS = 8192  # names that need not be looked at again, of each rule
KNOWN_LENGTH = 128  # characters; longer ones are not kept


def _remembered(rule: Rule) -> Rule:
    """The same rule, which knows good texts again: the same few names come with every object."""
    is_good = lru_cache(KNOWN_TEXTS)(lambda value: not rule(value))

    @wraps(rule)
    def check(value: str) -> list[str]:
        return [] if len(value) <= KNOWN_LENGTH and is_good(value) else rule(value)

    return check


LABEL_LENGTH = 63  # bytes; DNS labels, label values and the name part of label keys
SUBDOMAIN_LENGTH = 253  # bytes

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_SUBDOMAIN = rf"{_LABEL}(\.{_LABEL})*"
_UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?"
_UNDERSCORE_SUBDOMAIN = rf"{_UNDERSCORE_LABEL}(\.{_UNDERSCORE_LABEL})*"
_WILDCARD = rf"\*\.{_SUBDOMAIN}"
_DNS1035 = "[a-z]([-a-z0-9]*[a-z0-9])?"
_KEY = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]"
_VALUE = f"({_KEY})?"
_C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*"
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_PERCENT = "[0-9]+%"
_HEADER = "[-A-Za-z0-9]+"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_CONFIG_KEY = "[-._a-zA-Z0-9]+"

_KEY_WORDS = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character"
)
_KEY_EXAMPLES = ("MyName", "my.name", "123-abc")


def regex_message(words: str, pattern: str, *examples: str) -> str:
    """The complaint about a text that does not match; the double spaces are Kubernetes'."""
    if not examples:
        return f"{words} (regex used for validation is '{pattern}')"
    listed = " or ".join(f"'{example}', " for example in examples)
    return f"{words} (e.g. {listed}regex used for validation is '{pattern}')"


def too_long_message(most: int, unit: str = "characters") -> str:
    return f"must be no more than {most} {unit}"


def range_message(low: int, high: int) -> str:
    return f"must be between {low} and {high}, inclusive"


NON_EMPTY = "must be non-empty"


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _fits(pattern: str, text: str) -> bool:
    return _compiled(pattern).fullmatch(text) is not None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


@_remembered
def dns1123_label(value: str) -> list[str]:
    problems = [too_long_message(LABEL_LENGTH)] if _size(value) > LABEL_LENGTH else []
    if _fits(_LABEL, value):
        return problems
    if _fits(_SUBDOMAIN, value):
        return [*problems, "must not contain dots"]
    words = (
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', "
        "and must start and end with an alphanumeric character"
    )
    return [*problems, regex_message(words, _LABEL, "my-name", "123-abc")]


@_remembered
def dns1123_subdomain(value: str) -> list[str]:
    return _subdomain(value, "characters")


def _subdomain(value: str, unit: str) -> list[str]:
    words = (
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' "
        "or '.', and must start and end with an alphanumeric character"
    )
    return _bounded(value, _SUBDOMAIN, words, "example.com", most=SUBDOMAIN_LENGTH, unit=unit)


def dns1123_subdomain_with_underscore(value: str) -> list[str]:
    words = (
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', "
        "'-' or '.', and must start and end with an alphanumeric character"
    )
    return _bounded(value, _UNDERSCORE_SUBDOMAIN, words, "example.com", most=SUBDOMAIN_LENGTH)


def wildcard_subdomain(value: str) -> list[str]:
    words = (
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, "
        "which must consist of lower case alphanumeric characters, '-' or '.' and end with an "
        "alphanumeric character"
    )
    return _bounded(value, _WILDCARD, words, "*.example.com", most=SUBDOMAIN_LENGTH)


def dns1035_label(value: str) -> list[str]:
    words = (
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with "
        "an alphabetic character, and end with an alphanumeric character"
    )
    return _bounded(value, _DNS1035, words, "my-name", "abc-123", most=LABEL_LENGTH)


def _bounded(
    value: str, pattern: str, words: str, *examples: str, most: int, unit: str = "characters"
) -> list[str]:
    problems = [too_long_message(most, unit)] if _size(value) > most else []
    if not _fits(pattern, value):
        problems.append(regex_message(words, pattern, *examples))
    return problems


@_remembered
def label_key(value: str) -> list[str]:
    """Keys of labels and annotations, resource names, taints: a name, perhaps behind `prefix/`."""
    match value.split("/"):
        case [name]:
            problems = []
        case ["", name]:
            problems = [f"prefix part {NON_EMPTY}"]
        case [prefix, name]:
            problems = [f"prefix part {text}" for text in _subdomain(prefix, "bytes")]
        case _:
            words = regex_message(f"a valid label key {_KEY_WORDS}", _KEY, *_KEY_EXAMPLES)
            return [f"{words} with an optional DNS subdomain prefix and '/' (e.g. "
                    "'example.com/MyName')"]  # fmt: skip
    if not name:
        problems.append(f"name part {NON_EMPTY}")
    elif _size(name) > LABEL_LENGTH:
        problems.append(f"name part {too_long_message(LABEL_LENGTH, 'bytes')}")
    if not _fits(_KEY, name):
        problems.append(regex_message(f"name part {_KEY_WORDS}", _KEY, *_KEY_EXAMPLES))
    return problems


qualified_name = label_key


@_remembered
def label_value(value: str) -> list[str]:
    words = (
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
        "'.', and must start and end with an alphanumeric character"
    )
    return _bounded(
        value, _VALUE, words, "MyValue", "my_value", "12345", most=LABEL_LENGTH, unit="bytes"
    )


def c_identifier(value: str) -> list[str]:
    if _fits(_C_IDENTIFIER, value):
        return []
    words = (
        "a valid C identifier must start with alphabetic character or '_', followed by a string "
        "of alphanumeric characters or '_'"
    )
    return [regex_message(words, _C_IDENTIFIER, "my_name", "MY_NAME", "MyName")]


def env_var_name(value: str) -> list[str]:
    if not value:
        return [f"environment variable name {NON_EMPTY}"]
    if value.isascii() and value.isprintable() and "=" not in value:
        return []
    return [
        "a valid environment variable name must consist only of printable ASCII characters other "
        "than '='"
    ]


def config_map_key(value: str) -> list[str]:
    words = "a valid config key must consist of alphanumeric characters, '-', '_' or '.'"
    examples = ("key.name", "KEY_NAME", "key-name")
    problems = _bounded(value, _CONFIG_KEY, words, *examples, most=SUBDOMAIN_LENGTH)
    if value in (".", ".."):
        problems.append(f"must not be '{value}'")
    elif value.startswith(".."):
        problems.append("must not start with '..'")
    return problems


PORT_NAME_LENGTH = 15


def port_name(value: str) -> list[str]:
    problems = []
    if _size(value) > PORT_NAME_LENGTH:
        problems.append(too_long_message(PORT_NAME_LENGTH))
    if not _fits("[-a-z0-9]+", value):
        problems.append("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)")
    if not re.search("[a-z]", value):
        problems.append("must contain at least one letter (a-z)")
    if "--" in value:
        problems.append("must not contain consecutive hyphens")
    if value.startswith("-") or value.endswith("-"):
        problems.append("must not begin or end with a hyphen")
    return problems


def port_number(value: int) -> list[str]:
    return in_range(value, 1, 65535)


def in_range(value: int, low: int, high: int) -> list[str]:
    return [] if low <= value <= high else [range_message(low, high)]


def user_id(value: int) -> list[str]:
    """A Linux uid or gid."""
    return in_range(value, 0, 2**32 - 1)


def percent(value: str) -> list[str]:
    if _fits(_PERCENT, value):
        return []
    words = "a valid percent string must be a numeric string followed by an ending '%'"
    return [regex_message(words, _PERCENT, "1%", "93%")]


def condition_reason(value: str) -> list[str]:
    if _fits(_REASON, value):
        return []
    words = (
        "a condition reason must start with alphabetic character, optionally followed by a string "
        "of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
    )
    examples = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
    return [regex_message(words, _REASON, *examples)]


def http_header_name(value: str) -> list[str]:
    if _fits(_HEADER, value):
        return []
    words = "a valid HTTP header must consist of alphanumeric characters or '-'"
    return [regex_message(words, _HEADER, "X-Header-Name")]


def http_path(value: str) -> list[str]:
    """What may follow the first slash of a URL."""
    if _fits(_HTTP_PATH, value):
        return []
    return [regex_message("Invalid path", _HTTP_PATH)]


def path_segment(value: str) -> list[str]:
    """Names that need only survive in a URL: RBAC roles, custom resources' versions."""
    if value in (".", ".."):
        return [f"may not be '{value}'"]
    return [f"may not contain '{char}'" for char in "/%" if char in value]


def prefix_of(rule: Rule) -> Rule:
    """The same rule for a generateName, which may end in a dash since a suffix follows."""

    def check(value: str) -> list[str]:
        masked = value[:-1] + "a" if len(value) > 1 and value.endswith("-") else value
        return rule(masked)

    return check
