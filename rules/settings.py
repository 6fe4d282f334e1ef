"""What differs from one installation to the next; the committed files are made with the defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Settings:
    """Jobs as the scrape configuration names them (regular expressions where several exporters bring the same metrics).

    ``instances`` says what several exporters of one model are: ``replicas`` read the same logs, so their counters must
    not be added up; ``shards`` read a part each (a sidecar in every pod), so they must be. ``scrape_interval`` and
    ``evaluation_interval`` are seconds; a rate needs four scrapes.
    """

    job: str = "driftbell"
    prometheus_job: str = "prometheus"
    alertmanager_job: str = "alertmanager"
    containers_job: str = "cadvisor|kubelet"
    machines_job: str = "node|node-exporter"
    accelerators_job: str = "dcgm|dcgm-exporter|gpu"
    inference_job: str = "triton|vllm|inference"
    instances: Literal["replicas", "shards"] = "replicas"
    scrape_interval: int = 15
    evaluation_interval: int = 60
    runbooks: str = "https://runbooks.example.com/driftbell"
    dashboards: str = "https://grafana.example.com"

    @property
    def across(self) -> str:
        """The aggregation that makes a model's counters of those of its exporters."""
        return "sum" if self.instances == "shards" else "max"


DEFAULT = Settings()
