"""Command lines as Kubernetes' binaries take them, into one frozen config.

A binary declares a `Program`: a table of flags, each naming the field of the config that it sets.
The field's type says how the flag is written, its default is the flag's:

    class Config(Struct, frozen=True):
        secure_port: Port = 6443
        bind_address: str = "0.0.0.0"

    PROGRAM = Program(
        name="kube-apiserver", summary="Serves the Kubernetes API.", config=Config,
        groups=(Group("Serving", (
            Flag("secure-port", "The port to serve HTTPS on."),
            Flag("bind-address", "The address to listen on."),
        )),),
        unsupported="audit-log-path enable-aggregator-routing?",
    )

    PROGRAM.parse(["--secure-port=6443"])

| type of the field    | written as                                         |
|----------------------|----------------------------------------------------|
| bool                 | --flag, --flag=false                               |
| int, float, str      | --flag=value, --flag value                         |
| Literal["a", "b"]    | one of them                                        |
| Seconds              | --flag=1m30s                                       |
| tuple[str, ...]      | --flag=a,b --flag=c                                |
| dict[str, str]       | --flag=a=b,c=d                                     |

`--config` names a YAML file of the component's own kind; flags override what it says.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import fields, replace

from kubepy.base.logging import Format

C = TypeVar("C")

Port = Annotated[int, Meta(ge=0, le=65535)]


class UsageError(ValueError):
    """The command line or the config file is wrong: one line that says where and why."""


class Answer(Exception):
    """What was asked for is a text (--help, --version), not a run."""


class Flag(Struct, frozen=True):
    """`field` is the dotted path in the config; left out, the name with underscores."""

    name: str
    help: str
    field: str = ""
    metavar: str = ""
    read: Callable[[str], Any] | None = None  # for what no type says; raises ValueError

    @property
    def path(self) -> str:
        return self.field or self.name.replace("-", "_")


class Group(Struct, frozen=True):
    title: str
    flags: tuple[Flag, ...]


class Invocation(Struct, Generic[C], frozen=True):
    """What the command line asks for. `warnings` are to be printed, one a line."""

    config: C
    verbosity: int = 0
    log_format: Format = "text"
    warnings: tuple[str, ...] = ()


LOGGING = Group(
    "Logging",
    (
        Flag("v", "How much to say: 0 what an operator needs, 4 details, 6 everything.", "v"),
        Flag("logging-format", "How log lines look: text or json.", "format"),
    ),
)
_IGNORED_LOGGING = (
    "add-dir-header? alsologtostderr? log-backtrace-at log-dir log-file log-file-max-size "
    "log-flush-frequency log-json-info-buffer-size log-json-split-stream? logtostderr? "
    "log-text-info-buffer-size log-text-split-stream? one-output? skip-headers? skip-log-headers? "
    "stderrthreshold vmodule"
)


class _Logging(Struct, frozen=True):
    v: int = 0
    format: Format = "text"


class Program(Struct, Generic[C], frozen=True, dict=True):
    """What a binary takes on its command line.

    `unsupported`: flags of Kubernetes' binary of the same name that are not built yet, separated
    by spaces, switches marked `?`; they warn and are ignored. `instead`: for some of them, by
    name, what happens instead of what they ask for. `unsupported_fields`: as `unsupported`, for
    dotted paths in the config file. `kind`: apiVersion and kind of that file, whose content goes
    to `file_field` of the config (empty: it is the config). `check`: says what is wrong with a
    config as a whole, a line each.
    """

    name: str
    summary: str
    config: type[C]
    groups: tuple[Group, ...]
    unsupported: str = ""
    unsupported_fields: str = ""
    kind: tuple[str, str] | None = None
    file_field: str = ""
    version: str = ""
    check: Callable[[C], Sequence[str]] | None = None
    instead: tuple[tuple[str, str], ...] = ()

    def parse(self, arguments: Sequence[str]) -> Invocation[C]:
        """Raises UsageError or Answer."""
        given, warnings = self._scan(arguments)
        try:
            config = self.config()
        except TypeError as error:  # a field without a default is a mistake of the table's author
            raise AssertionError(f"{self.config.__name__}: every field needs a default") from error
        if files := given.pop("config", None):
            config = self._read_file(config, Path(files[-1]), warnings)
        logging = self._logging_of_file(config)
        for name, texts in given.items():
            flag = self._flags[name]
            if flag in LOGGING.flags:
                value = _value(flag, _type_at(_Logging, flag.path), texts)
                logging = replace(logging, **{flag.path: value})
            else:
                value = _value(flag, _type_at(self.config, flag.path), texts)
                config = _with(config, flag.path, value)
        if self.check and (problems := self.check(config)):
            raise UsageError("; ".join(problems))
        return Invocation(config, logging.v, logging.format, tuple(warnings))

    @cached_property
    def _flags(self) -> dict[str, Flag]:
        return {flag.name: flag for group in (*self.groups, LOGGING) for flag in group.flags}

    @cached_property
    def _ignored(self) -> dict[str, bool]:
        """Known and unsupported flags, and whether each is a switch."""
        names = f"{self.unsupported} {_IGNORED_LOGGING}".split()
        return {name.rstrip("?"): name.endswith("?") for name in names}

    def _scan(self, arguments: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
        """The texts given to each flag, in order, and warnings."""
        given: dict[str, list[str]] = {}
        warnings: list[str] = []
        rest = iter(arguments)
        for argument in rest:
            name, text = self._split(argument)
            if name == "help":
                raise Answer(self.help())
            if name == "version" and text in (None, "true"):
                raise Answer(self.version or self.name)
            if name in self._flags:
                switch = _is_switch(self, self._flags[name])
            elif name == "config" and self.kind:
                switch = False
            elif name in self._ignored:
                switch = self._ignored[name]
            else:
                raise UsageError(self._unknown(argument, name))
            if text is None:
                text = "true" if switch else next(rest, None)
            if text is None:
                raise UsageError(f"flag needs an argument: --{name}")
            if name in self._ignored and name not in self._flags:
                happens = dict(self.instead).get(name, "ignored")
                warnings.append(f"--{name} is not supported yet: {happens}")
            else:
                given.setdefault(name, []).append(text)
        return given, warnings

    def _split(self, argument: str) -> tuple[str, str | None]:
        """`--name=text` → its name and text; the name as it is declared, with dashes."""
        if argument == "-h":
            return "help", None
        if re.match(r"-v(\d|=|$)", argument):
            text = argument[2:].removeprefix("=")
            return "v", text or None
        if not argument.startswith("--") or argument == "--":
            what = "argument" if not argument.startswith("-") else "shorthand flag"
            raise UsageError(f"unknown {what} {argument!r}: {self.name} takes --flags only")
        name, equals, text = argument[2:].partition("=")
        return name.replace("_", "-"), text if equals else None

    def _unknown(self, argument: str, name: str) -> str:
        known = [*self._flags, "help", "version"] + (["config"] if self.kind else [])
        close = difflib.get_close_matches(name, known, n=1)
        hint = f" (did you mean --{close[0]}?)" if close else f" (see {self.name} --help)"
        return f"unknown flag: {argument.partition('=')[0]}{hint}"

    def _read_file(self, config: C, path: Path, warnings: list[str]) -> C:
        assert self.kind is not None
        data = _load_yaml(path)
        api_version, kind = self.kind
        said = (data.pop("apiVersion", None), data.pop("kind", None))
        if said != self.kind:
            raise UsageError(
                f"{path}: holds {said[1] or 'no kind'} of {said[0] or 'no apiVersion'}, "
                f"not {kind} of {api_version}"
            )
        for field in self.unsupported_fields.split():
            if _drop(data, field):
                warnings.append(f"{path}: {field} is not supported yet: ignored")
        target = _type_at(self.config, self.file_field) if self.file_field else self.config
        try:
            decoded = msgspec.convert(data, target, dec_hook=_from_wire)
        except msgspec.ValidationError as error:
            raise UsageError(f"{path}: {_file_problem(str(error))}") from error
        if not self.file_field:
            return decoded  # type: ignore[no-any-return]
        return _with(config, self.file_field, decoded)  # type: ignore[no-any-return]

    def _logging_of_file(self, config: C) -> _Logging:
        """Component configs may hold `logging.verbosity` and `logging.format`."""
        found = _at(config, self.file_field) if self.file_field else config
        section = getattr(found, "logging", None)
        return _Logging(
            v=getattr(section, "verbosity", 0), format=getattr(section, "format", "text") or "text"
        )

    def help(self) -> str:
        """The page that --help shows."""
        import shutil  # late: only who asks for help needs it
        import textwrap

        width = min(shutil.get_terminal_size((100, 24)).columns, 120)
        lines = [*textwrap.wrap(self.summary, width), "", "Usage:", f"  {self.name} [flags]"]
        general = [("-h, --help", "Show this page."), ("--version", "Show the version.")]
        if self.kind:
            file = f"A YAML file that holds a {self.kind[1]} of {self.kind[0]}; flags override it."
            general.append(("--config file", file))
        for title, rows in [*self._help_groups(), ("General", general)]:
            lines += ["", f"{title}:"]
            for head, text in rows:
                body = textwrap.wrap(text, width - 10)
                lines += [f"  {head}", *(f"          {line}" for line in body)]
        return "\n".join(lines)

    def _help_groups(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        defaults = self.config()
        for group in self.groups:
            rows = []
            for flag in group.flags:
                kind = _type_at(self.config, flag.path)
                default = _render(_at(defaults, flag.path))
                head = f"--{flag.name} {flag.metavar or _metavar(kind)}".rstrip()
                rows.append((head, flag.help + (f" (default {default})" if default else "")))
            yield group.title, rows
        verbosity, log_format = LOGGING.flags
        yield (
            LOGGING.title,
            [
                ("-v, --v level", verbosity.help + " (default 0)"),
                ("--logging-format text|json", log_format.help + " (default text)"),
            ],
        )


def _is_switch(program: Program[Any], flag: Flag) -> bool:
    owner = _Logging if flag in LOGGING.flags else program.config
    return flag.read is None and _bare(_type_at(owner, flag.path)) is bool


# Types: what a flag's field says about how the flag is written.


def _type_at(owner: Any, path: str) -> Any:
    """The declared type of a dotted path of fields."""
    kind = owner
    for name in path.split("."):
        kind = next((f.type for f in fields(_bare(kind)) if f.name == name), None)
        assert kind is not None, f"{owner.__name__} has no field {path}"
    return kind


def _bare(kind: Any) -> Any:
    """The type inside Annotated and Optional."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        inside = [part for part in get_args(kind) if part is not NoneType]
        return _bare(inside[0]) if len(inside) == 1 else kind
    return kind


