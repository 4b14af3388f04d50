"""Derive from `protos/`: the Structs of `kubepy/api`, the resource registry, the gRPC services.

python hack/generate.py            write what is derived
python hack/generate.py --check    fail if anything would change
"""

from __future__ import annotations

import keyword
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from proto_schema import PROTOS, ROOT, Schema, compile_protos, flatten, is_derived

HEADER = "Generated from protos by hack/generate.py: edit the .proto and run `make update`."
META = "k8s.io.apimachinery.pkg.apis.meta.v1."
EXTENSIONS = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1."
# Messages that are one value in JSON: the Struct's type, and the default that is always written.
SPECIAL = {
    META + "Time": ("Time", "null"),
    META + "MicroTime": ("MicroTime", "null"),
    META + "Duration": ("Duration", "no_duration"),
    META + "FieldsV1": ("Raw", "json_null"),
    META + "Verbs": ("tuple[str, ...]", "no_items"),
    "k8s.io.apimachinery.pkg.api.resource.Quantity": ("Quantity", "no_quantity"),
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": ("IntOrString", "zero"),
    "k8s.io.apimachinery.pkg.runtime.RawExtension": ("Raw", "json_null"),
    EXTENSIONS + "JSON": ("Raw", "json_null"),
}
UNIONS = {  # messages that are one of two things in JSON; both need no type of their own
    EXTENSIONS + "JSONSchemaPropsOrArray": "JSONSchemaProps | tuple[JSONSchemaProps, ...]",
    EXTENSIONS + "JSONSchemaPropsOrBool": "JSONSchemaProps | bool",
    EXTENSIONS + "JSONSchemaPropsOrStringArray": "JSONSchemaProps | tuple[str, ...]",
}
LISTS = {  # messages whose JSON is the list they hold
    "k8s.io.api.authentication.v1.ExtraValue",
    "k8s.io.api.authorization.v1.ExtraValue",
    "k8s.io.api.certificates.v1.ExtraValue",
}
BUILTINS = {"bool", "bytes", "float", "str"}  # a field of such a name would hide the type
DOCSTRING_WIDTH = 90
OMITTED = {"Timestamp", "Patch", "TypeMeta"}
SCALARS = {
    FieldDescriptor.TYPE_STRING: ("str", "empty_string", '""'),
    FieldDescriptor.TYPE_BYTES: ("bytes", "no_bytes", 'b""'),
    FieldDescriptor.TYPE_BOOL: ("bool", "false", "False"),
    FieldDescriptor.TYPE_INT32: ("Int32", "zero", "0"),
    FieldDescriptor.TYPE_INT64: ("Int64", "zero", "0"),
    FieldDescriptor.TYPE_UINT32: ("UInt32", "zero", "0"),
    FieldDescriptor.TYPE_UINT64: ("UInt64", "zero", "0"),
    FieldDescriptor.TYPE_DOUBLE: ("Number", "zero", "0"),
}


def folder_of(package: str) -> tuple[str, str]:
    """The folder and module of a package: k8s.io.api.core.v1 → core, v1."""
    return tuple(package.split(".")[-2:])


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


