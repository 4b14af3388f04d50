import struct
import zlib

from hypothesis import given
from hypothesis import strategies as st

from kubepy.kubelet.server.spdy import DICTIONARY, Closed, Data, Gone, Replied, Reset, Session


def control(kind: int, payload: bytes, flags: int = 0) -> bytes:
    return struct.pack(">HHI", 0x8003, kind, flags << 24 | len(payload)) + payload


def test_the_dictionary_is_the_one_of_the_protocol() -> None:
    assert (len(DICTIONARY), zlib.adler32(DICTIONARY)) == (1423, 0xE3C6A7C2)


def test_a_stream_is_opened_with_compressed_headers() -> None:
    session = Session()
    first, frame = session.open({"streamType": "error"})
    second, _ = session.open({"streamType": "stdin"})

    version, kind, length = struct.unpack_from(">HHI", frame)
    stream = struct.unpack_from(">I", frame, 8)[0]
    block = zlib.decompressobj(zdict=DICTIONARY).decompress(frame[18:])
    assert (version, kind, length) == (0x8003, 1, len(frame) - 8)
    assert (first, second, stream) == (1, 3, 1)
    assert block == b"\0\0\0\x01" + b"\0\0\0\x0astreamtype" + b"\0\0\0\x05error"


@given(st.integers(min_value=1, max_value=40))
def test_frames_may_come_in_any_pieces(size: int) -> None:
    reply = zlib.compressobj(zdict=DICTIONARY)
    headers = reply.compress(struct.pack(">I", 0)) + reply.flush(zlib.Z_SYNC_FLUSH)
    data = (
        control(2, struct.pack(">I", 1) + headers)
        + Session.data(1, b"hello")
        + control(6, struct.pack(">I", 7))
        + control(3, struct.pack(">II", 3, 5))
        + Session.data(1, b"", end=True)
        + control(7, bytes(8))
    )
    session = Session()
    events = []
    for at in range(0, len(data), size):
        events += session.receive(data[at : at + size])

    assert events == [Replied(1), Data(1, b"hello"), Reset(3, 5), Closed(1), Gone()]
    assert bytes(session.replies) == control(6, struct.pack(">I", 7))
