"""The package's version, also where it runs from a source tree."""

from importlib import metadata

try:
    __version__ = metadata.version("callscope")
except metadata.PackageNotFoundError:
    __version__ = "0.1.0"