class Module:
    """One module of kubepy/api: the Structs of a group and version."""

    def __init__(self, schema: Schema, file: FileDescriptor, group: str, version: str) -> None:
        self.schema = schema
        self.file = file
        self.api_version = f"{group}/{version}" if group and group != "meta.k8s.io" else version
        self.names: set[str] = set()
        self.modules: set[str] = set()

    def render(self) -> str:
        body = [line for message in self.ordered() for line in self.struct(message)]
        imports = [
            f"from kubepy.api.{folder} import {module} as {folder}_{module}"
            for folder, module in sorted(folder_of(package) for package in self.modules)
        ]
        own = sorted((self.names | {"Wire"}) - {"Raw", "_field", "ClassVar"})
        lines = [
            f'"""{self.api_version}: the wire types.',
            "",
            HEADER,
            '"""',
            "",
            "from __future__ import annotations",
            "",
        ]
        if "ClassVar" in self.names:
            lines += ["from typing import ClassVar", ""]
        if "Raw" in self.names:
            lines.append("from msgspec import Raw")
        if "_field" in self.names:
            lines.append("from msgspec import field as _field")
        lines += ["", *imports, f"from kubepy.api.types import {', '.join(own)}"]
        lines += [
            "",
            f'PACKAGE = "{self.file.package}"',
            f'API_VERSION = "{self.api_version}"',
        ]
        return "\n".join(lines + body) + "\n"

    def ordered(self) -> list[Descriptor]:
        """The messages by name, but each behind those that its defaults are made of."""
        done: dict[str, Descriptor] = {}

        def visit(message: Descriptor) -> None:
            for field in flatten(self.schema, message):
                inner = field.message_type
                if inner is None or field.is_repeated or self.schema.rules(field).pointer:
                    continue
                if inner.file is self.file and inner.name not in done:
                    visit(inner)
            if self.is_struct(message):
                done[message.name] = message

        for _, message in sorted(self.file.message_types_by_name.items()):
            if message.name not in done:
                visit(message)
        return list(done.values())

    def is_struct(self, message: Descriptor) -> bool:
        name = message.full_name
        if name in SPECIAL or name in LISTS or name in UNIONS:
            return False
        return message.name not in OMITTED

    def struct(self, message: Descriptor) -> list[str]:
        lines = [
            "",
            "",
            f"class {message.name}(Wire, frozen=True, kw_only=True):",
        ]
        if comment := self.schema.comment(message.full_name):
            first, *rest = textwrap.wrap(" ".join(comment.split()), DOCSTRING_WIDTH)
            if not rest:
                lines += [f'    """{first}"""', ""]
            else:
                lines += [f'    """{first}', *(f"    {line}" for line in rest), '    """', ""]
        start = len(lines)
        if self.schema.has_type_meta(message):
            lines += ['    kind: str = ""', '    apiVersion: str = ""']
        fields = list(flatten(self.schema, message))
        lines += [self.attribute(field) for field in fields]
        rules = [line for field in fields if (line := self.rule(field))]
        if rules:
            self.names |= {"Rules", "ClassVar"}
            lines += ["", "    __rules__: ClassVar[dict[str, Rules]] = {", *rules, "    }"]
        nulls = empty_lists(self.schema, message) if self.schema.resource(message) else []
        if nulls:
            self.names.add("ClassVar")
            lines.append(f"    __nulls__: ClassVar[tuple[str, ...]] = {tuple(nulls)!r}")
        if self.schema.is_atomic(message):
            self.names.add("ClassVar")
            lines += ["", "    __atomic__: ClassVar[bool] = True"]
        if len(lines) == start:
            lines.append("    pass")
        return lines

    def attribute(self, field: FieldDescriptor) -> str:
        annotation, default, factory = self.type_of(field)
        name = field.json_name
        arguments = []
        if factory:
            self.names.add("_field")
            arguments.append(f"default_factory={factory}")
        if keyword.iskeyword(name) or name in BUILTINS or not name.isidentifier():
            self.names.add("_field")
            if not factory:
                arguments.append(f"default={default}")
            arguments.append(f'name="{name}"')
            name = f"{name}_" if name.isidentifier() else field.name
        value = f"_field({', '.join(arguments)})" if arguments else default
        return f"    {name}: {annotation} = {value}"

    def type_of(self, field: FieldDescriptor) -> tuple[str, str, str]:
        """Annotation, default, and the factory of a default that is always written."""
        rules = self.schema.rules(field)
        if is_map(field):
            value = self.element(field.message_type.fields_by_name["value"])
            value += " | None" if value.endswith("Time") else ""  # a zero time is null
            return f"dict[str, {value}]", "", self.use("no_entries") if rules.keep_zero else "dict"
        element = self.element(field)
        if field.is_repeated and rules.pointer:
            return f"tuple[{element}, ...] | None", "None", self.use("null")
        if field.is_repeated:
            factory = self.use("no_items") if rules.keep_zero else ""
            return f"tuple[{element}, ...]", "()", factory
        if field.message_type is None:
            return self.scalar(field, rules, element)
        full_name = field.message_type.full_name
        if element == "Raw":
            omit = rules.pointer or not rules.keep_zero and full_name.endswith("FieldsV1")
            return "Raw", self.use("ABSENT") if omit else "", "" if omit else self.use("json_null")
        if rules.pointer or element in ("Time", "MicroTime"):
            written = rules.keep_zero or not (rules.pointer or field.name == "creationTimestamp")
            factory = self.use("null") if written else ""  # Go omits no empty struct
            return f"{element} | None", "None", factory
        if full_name in SPECIAL:
            return element, "", self.use(SPECIAL[full_name][1])
        if full_name in LISTS:
            return element, "()", self.use("no_items") if rules.keep_zero else ""
        return element, "", element.replace(" ", "")

    def scalar(self, field: FieldDescriptor, rules, element: str) -> tuple[str, str, str]:
        _, factory, default = SCALARS[field.type]
        if rules.pointer:
            return f"{element} | None", "None", self.use("null") if rules.keep_zero else ""
        return element, default, self.use(factory) if rules.keep_zero else ""

    def element(self, field: FieldDescriptor) -> str:
        if field.message_type is None:
            name = SCALARS[field.type][0]
            return self.use(name) if name[0].isupper() else name
        full_name = field.message_type.full_name
        if full_name in SPECIAL:
            name = SPECIAL[full_name][0]
            return self.use(name) if name[0].isupper() else name
        if full_name in LISTS:
            return "tuple[str, ...]"
        if full_name in UNIONS:
            return UNIONS[full_name]
        package = field.message_type.file.package
        if package == self.file.package:
            return field.message_type.name
        self.modules.add(package)
        return "_".join(folder_of(package)) + f".{field.message_type.name}"

    def use(self, name: str) -> str:
        self.names.add(name)
        return name

    def rule(self, field: FieldDescriptor) -> str:
        rules = self.schema.rules(field)
        cells = [
            f'{key}="{getattr(rules, key)}"'
            for key in ("list_type", "map_type", "struct_type", "patch_merge_key", "patch_strategy")
            if getattr(rules, key)
        ]
        if rules.list_map_key:
            cells.append(f"list_map_keys={tuple(rules.list_map_key)!r}")
        if rules.required or rules.keep_zero and not rules.optional:
            cells.append("required=True")
        if rules.default:
            cells.append(f"default={rules.default!r}")
        if rules.value:
            cells.append(f"values={tuple(rules.value)!r}")
        return f'        "{field.json_name}": Rules({", ".join(cells)}),' if cells else ""


