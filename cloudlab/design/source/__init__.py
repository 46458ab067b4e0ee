"""YAML as people write it: plain values that remember their lines, and nothing unsafe."""

from cloudlab.design.source.core import CoreDumper, Scalar
from cloudlab.design.source.read import Source, source_of, text_of
from cloudlab.design.source.values import Value

__all__ = ["CoreDumper", "Scalar", "Source", "Value", "source_of", "text_of"]