_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


def _value(flag: Flag, kind: Any, texts: Sequence[str]) -> Any:
    """What the texts given to a flag mean. Raises UsageError."""
    bare, origin = _bare(kind), get_origin(_bare(kind))
    try:
        if flag.read:
            return flag.read(texts[-1])
        if bare is bool:
            return _boolean(texts[-1])
        if origin is tuple:
            items = [item for text in texts for item in text.split(",") if item]
            return msgspec.convert(items, kind, strict=False, dec_hook=_from_wire)
        if origin is dict:
            return msgspec.convert(_pairs(texts), kind, strict=False, dec_hook=_from_wire)
        return msgspec.convert(texts[-1], kind, strict=False, dec_hook=_from_wire)
    except ValueError as error:  # msgspec.ValidationError is one
        reason = str(error)
        choices = _choices(bare)
        if choices:
            reason = f"must be one of {', '.join(choice or 'nothing' for choice in choices)}"
        text = ",".join(texts) if origin in (tuple, dict) else texts[-1]
        raise UsageError(
            f'invalid argument "{text}" for --{flag.name}: {_plain(reason)}'
        ) from error


def _choices(bare: Any) -> tuple[str, ...]:
    """What a Literal, or each item of a list of them, may be."""
    if get_origin(bare) is tuple:
        return _choices(get_args(bare)[0])
    return tuple(map(str, get_args(bare))) if get_origin(bare) is Literal else ()


