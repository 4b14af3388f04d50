"""Merging into a user's kubeconfig: our entries come and go, everything else stays."""

import os
import threading

import pytest
import yaml

from kubepy.cluster import kubeconfig
from kubepy.cluster.kubeconfig import Entry, KubeconfigError

ENTRY = Entry("c1", "https://127.0.0.1:6443", b"CA", "kubernetes-admin", b"CERT", b"KEY")
MINE = kubeconfig.renamed(kubeconfig.dump(kubeconfig.document(ENTRY)), "kubepy")
THEIRS = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "work", "cluster": {"server": "https://work", "odd": 1}}],
    "users": [{"name": "me", "user": {"exec": {"command": "login"}}}],
    "contexts": [{"name": "work", "context": {"cluster": "work", "user": "me"}}],
    "current-context": "work",
    "preferences": {"colors": True},
    "extensions": [{"name": "x", "extension": {"y": [1, 2]}}],
}


def test_a_document_names_its_context_as_kubeadm_does():
    document = kubeconfig.document(ENTRY)
    assert document["current-context"] == "kubernetes-admin@c1"
    assert document["clusters"][0]["cluster"]["certificate-authority-data"] == "Q0E="


def test_a_renamed_one_has_one_name_for_all():
    assert MINE["current-context"] == "kubepy"
    assert MINE["contexts"] == [
        {"name": "kubepy", "context": {"cluster": "kubepy", "user": "kubepy"}}
    ]
    assert MINE["users"][0]["name"] == MINE["clusters"][0]["name"] == "kubepy"


def test_merging_keeps_what_is_theirs():
    result = kubeconfig.merged(MINE, THEIRS)
    assert [c["name"] for c in result["clusters"]] == ["work", "kubepy"]
    assert result["current-context"] == "kubepy"
    assert result["preferences"] == {"colors": True} and result["extensions"]
    assert kubeconfig.merged(MINE, result) == result


def test_removing_leaves_what_was_there_before():
    left = kubeconfig.without("kubepy", kubeconfig.merged(MINE, THEIRS))
    assert left == {**THEIRS, "current-context": ""}


def test_removing_leaves_their_choice_of_context():
    chosen = {**kubeconfig.merged(MINE, THEIRS), "current-context": "work"}
    assert kubeconfig.without("kubepy", chosen) == THEIRS


@pytest.mark.parametrize(
    ("existing", "written"),
    [((), "c"), (("b", "c"), "b"), (("a",), "a")],
    ids=["none exists: the last", "the first that exists", "the first"],
)
def test_where_a_new_entry_goes(tmp_path, existing, written):
    for name in existing:
        (tmp_path / name).touch()
    listed = os.pathsep.join(str(tmp_path / name) for name in ("a", "b", "c"))
    files = kubeconfig.files({"KUBECONFIG": listed})
    assert kubeconfig.file_to_write(files) == tmp_path / written


def test_without_the_variable_it_is_the_users_own(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kubeconfig.files({}) == [tmp_path / ".kube" / "config"]


def test_into_a_file_and_out_of_it(tmp_path):
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(THEIRS))
    path.chmod(0o640)
    kubeconfig.merge_into(path, MINE)
    assert path.stat().st_mode & 0o777 == 0o640
    assert kubeconfig.has_context(path, "kubepy") and kubeconfig.has_context(path, "work")
    assert not kubeconfig.has_context(tmp_path / "none", "kubepy")
    assert kubeconfig.remove_from(path, "kubepy")
    assert yaml.safe_load(path.read_text()) == {**THEIRS, "current-context": ""}
    assert not kubeconfig.remove_from(path, "kubepy")
    assert [p.name for p in tmp_path.iterdir()] == ["config"]


def test_a_file_that_was_ours_alone_goes(tmp_path):
    path = tmp_path / ".kube" / "config"
    kubeconfig.merge_into(path, MINE)
    assert path.stat().st_mode & 0o777 == 0o600
    assert kubeconfig.remove_from(path, "kubepy") and not path.exists()


def test_a_link_stays_a_link(tmp_path):
    real, link = tmp_path / "real", tmp_path / "config"
    real.write_text(yaml.safe_dump(THEIRS))
    link.symlink_to(real)
    kubeconfig.merge_into(link, MINE)
    assert link.is_symlink() and "kubepy" in real.read_text()


def test_many_at_once_lose_nothing(tmp_path):
    path = tmp_path / "config"
    content = kubeconfig.dump(kubeconfig.document(ENTRY))
    threads = [
        threading.Thread(
            target=kubeconfig.merge_into, args=(path, kubeconfig.renamed(content, f"c{n}"))
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    names = {c["name"] for c in yaml.safe_load(path.read_text())["contexts"]}
    assert names == {f"c{n}" for n in range(8)}


@pytest.mark.parametrize("text", ["[1]", "a: [", "just words"])
def test_what_is_no_kubeconfig_is_left_alone(tmp_path, text):
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(KubeconfigError, match=str(path)):
        kubeconfig.merge_into(path, MINE)
    assert path.read_text() == text and not (tmp_path / "config.lock").exists()