def empty_lists(schema: Schema, message: Descriptor) -> list[str]:
    """The fields of a resource, at any depth, whose empty lists read null."""
    seen: set[str] = set()
    found: dict[str, None] = {}

    def visit(part: Descriptor) -> None:
        if part.full_name in seen:
            return
        seen.add(part.full_name)
        for field in flatten(schema, part):
            if schema.rules(field).null_when_empty:
                found[field.json_name] = None
            if field.message_type is not None and field.message_type.file is message.file:
                visit(field.message_type)

    visit(message)
    return list(found)


def resources_module(schema: Schema) -> str:
    lines = [
        '"""The REST resources.',
        "",
        HEADER,
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "from kubepy.api.scheme import Column, Resource, Subresource",
        "",
        "RESOURCES: tuple[Resource, ...] = (",
    ]
    for file, group, version in schema.api_files():
        for message in file.message_types_by_name.values():
            rules = schema.resource(message)
            if rules is not None:
                lines += resource_entry(rules, message, group, version)
    return "\n".join([*lines, ")"]) + "\n"


def resource_entry(rules, message: Descriptor, group: str, version: str) -> list[str]:
    folder, module = folder_of(message.file.package)
    lines = [
        "    Resource(",
        f'        group="{group}", version="{version}", kind="{message.name}",',
        f'        plural="{rules.plural}", singular="{rules.singular}",',
        f'        module="kubepy.api.{folder}.{module}", namespaced={rules.namespaced},',
        f"        short_names={tuple(rules.short_name)!r}, categories={tuple(rules.category)!r},",
        f"        verbs={tuple(rules.verb)!r},",
    ]
    if rules.subresource:
        lines.append("        subresources=(")
        for sub in rules.subresource:
            where = f' group="{sub.group}", version="{sub.version}",' if sub.version else ""
            lines.append(
                f'            Subresource(name="{sub.name}", kind="{sub.kind}",{where} '
                f"verbs={tuple(sub.verb)!r}),"
            )
        lines.append("        ),")
    if rules.column:
        lines.append("        columns=(")
        for column in rules.column:
            extra = f', format="{column.format}"' if column.format else ""
            extra += f", priority={column.priority}" if column.priority else ""
            lines.append(f'            Column(name="{column.name}", type="{column.type}"{extra}),')
        lines.append("        ),")
    return [*lines, "    ),"]


