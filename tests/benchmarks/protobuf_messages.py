"""Classes of protobuf messages without `protoc`: from a descriptor that is made at run time."""

from collections.abc import Mapping, Sequence
from typing import Any  # Any: protobuf makes the classes at run time

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_KINDS = descriptor_pb2.FieldDescriptorProto


def message_classes(messages: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Message name -> class. Fields are written as in a `.proto` file, numbered in order: `repeated string tags`."""
    file = descriptor_pb2.FileDescriptorProto(name="rows.proto", package="rows", syntax="proto3")
    for name, fields in messages.items():
        message = file.message_type.add(name=name)
        for number, text in enumerate(fields, start=1):
            _add_field(message, number, *text.split())
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = {name: pool.FindMessageTypeByName(f"rows.{name}") for name in messages}
    return {name: message_factory.GetMessageClass(descriptor) for name, descriptor in found.items()}


def _add_field(message: Any, number: int, *words: str) -> None:
    *label, kind, name = words
    field = message.field.add(name=name, number=number, label=_KINDS.LABEL_OPTIONAL)
    if label == ["repeated"]:
        field.label = _KINDS.LABEL_REPEATED
    if label == ["optional"]:
        field.proto3_optional, field.oneof_index = True, len(message.oneof_decl)
        message.oneof_decl.add(name=f"_{name}")
    scalar = getattr(_KINDS, f"TYPE_{kind.upper()}", None)
    if scalar is None:
        field.type, field.type_name = _KINDS.TYPE_MESSAGE, f".rows.{kind}"
    else:
        field.type = scalar
