"""What Spark needs on this machine, and a clear error where it is missing."""

from __future__ import annotations

import os
import shutil
from importlib.util import find_spec

from tagger.errors import RunError
from tagger.messages import N_, _, joined

__all__ = ["require_java", "require_pyspark"]

_PACKAGES = ("pyspark", "pyarrow", "pandas")


def require_pyspark() -> None:
    """Check that the packages of the extra `spark` are installed; Spark asks for pandas, though nothing here uses it.

    Raises:
        RunError: when one is missing.
    """
    if missing := [name for name in _PACKAGES if find_spec(name) is None]:
        packages = joined(missing, N_("{first} and {second}"))
        raise RunError(_("tagging on Spark needs {packages}: pip install 'tagger-zh[spark]'", packages=packages))


def require_java() -> None:
    """Check that there is a Java to start Spark with.

    Raises:
        RunError: when Spark would not find one, in JAVA_HOME or on the PATH.
    """
    home = os.environ.get("JAVA_HOME")
    if shutil.which("java", path=os.path.join(home, "bin") if home else None) is None:  # noqa: PTH118 - a search path
        raise RunError(_(_NOT_IN_HOME if home else _NOT_ON_PATH, home=home))


_NOT_IN_HOME = N_(
    "Spark needs Java 17 or later, and there is none in JAVA_HOME, {home}: install one (on Debian: apt-get install "
    "default-jre-headless), or let JAVA_HOME name its folder"
)
_NOT_ON_PATH = N_(
    "Spark needs Java 17 or later, and there is none on the PATH: install one (on Debian: apt-get install "
    "default-jre-headless), or let JAVA_HOME name its folder"
)
