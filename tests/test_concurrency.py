"""One tagger, many at once: threads, processes however they are started, asyncio; all get the same answers."""

import asyncio
import multiprocessing
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import tagger

THREADS = 16


def answers(model: tagger.Tagger, texts: list[str]) -> Any:
    """Return what a tagger says in all of its ways."""
    return (
        [model.tag(text) for text in texts],
        list(model.tag_many(texts)),
        model.predict_proba(texts).tolist(),
        model.predict(texts),
        model.explain(texts[0][:200]),
    )


_inherited: list[tagger.Tagger] = []


def inherited_answers(texts: list[str]) -> Any:
    return answers(_inherited[0], texts)


@pytest.fixture(scope="module")
def expected(shipped: tagger.Tagger, seed_texts: list[str]) -> Any:
    return answers(shipped, seed_texts)


@pytest.mark.parametrize("rounds", [1, pytest.param(20, marks=pytest.mark.full)])
def test_threads_that_all_begin_at_once_get_the_same(seed_texts: list[str], expected: Any, rounds: int) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # as under load: threads take turns a hundred times as often
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            for _ in range(rounds):
                # Nothing of a fresh tagger has been computed: all threads come upon that together.
                model, ready = tagger.load(), threading.Barrier(THREADS)

                def ask(model: tagger.Tagger = model, ready: threading.Barrier = ready) -> Any:
                    ready.wait()
                    return answers(model, seed_texts)

                found = [pool.submit(ask) for _ in range(THREADS)]
                assert all(future.result() == expected for future in found)
    finally:
        sys.setswitchinterval(before)


@pytest.mark.full
@pytest.mark.parametrize("way", sorted(set(multiprocessing.get_all_start_methods()) & {"spawn", "forkserver"}))
def test_processes_that_a_tagger_is_sent_to_get_the_same(
    way: str, shipped: tagger.Tagger, seed_texts: list[str], expected: Any
) -> None:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(way)) as pool:
        assert all(found == expected for found in pool.map(answers, [shipped] * 2, [seed_texts] * 2))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_fork_in_the_midst_of_tagging_gets_the_same(
    shipped: tagger.Tagger, seed_texts: list[str], expected: Any
) -> None:
    _inherited[:] = [shipped]
    stop = threading.Event()

    def keep_tagging() -> None:
        while not stop.is_set():
            shipped.predict(seed_texts)

    thread = threading.Thread(target=keep_tagging)
    thread.start()
    try:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
            assert all(found == expected for found in pool.map(inherited_answers, [seed_texts] * 4, timeout=60))
    finally:
        stop.set()
        thread.join()


@pytest.mark.full
def test_tasks_of_asyncio_get_the_same(shipped: tagger.Tagger, seed_texts: list[str], expected: Any) -> None:
    async def ask() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(answers, shipped, seed_texts) for _ in range(THREADS)))

    assert all(found == expected for found in asyncio.run(ask()))


def test_a_folder_that_is_loaded_by_many_at_once_is_the_same(model: Path) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        loaded = list(pool.map(tagger.load, [model] * THREADS))
    assert len({tuple(found.thresholds.items()) for found in loaded}) == 1
