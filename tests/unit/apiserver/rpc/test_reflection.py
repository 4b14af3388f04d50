"""What reflection knows: each file with all that it imports."""

from __future__ import annotations

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from kubepy import pb
from kubepy.apiserver.rpc.methods import service_names
from kubepy.apiserver.rpc.reflection import SERVICES, Reflection, closure

REQUEST = pb.message("grpc.reflection.v1.ServerReflectionRequest")
REFLECTION = Reflection(("b", "a"))


def ask(**wanted):
    return REFLECTION.answer(REQUEST(host="h", **wanted))


def files(answer):
    raw = answer.file_descriptor_response.file_descriptor_proto
    return [FileDescriptorProto.FromString(each) for each in raw]


def test_services_are_listed_in_order():
    answer = ask(list_services="")
    assert [each.name for each in answer.list_services_response.service] == ["a", "b"]
    assert answer.valid_host == "h"
    assert answer.original_request.HasField("list_services")


@pytest.mark.parametrize("service", [*service_names(), *SERVICES, "grpc.health.v1.Health"])
def test_every_service_is_described_with_all_that_it_imports(service):
    found = files(ask(file_containing_symbol=service))
    names = {file.name for file in found}
    assert {each for file in found for each in file.dependency} <= names
    assert len(names) == len(found)
    package, _, name = service.rpartition(".")
    assert found[0].package == package
    assert name in {each.name for each in found[0].service}


@pytest.mark.parametrize(
    ("wanted", "file"),
    [
        ({"file_by_filename": "kubepy/v1/dynamic.proto"}, "kubepy/v1/dynamic.proto"),
        ({"file_containing_symbol": "kubepy.v1.Dynamic.Get"}, "kubepy/v1/dynamic.proto"),
        ({"file_containing_symbol": "kubepy.v1.ExecInput.Start"}, "kubepy/v1/requests.proto"),
        ({"file_containing_symbol": "google.protobuf.Struct"}, "google/protobuf/struct.proto"),
        (
            {
                "file_containing_extension": {
                    "containing_type": "google.protobuf.FieldOptions",
                    "extension_number": 51900,
                }
            },
            "kubepy/options.proto",
        ),
    ],
)
def test_files(wanted, file):
    assert files(ask(**wanted))[0].name == file


def test_extensions():
    answer = ask(all_extension_numbers_of_type="google.protobuf.MessageOptions")
    numbers = answer.all_extension_numbers_response
    assert numbers.base_type_name == "google.protobuf.MessageOptions"
    assert list(numbers.extension_number) == [51901, 51904, 51905]


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        pytest.param({"file_containing_symbol": "no.Such"}, 5, id="unknown symbol"),
        pytest.param({"file_containing_symbol": "kubepy.v1.Dynamic.No"}, 5, id="unknown method"),
        pytest.param({"file_containing_symbol": ""}, 5, id="no symbol"),
        pytest.param({"file_by_filename": "no.proto"}, 5, id="unknown file"),
        pytest.param({"all_extension_numbers_of_type": "no.Such"}, 5, id="unknown type"),
        pytest.param({"file_containing_extension": {}}, 5, id="unknown extension"),
        pytest.param({}, 3, id="nothing asked"),
    ],
)
def test_errors(wanted, code):
    answer = ask(**wanted)
    assert answer.error_response.error_code == code
    assert answer.error_response.error_message


def test_a_file_comes_before_what_it_imports():
    first, *_ = closure("kubepy/core/v1.proto")
    assert FileDescriptorProto.FromString(first).name == "kubepy/core/v1.proto"
