import pytest

from kubepy.base.files import replace_link, write_file, write_secret


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "deep" / "a.conf"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two" and path.stat().st_mode & 0o777 == 0o644
    write_secret(path, b"three")
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_written_leaves_nothing(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(OSError):
        write_file(tmp_path / "a", b"one")
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_link_is_led_elsewhere_in_one_step(tmp_path):
    link = tmp_path / "a"
    for target in ("/one", "/two"):
        replace_link(link, target)
        assert str(link.readlink()) == target
    (tmp_path / ".a.new").symlink_to("/left by a writer that died")
    replace_link(link, "/three")
    assert str(link.readlink()) == "/three"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]
