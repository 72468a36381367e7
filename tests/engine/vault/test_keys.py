"""Keys show themselves nowhere: not printed, formatted, pickled, copied, logged or in an exception."""

import copy
import json
import logging
import os
import pickle
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from engine.vault import Keys, Source

REPOSITORY = Path(__file__).resolve().parents[3]
SECRET = "AIzaPLANTED0123456789abcdefghijklmnopqr"

pytestmark = pytest.mark.security


@pytest.fixture
def keys() -> Keys:
    return Keys("gemini", {"key": SECRET}, Source.REQUEST)


def test_the_secret_is_given_to_who_asks_by_name(keys: Keys) -> None:
    assert keys["key"] == SECRET and keys.secrets() == (SECRET,) and keys.last4 == SECRET[-4:]
    assert "key" in keys and "other" not in keys


def test_no_text_of_it_holds_the_secret(keys: Keys, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("test").debug("%s %r", keys, keys)
    texts = [repr(keys), str(keys), f"{keys}", f"{keys!r:>80}", f"{keys:>50}", "{}".format(keys), "%s" % keys, caplog.text]  # noqa: UP031, UP032
    texts += [repr([keys]), repr({"k": keys})]
    assert not any(SECRET[:8] in text or SECRET[-4:] in text for text in texts)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_it_cannot_be_pickled(keys: Keys, protocol: int) -> None:
    with pytest.raises(TypeError):
        pickle.dumps(keys, protocol)


def test_it_cannot_be_copied_or_turned_into_json(keys: Keys) -> None:
    for attempt in (copy.copy, copy.deepcopy, json.dumps, vars):
        with pytest.raises(TypeError) as caught:
            attempt(keys)
        assert SECRET not in str(caught.value)


def test_exceptions_with_it_in_hand_show_nothing(keys: Keys) -> None:
    with pytest.raises(KeyError) as caught:
        keys["password"]
    said = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert SECRET not in said and "password" in said


def test_of_a_short_secret_nothing_is_shown() -> None:
    assert Keys("openai", {"key": "elevenchars"}, Source.FILE).last4 == ""


@pytest.mark.security
@pytest.mark.skipif(sys.platform == "win32", reason="this system knows no such limit")
def test_a_crash_leaves_no_image_of_a_process_that_holds_keys(tmp_path: Path) -> None:
    program = (
        "import os, resource; from engine.vault import KeyStore\n"
        "before = resource.getrlimit(resource.RLIMIT_CORE)\n"
        "resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))\n"
        "KeyStore().keys_for('gemini')\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True); os.abort()"
    )
    environ = {**os.environ, "GEMINI_API_KEY": "AIza" + "x" * 35, "PATCHREEL_HOME": str(tmp_path)}
    ended = subprocess.run([sys.executable, "-c", program], env=environ, cwd=REPOSITORY, capture_output=True, text=True)
    assert ended.returncode < 0 and ended.stdout.strip() == "0" and not list(tmp_path.rglob("core*"))
