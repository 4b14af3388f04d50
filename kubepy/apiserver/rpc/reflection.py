"""Server reflection: which services there are, and the files that describe them.

grpc.reflection.v1 and v1alpha are the same messages under two names, and the same bytes.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from kubepy import pb

SERVICES = tuple(f"grpc.reflection.{version}.ServerReflection" for version in ("v1", "v1alpha"))
KNOWN_ANSWERS = 256  # files with all that they import, as bytes
_Request: Any = pb.message("grpc.reflection.v1.ServerReflectionRequest")
_Response: Any = pb.message("grpc.reflection.v1.ServerReflectionResponse")
_INVALID, _NOT_FOUND = (
    code.value[0] for code in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.NOT_FOUND)
)


class Reflection:
    """Answers about `services` from the one pool of descriptors."""

    def __init__(self, services: Sequence[str]) -> None:
        self._services = tuple(sorted(services))

    def handlers(self) -> Mapping[str, Any]:
        handler = grpc.stream_stream_rpc_method_handler(self._talk)
        return {f"/{service}/ServerReflectionInfo": handler for service in SERVICES}

    async def _talk(self, requests: AsyncIterator[bytes], context: Any) -> AsyncIterator[bytes]:
        async for raw in requests:
            try:
                request = _Request.FromString(raw)
            except DecodeError as problem:
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(problem))
            yield self.answer(request).SerializeToString()

    def answer(self, request: Any) -> Any:
        """The response to one request; what there is not is an error_response."""
        response = _Response(valid_host=request.host, original_request=request)
        try:
            self._fill(response, request)
        except KeyError as problem:
            response.error_response.error_code = _NOT_FOUND
            response.error_response.error_message = str(problem.args[0])
        return response

    def _fill(self, response: Any, request: Any) -> None:
        """Raises KeyError."""
        files = response.file_descriptor_response.file_descriptor_proto
        match request.WhichOneof("message_request"):
            case "list_services":
                services = response.list_services_response.service
                for name in self._services:
                    services.add(name=name)
            case "file_by_filename":
                files.extend(closure(pb.pool.FindFileByName(request.file_by_filename).name))
            case "file_containing_symbol":
                files.extend(closure(_file_of(request.file_containing_symbol)))
            case "file_containing_extension":
                asked = request.file_containing_extension
                extended = pb.pool.FindMessageTypeByName(asked.containing_type)
                found = pb.pool.FindExtensionByNumber(extended, asked.extension_number)
                files.extend(closure(_file_of(found.full_name)))
            case "all_extension_numbers_of_type":
                extended = pb.pool.FindMessageTypeByName(request.all_extension_numbers_of_type)
                numbers = response.all_extension_numbers_response
                numbers.base_type_name = extended.full_name
                extensions = pb.pool.FindAllExtensions(extended)
                numbers.extension_number.extend(sorted(each.number for each in extensions))
            case _:
                response.error_response.error_code = _INVALID
                response.error_response.error_message = "the request asks nothing"


def _file_of(symbol: str) -> str:
    """The file that declares a symbol; the pool knows no methods, but their services.

    Raises KeyError.
    """
    try:
        found = pb.pool.FindFileContainingSymbol(symbol)
    except KeyError:
        service, _, method = symbol.rpartition(".")
        if method not in pb.service(service).methods_by_name:
            raise
        found = pb.pool.FindFileContainingSymbol(service)
    return str(found.name)


@lru_cache(maxsize=KNOWN_ANSWERS)
def closure(name: str) -> tuple[bytes, ...]:
    """A file and all that it imports, each once, the file itself first."""
    found: dict[str, bytes] = {}

    def visit(file: Any) -> None:
        if file.name not in found:
            found[file.name] = file.serialized_pb
            for each in file.dependencies:
                visit(each)

    visit(pb.pool.FindFileByName(name))
    return tuple(found.values())
