"""Write the starting .proto of an API package from the tables of message facts.

The tables (a JSON file a package: messages, fields, numbers, JSON rules) describe Kubernetes' wire
format. Run once for a package that `protos/` does not have yet; afterwards the .proto is the source
and is edited by hand: comments and corrections live there, and this script refuses to overwrite it.

    python hack/import_facts.py FACTS_DIR k8s.io.api.apps.v1
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

PROTOS = Path(__file__).resolve().parent.parent / "protos"
EXTERNAL = re.compile(r"\b(k8s\.io(?:\.\w+)*?)\.([A-Z]\w*)")

# The API group that a package serves, where the package name does not say it.
GROUPS = {
    "k8s.io.api.admissionregistration.v1": "admissionregistration.k8s.io",
    "k8s.io.api.authentication.v1": "authentication.k8s.io",
    "k8s.io.api.authorization.v1": "authorization.k8s.io",
    "k8s.io.api.certificates.v1": "certificates.k8s.io",
    "k8s.io.api.coordination.v1": "coordination.k8s.io",
    "k8s.io.api.core.v1": "",
    "k8s.io.api.discovery.v1": "discovery.k8s.io",
    "k8s.io.api.events.v1": "events.k8s.io",
    "k8s.io.api.flowcontrol.v1": "flowcontrol.apiserver.k8s.io",
    "k8s.io.api.networking.v1": "networking.k8s.io",
    "k8s.io.api.node.v1": "node.k8s.io",
    "k8s.io.api.rbac.v1": "rbac.authorization.k8s.io",
    "k8s.io.api.resource.v1": "resource.k8s.io",
    "k8s.io.api.scheduling.v1": "scheduling.k8s.io",
    "k8s.io.api.storage.v1": "storage.k8s.io",
    "k8s.io.api.apidiscovery.v2": "apidiscovery.k8s.io",
    "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1": "apiextensions.k8s.io",
    "k8s.io.apimachinery.pkg.apis.meta.v1": "meta.k8s.io",
    "k8s.io.kube_aggregator.pkg.apis.apiregistration.v1": "apiregistration.k8s.io",
}


def path_of(package: str) -> str:
    """The .proto path of a package, as Kubernetes' own import statements name it."""
    if package == "runtime.v1":
        return "runtime/v1/api.proto"
    return "k8s.io/" + package.removeprefix("k8s.io.").replace(".", "/") + "/generated.proto"


def quoted(text: str) -> str:
    return json.dumps(text)


def rules_of(field: dict) -> list[str]:
    """The entries of the `(kubepy.field)` option: what JSON and patches need beyond protobuf."""
    out = []
    kubernetes = "json_omitempty" in field or field.get("json_inline")
    if not kubernetes:
        return out
    if field.get("json_inline"):
        out.append("inline: true")
    if field.get("go_pointer"):
        out.append("pointer: true")
    if field.get("json_omitempty") is False:
        out.append("keep_zero: true")
        if field.get("optional"):
            out.append("optional: true")
    if field.get("required"):
        out.append("required: true")
    for key in ("list_type", "map_type", "struct_type", "patch_merge_key", "patch_strategy"):
        if key in field:
            out.append(f"{key}: {quoted(field[key])}")
    out.extend(f"list_map_key: {quoted(key)}" for key in field.get("list_map_keys", ()))
    if "default" in field:
        out.append(f"default: {quoted(field['default'])}")
    out.extend(f"value: {quoted(value)}" for value in field.get("values", ()))
    return out


def render_field(field: dict, syntax: str) -> str:
    is_map = field["type"].startswith("map<")
    label = field["label"]
    if is_map or (syntax == "proto3" and label == "singular"):
        prefix = ""
    else:
        prefix = ("optional" if label == "singular" else label) + " "
    kind = field["type"]
    if kind.startswith("k8s.io."):
        kind = "." + kind
    text = f"{prefix}{kind} {field['name']} = {field['number']}"
    rules = rules_of(field)
    if rules:
        one_line = f"{text} [(kubepy.field) = {{{', '.join(rules)}}}];"
        if len(one_line) <= 96:
            return f"  {one_line}"
        body = "".join(f"\n    {rule}" for rule in rules)
        return f"  {text} [(kubepy.field) = {{{body}\n  }}];"
    return f"  {text};"


