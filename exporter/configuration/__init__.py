"""The configuration: one YAML file, read strictly, checked completely, turned into frozen objects."""

from exporter.configuration.drift import Drift, Psi
from exporter.configuration.editor_schema import SCHEMA_FILE, json_schema, schema_text
from exporter.configuration.loading import Loaded, load, parse
from exporter.configuration.logs import Fields, LabelFields, LabelLog, PredictionLog, Reference, ReferenceFields
from exporter.configuration.problem import ConfigurationError, Problem, Severity
from exporter.configuration.schema import Configuration, FeatureOverride, Model
from exporter.configuration.sections import Info, Limits, Storage
from exporter.configuration.windows import Window

__all__ = [
    "SCHEMA_FILE",
    "Configuration",
    "ConfigurationError",
    "Drift",
    "FeatureOverride",
    "Fields",
    "Info",
    "LabelFields",
    "LabelLog",
    "Limits",
    "Loaded",
    "Model",
    "PredictionLog",
    "Problem",
    "Psi",
    "Reference",
    "ReferenceFields",
    "Severity",
    "Storage",
    "Window",
    "json_schema",
    "load",
    "parse",
    "schema_text",
]
