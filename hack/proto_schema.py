"""`protos/` as the scripts here see it: compiled, with our options and its comments readable."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTOS = ROOT / "protos"


def compile_protos(sources: Sequence[Path]) -> Sequence[FileDescriptorProto]:
    """`sources` and all they import, each behind what it imports, with their comments."""
    well_known = str(files("grpc_tools").joinpath("_proto"))
    command = ["protoc", f"-I{PROTOS}", f"-I{well_known}", "--include_imports"]
    with tempfile.NamedTemporaryFile(suffix=".binpb") as scratch:
        command += ["--include_source_info", f"--descriptor_set_out={scratch.name}"]
        if protoc.main(command + [str(path) for path in sources]) != 0:
            raise SystemExit("protoc failed: the messages above name the file and line")
        return FileDescriptorSet.FromString(Path(scratch.name).read_bytes()).file


class Schema:
    """The compiled protos with our options readable."""

    def __init__(self, files: Sequence[FileDescriptorProto]) -> None:
        pool = DescriptorPool()
        self.files: list[FileDescriptor] = []
        self._comments: dict[str, str] = {}
        for file in files:
            pool.Add(file)
        for file in files:
            self.files.append(pool.FindFileByName(file.name))
            self._read_comments(file)
        options = "google.protobuf."
        self._options = {
            kind: message_factory.GetMessageClass(pool.FindMessageTypeByName(options + kind))
            for kind in ("FieldOptions", "MessageOptions", "FileOptions")
        }
        extension = pool.FindExtensionByName
        self.group = extension("kubepy.group")
        self.version = extension("kubepy.version")
        self._field = extension("kubepy.field")
        self._resource = extension("kubepy.rest")
        self._type_meta = extension("kubepy.type_meta")
        self._atomic = extension("kubepy.atomic")

    def _read_comments(self, file: FileDescriptorProto) -> None:
        for place in file.source_code_info.location:
            words = " ".join(place.leading_comments.split())
            match place.path:
                case [4, message] if words:  # 4: message_type of a file, 2: field of a message
                    self._comments[f"{file.package}.{file.message_type[message].name}"] = words
                case [4, message, 2, field] if words:
                    found = file.message_type[message]
                    name = f"{file.package}.{found.name}.{found.field[field].name}"
                    self._comments[name] = words

    def comment(self, name: str) -> str:
        """What stands above a message or a field, by its full name."""
        return self._comments.get(name, "")

    def _read(self, kind: str, descriptor) -> object:
        return self._options[kind].FromString(descriptor.GetOptions().SerializeToString())

    def api_files(self) -> Iterator[tuple[FileDescriptor, str, str]]:
        """Each file that belongs to an API group, with the group's and the version's name."""
        for file in self.files:
            options = self._read("FileOptions", file)
            if options.HasExtension(self.version):
                yield file, options.Extensions[self.group], options.Extensions[self.version]

    def rules(self, field: FieldDescriptor):
        return self._read("FieldOptions", field).Extensions[self._field]

    def resource(self, message: Descriptor):
        options = self._read("MessageOptions", message)
        has = options.HasExtension(self._resource)
        return options.Extensions[self._resource] if has else None

    def has_type_meta(self, message: Descriptor) -> bool:
        return self._read("MessageOptions", message).Extensions[self._type_meta]

    def is_atomic(self, message: Descriptor) -> bool:
        return self._read("MessageOptions", message).Extensions[self._atomic]


def is_derived(path: Path) -> bool:
    inside = path.relative_to(PROTOS)
    return inside.parts[0] == "kubepy" and len(inside.parts) > 2 and inside.parts[1] != "v1"


def flatten(schema: Schema, message: Descriptor) -> Iterator[FieldDescriptor]:
    """The fields as JSON has them: those of inline messages stand in their parent."""
    for field in message.fields:
        if schema.rules(field).inline:
            yield from flatten(schema, field.message_type)
        else:
            yield field