def plural_of(kind: str, plural: str) -> str:
    """The service's name: the kind's capitals on the resource's plural."""
    if plural == kind.lower():
        return kind
    for ending, replacement in (("y", "ies"), ("", "es"), ("", "s")):
        name = kind.removesuffix(ending) + replacement
        if name.lower() == plural:
            return name
    raise SystemExit(f"{kind}: no plural gives {plural}")


# The name of a subresource's call, by the subresource and the verb.
SUBRESOURCE_CALLS = {
    ("binding", "create"): "Bind",
    ("eviction", "create"): "Evict",
    ("token", "create"): "CreateToken",
    ("finalize", "update"): "Finalize",
    ("ephemeralcontainers", "get"): "GetEphemeralContainers",
    ("ephemeralcontainers", "update"): "UpdateEphemeralContainers",
    ("ephemeralcontainers", "patch"): "PatchEphemeralContainers",
}
STREAMS = {"log", "exec", "attach", "portforward"}
CALLS = {"get": "Get", "update": "Update", "patch": "Patch", "create": "Create"}


class Service:
    """The gRPC service of one resource, and its request messages."""

    def __init__(self, schema: Schema, message: Descriptor, rules, taken: set[str]) -> None:
        self.kind = message.name
        self.type = "." + message.full_name
        self.list_type = f"{self.type}List"
        self.rules = rules
        self.schema = schema
        self.message = message
        self.messages: list[str] = []
        self.imports = {message.file.name}
        self.taken = taken  # the request messages that the file has already

    def render(self) -> list[str]:
        lines = [f"service {plural_of(self.kind, self.rules.plural)} {{"]
        for verb in ("get", "list", "watch", "create", "update", "patch", "delete"):
            if verb in self.rules.verb:
                lines.append(self.method(verb))
        if "deletecollection" in self.rules.verb:
            lines.append(
                "  rpc DeleteCollection(kubepy.v1.DeleteCollectionRequest) "
                "returns (kubepy.v1.DeleteReply);"
            )
        for sub in self.rules.subresource:
            lines += self.subresource(sub)
        if any("kubepy.v1." in line for line in lines):
            self.imports.add("kubepy/v1/requests.proto")
        return [*lines, "}", "", *self.messages]

    def method(self, verb: str) -> str:
        match verb:
            case "get":
                return f"  rpc Get(kubepy.v1.GetRequest) returns ({self.type});"
            case "list":
                return f"  rpc List(kubepy.v1.ListRequest) returns ({self.list_type});"
            case "watch":
                self.messages += [
                    f"// A change of one {self.kind}: ADDED, MODIFIED, DELETED or BOOKMARK with",
                    "// the object, or ERROR with a Status.",
                    f"message {self.kind}Event {{",
                    "  optional string type = 1;",
                    f"  optional {self.type} object = 2;",
                    "  optional .k8s.io.apimachinery.pkg.apis.meta.v1.Status status = 3;",
                    "}",
                    "",
                ]
                return f"  rpc Watch(kubepy.v1.ListRequest) returns (stream {self.kind}Event);"
            case "create" | "update":
                request = self.request(verb.capitalize(), self.kind, self.type, verb)
                return f"  rpc {verb.capitalize()}({request}) returns ({self.type});"
            case "patch":
                return f"  rpc Patch(kubepy.v1.PatchRequest) returns ({self.type});"
            case _:
                return "  rpc Delete(kubepy.v1.DeleteRequest) returns (kubepy.v1.DeleteReply);"

    def request(self, call: str, kind: str, type_: str, verb: str, named: bool = False) -> str:
        name = f"{call}{kind}Request"
        options = "CreateOptions" if verb == "create" else "UpdateOptions"
        if name not in self.taken:
            self.taken.add(name)
            self.messages += [
                f"message {name} {{",
                "  optional string namespace = 1;",
                f"  optional {type_} object = 2;",
                f"  optional .k8s.io.apimachinery.pkg.apis.meta.v1.{options} options = 3;",
                *(["  optional string name = 4;"] if named else []),
                "}",
                "",
            ]
        return name

    def subresource(self, sub) -> list[str]:
        if sub.name == "proxy":
            return []  # plain HTTP, for REST alone
        if sub.name in STREAMS:
            return [stream_call(sub.name)]
        type_ = self.type_of(sub)
        lines = []
        for verb in sub.verb:
            default = CALLS[verb] + sub.name.capitalize()
            call = SUBRESOURCE_CALLS.get((sub.name, verb), default)
            if verb == "get":
                request = "kubepy.v1.GetRequest"
            elif verb == "patch":
                request = "kubepy.v1.PatchRequest"
            else:
                stem = call if sub.kind == self.kind else f"{call}{self.kind}"
                kind = self.kind if sub.kind == self.kind else ""
                request = self.request(stem, kind, type_, verb, named=sub.kind != self.kind)
            answer = type_ if sub.name not in ("binding", "eviction") else "kubepy.v1.DeleteReply"
            lines.append(f"  rpc {call}({request}) returns ({answer});")
        return lines

    def type_of(self, sub) -> str:
        if sub.kind == self.kind:
            return self.type
        for file, group, version in self.schema.api_files():
            own = (
                (sub.group, sub.version) == (group, version)
                if sub.version
                else (file.name == self.message.file.name)
            )
            if own and sub.kind in file.message_types_by_name:
                self.imports.add(file.name)
                return "." + file.message_types_by_name[sub.kind].full_name
        raise SystemExit(f"{self.kind}/{sub.name}: no message {sub.kind}")