def _boolean(text: str) -> bool:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError("must be true or false")


def _pairs(texts: Sequence[str]) -> dict[str, Any]:
    """`a=b,c=d` → {a: b, c: d}; `a=true` is a bool for who wants one."""
    found: dict[str, Any] = {}
    for item in (item for text in texts for item in text.split(",") if item):
        key, equals, value = item.partition("=")
        if not equals:
            raise ValueError(f"{item!r} is not key=value")
        found[key.strip()] = value.strip()
    return found


def _from_wire(kind: Any, value: Any) -> Any:
    """Types of ours read themselves: see base.durations and api.types."""
    return kind.from_wire(value)


def _plain(reason: str) -> str:
    """msgspec's wording, for people."""
    reason = reason.partition(" - at ")[0].replace("`", "")
    wanted = re.match(r"Expected (int|float|str), got \w+$", reason)
    if wanted:
        return {"int": "must be an integer", "float": "must be a number"}.get(wanted[1], "")
    return reason[:1].lower() + reason[1:]


def _metavar(kind: Any) -> str:
    bare, origin = _bare(kind), get_origin(_bare(kind))
    if origin is Literal:
        return "|".join(map(str, get_args(bare)))
    if origin is tuple:
        return "a,b,…"
    if origin is dict:
        return "key=value,…"
    names = {bool: "", int: "int", float: "float", str: "string"}
    return names.get(bare, str(getattr(bare, "__name__", "value")).lower())


def _render(default: Any) -> str:
    if default is None or default == () or default == {} or default == "":
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(map(str, default))
    if isinstance(default, dict):
        return ",".join(f"{key}={value}" for key, value in default.items())
    return str(default)


# Paths into frozen Structs, and config files.


def _at(owner: Any, path: str) -> Any:
    for name in path.split("."):
        owner = getattr(owner, name)
    return owner


def _with(owner: Any, path: str, value: Any) -> Any:
    """A copy of `owner` in which the field at the dotted path is `value`."""
    name, _, rest = path.partition(".")
    return replace(owner, **{name: _with(getattr(owner, name), rest, value) if rest else value})


def _load_yaml(path: Path) -> dict[str, Any]:
    import yaml  # late: only who has a config file needs it

    try:
        data = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path}: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: is not a YAML object")
    return data


def _drop(data: Any, path: str) -> bool:
    """Take a dotted path out of a document; whether it was there."""
    name, _, rest = path.partition(".")
    if not isinstance(data, dict) or name not in data:
        return False
    if rest:
        return _drop(data[name], rest)
    del data[name]
    return True


def _file_problem(reason: str) -> str:
    """`Expected `int`, got `str` - at `$.a.b`` → `a.b: expected int, got str`."""
    message, _, place = reason.partition(" - at ")
    path = place.strip("`").removeprefix("$").removeprefix(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.*)`", message)
    if unknown:
        return f'unknown field "{path + "." if path else ""}{unknown[1]}"'
    message = message.replace("`", "")
    return f"{path}: {message[:1].lower()}{message[1:]}" if path else message
