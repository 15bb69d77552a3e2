"""A file that is replaced is whole at every moment."""

import os
from pathlib import Path

import pytest

from tagger.errors import RunError
from tagger.files import atomic_file


def test_a_file_takes_its_place_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    with atomic_file(path) as file:
        file.write(b"new")
        assert not path.exists()
    assert path.read_bytes() == b"new"
    assert [*tmp_path.iterdir()] == [path]


def test_what_was_there_stays_where_something_goes_wrong(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(b"old")
    with pytest.raises(TypeError), atomic_file(path) as file:
        file.writelines([b"new", "no bytes"])  # type: ignore[list-item]  # that is what goes wrong
    assert path.read_bytes() == b"old"
    assert [*tmp_path.iterdir()] == [path]


def test_access_rights_stay_and_a_link_is_written_through(tmp_path: Path) -> None:
    path, link = tmp_path / "labels.csv", tmp_path / "link.csv"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    with atomic_file(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_draft_that_a_killed_process_left_is_written_anew(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    (tmp_path / ".labels.csv.draft").write_bytes(b"half of something long")
    with atomic_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"


def test_two_do_not_write_one_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    with atomic_file(path) as file:
        with pytest.raises(RunError, match="another process is writing it"), atomic_file(path):
            pass
        file.write(b"first")
    assert path.read_bytes() == b"first"


def test_what_another_finished_meanwhile_is_no_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, draft = tmp_path / "labels.csv", tmp_path / ".labels.csv.draft"
    draft.write_bytes(b"of another")
    usual, seen = os.fstat, list[int]()

    def finish_first(descriptor: int) -> os.stat_result:
        found = usual(descriptor)
        if not seen:
            seen.append(descriptor)
            draft.rename(tmp_path / "other.csv")
            draft.write_bytes(b"")
        return found

    monkeypatch.setattr(os, "fstat", finish_first)
    with atomic_file(path) as file:
        file.write(b"new")
    assert path.read_bytes() == b"new"
    assert (tmp_path / "other.csv").read_bytes() == b"of another"


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with (
        pytest.raises(RunError, match=r"nowhere.labels\.csv: cannot be written"),
        atomic_file(tmp_path / "nowhere/labels.csv"),
    ):
        pass
