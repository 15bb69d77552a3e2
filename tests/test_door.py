import subprocess
import sys

import pytest

import tagger


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=True)
    assert done.stderr == ""
    return done.stdout


def test_the_door_shows_these_names_and_no_others() -> None:
    assert set(tagger.__all__) == {
        "Article",
        "Contribution",
        "DataError",
        "DecodeError",
        "Example",
        "Explanation",
        "FormatError",
        "ModelError",
        "Paragraph",
        "Problem",
        "RunError",
        "Settings",
        "SettingsError",
        "Tag",
        "TaggedParagraph",
        "Tagger",
        "TaggerError",
        "Topic",
        "evaluate",
        "load",
        "split_paragraphs",
        "train",
    }
    assert all(hasattr(tagger, name) for name in tagger.__all__)
    assert set(tagger.__all__) <= set(dir(tagger))


def test_a_name_that_does_not_exist_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'trian'"):
        _ = tagger.trian


def test_a_process_that_only_tags_loads_no_training_library() -> None:
    code = (
        "import sys, tagger\n"
        "assert tagger.load().tag('民警抓获嫌疑人。').topics\n"
        "print(sorted({'sklearn', 'scipy', 'jieba', 'pandas', 'joblib', 'rich', 'click'} & set(sys.modules)))"
    )
    assert run(code) == "[]\n"


def test_the_tag_command_loads_no_training_library_either() -> None:
    code = (
        "import sys\nfrom tagger.cli import main\n"
        "main(['tag', '--help'], standalone_mode=False)\n"
        "print(sorted({'sklearn', 'scipy', 'jieba', 'pandas', 'joblib', 'rich'} & set(sys.modules)))"
    )
    assert run(code).endswith("\n[]\n")


def test_importing_is_silent_and_leaves_the_random_state_alone() -> None:
    code = (
        "import logging, random\nstate = random.getstate()\n"
        "import tagger\nprint(random.getstate() == state, logging.getLogger().handlers)"
    )
    assert run(code) == "True []\n"
