"""Compile `protos/`: the descriptor set that `kubepy.pb` loads, and the words that explain fields.

Built, never committed: `make update`, an installation with pip, and the test run all call this.

    python hack/build_protos.py
"""

from __future__ import annotations

import json
import sys

from google.protobuf.descriptor_pb2 import FileDescriptorSet
from proto_schema import PROTOS, ROOT, Schema, compile_protos, flatten

DESCRIPTORS = ROOT / "kubepy" / "pb" / "descriptors.binpb"
DESCRIPTIONS = ROOT / "kubepy" / "api" / "descriptions.json"


def descriptions(schema: Schema) -> dict[str, dict[str, str]]:
    """Message → field as JSON has it → what stands above it."""
    found: dict[str, dict[str, str]] = {}
    for file, _, _ in schema.api_files():
        for message in file.message_types_by_name.values():
            words = {
                field.json_name: comment
                for field in flatten(schema, message)
                if (comment := schema.comment(field.full_name))
            }
            if words:
                found[message.full_name] = words
    return found


def main() -> int:
    files = compile_protos(sorted(PROTOS.rglob("*.proto")))
    DESCRIPTIONS.write_text(json.dumps(descriptions(Schema(files)), separators=(",", ":")))
    for file in files:
        file.ClearField("source_code_info")
    DESCRIPTORS.write_bytes(FileDescriptorSet(file=files).SerializeToString())
    return 0


if __name__ == "__main__":
    sys.exit(main())