def stream_call(name: str) -> str:
    match name:
        case "log":
            return "  rpc Log(kubepy.v1.LogRequest) returns (stream kubepy.v1.LogChunk);"
        case "portforward":
            return (
                "  rpc PortForward(stream kubepy.v1.PortForwardInput) "
                "returns (stream kubepy.v1.PortForwardOutput);"
            )
        case _:
            return (
                f"  rpc {name.capitalize()}(stream kubepy.v1.{name.capitalize()}Input) "
                "returns (stream kubepy.v1.ExecOutput);"
            )


def services(schema: Schema) -> Iterator[tuple[Path, str]]:
    """Each protos/kubepy/<group>/<version>.proto with its text."""
    for file, _, _ in schema.api_files():
        body: list[str] = []
        imports: set[str] = set()
        taken: set[str] = set()
        for message in file.message_types_by_name.values():
            rules = schema.resource(message)
            if rules is not None:
                service = Service(schema, message, rules, taken)
                body += service.render()
                imports |= service.imports
        if not body:
            continue
        imports.add("k8s.io/apimachinery/pkg/apis/meta/v1/generated.proto")
        folder, version = folder_of(file.package)
        head = [
            f"// {HEADER}",
            "",
            'syntax = "proto2";',
            "",
            f"package kubepy.{folder}.{version};",
            "",
            *(f'import "{name}";' for name in sorted(imports)),
            "",
        ]
        yield PROTOS / "kubepy" / folder / f"{version}.proto", "\n".join(head + body[:-1]) + "\n"


def derived() -> dict[Path, str]:
    sources = [path for path in sorted(PROTOS.rglob("*.proto")) if not is_derived(path)]
    schema = Schema(compile_protos(sources))
    api = ROOT / "kubepy" / "api"
    out: dict[Path, str] = {}
    for file, group, version in schema.api_files():
        folder, module = folder_of(file.package)
        out[api / folder / f"{module}.py"] = Module(schema, file, group, version).render()
        out[api / folder / "__init__.py"] = f'"""The API group {group or "core"}."""\n'
    out[api / "resources.py"] = resources_module(schema)
    out.update(services(schema))
    return out


def formatted(texts: dict[Path, str]) -> dict[Path, str]:
    """The texts as the project's formatter writes them."""
    ruff = [sys.executable, "-m", "ruff"]
    with tempfile.TemporaryDirectory() as scratch:
        for number, (path, text) in enumerate(texts.items()):
            if path.suffix == ".py":
                (Path(scratch) / f"{number}.py").write_text(text)
        config = ["--config", str(ROOT / "pyproject.toml")]
        subprocess.run([*ruff, "check", "-q", "--select=I", "--fix", *config, scratch], check=True)
        subprocess.run([*ruff, "format", "-q", *config, scratch], check=True)
        return {
            path: (Path(scratch) / f"{number}.py").read_text() if path.suffix == ".py" else text
            for number, (path, text) in enumerate(texts.items())
        }


def main(argv: list[str]) -> int:
    stale = []
    for path, text in formatted(derived()).items():
        if path.exists() and path.read_text() == text:
            continue
        stale.append(str(path.relative_to(ROOT)))
        if "--check" not in argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
    if "--check" in argv and stale:
        print("not as the protos say (run `make update`):", *stale, sep="\n  ", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