def render_resource(kind: str, group: str, version: str, resources: list[dict]) -> list[str]:
    out = []
    for resource in resources:
        if (resource["group"], resource["version"], resource["kind"]) != (group, version, kind):
            continue
        rows = [
            f"plural: {quoted(resource['plural'])}",
            f"singular: {quoted(resource['singular'])}",
        ]
        if resource["namespaced"]:
            rows.append("namespaced: true")
        rows += [f"short_name: {quoted(name)}" for name in resource["shortNames"]]
        rows += [f"category: {quoted(name)}" for name in resource["categories"]]
        rows += [f"verb: {quoted(verb)}" for verb in resource["verbs"]]
        for sub in resource["subresources"]:
            cells = [f"name: {quoted(sub['name'])}", f"kind: {quoted(sub['kind'])}"]
            cells += [f"{k}: {quoted(sub[k])}" for k in ("group", "version") if sub.get(k)]
            cells += [f"verb: {quoted(verb)}" for verb in sub["verbs"]]
            rows.append(f"subresource: {{{', '.join(cells)}}}")
        for column in resource["printerColumns"] or ():
            cells = [f"name: {quoted(column['name'])}", f"type: {quoted(column['type'])}"]
            if column["format"]:
                cells.append(f"format: {quoted(column['format'])}")
            if column["priority"]:
                cells.append(f"priority: {column['priority']}")
            rows.append(f"column: {{{', '.join(cells)}}}")
        body = "".join(f"\n    {row}" for row in rows)
        out.append(f"  option (kubepy.rest) = {{{body}\n  }};")
    return out


def render(facts: Path, package: str) -> str:
    table = json.loads((facts / "messages" / f"{package}.json").read_text())
    resources = json.loads((facts / "resources.json").read_text())
    syntax = "proto3" if package == "runtime.v1" else "proto2"
    group = GROUPS.get(package, package.split(".")[-2])
    version = package.rsplit(".", 1)[1]
    imports = {"kubepy/options.proto"} if syntax == "proto2" else set()
    for message in table["messages"].values():
        for field in message["fields"]:
            for match in EXTERNAL.finditer(field["type"]):
                if match[1] != package:
                    imports.add(path_of(match[1]))
    lines = [f'syntax = "{syntax}";', "", f"package {package};", ""]
    lines += [f'import "{path}";' for path in sorted(imports)]
    if (
        package.startswith("k8s.io.api.")
        or package.endswith("meta.v1")
        or "kube_agg" in package
        or "apiextensions" in package
    ):
        lines += [
            "",
            f"option (kubepy.group) = {quoted(group)};",
            f"option (kubepy.version) = {quoted(version)};",
        ]
    for name, values in table.get("enums", {}).items():
        lines += ["", f"enum {name} {{"]
        if len({number for _, number in values}) < len(values):
            lines.append("  option allow_alias = true;")
        lines += [f"  {value} = {number};" for value, number in values] + ["}"]
    for name, message in sorted(table["messages"].items()):
        lines += ["", f"message {name} {{"]
        lines += render_resource(name, group, version, resources)
        plain = [f for f in message["fields"] if "oneof" not in f]
        lines += [render_field(field, syntax) for field in plain]
        for oneof in dict.fromkeys(f["oneof"] for f in message["fields"] if "oneof" in f):
            lines.append(f"  oneof {oneof} {{")
            for field in message["fields"]:
                if field.get("oneof") == oneof:
                    lines.append("  " + render_field(field, "proto3"))
            lines.append("  }")
        lines.append("}")
    for name, methods in table.get("services", {}).items():
        lines += ["", f"service {name} {{"]
        for rpc in methods:
            taken = ("stream " if rpc["client_stream"] else "") + rpc["in"]
            given = ("stream " if rpc["server_stream"] else "") + rpc["out"]
            lines.append(f"  rpc {rpc['rpc']}({taken}) returns ({given});")
        lines.append("}")
    return "\n".join(lines) + "\n"


def main(argv: list[str]) -> int:
    facts = Path(argv[1])
    for package in argv[2:]:
        target = PROTOS / path_of(package)
        if target.exists():
            print(f"{target.relative_to(PROTOS.parent)} exists: edit it by hand", file=sys.stderr)
            return 1
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render(facts, package))
        print(target.relative_to(PROTOS.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
