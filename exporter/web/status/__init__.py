"""The pages for people at ``/``: how every model is at present, from what Prometheus is shown, without Grafana.

Made when somebody asks, from the published page, the worker's own samples and, for distributions, the worker's answer.
From there on it goes one way: figures, judgements (``judging``), drawings and sections of a page, the page.
"""
